"""Which documents of a snapshot a filter keeps."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import DamagedError, OptionError, nearest
from numen.index.catalog import Catalog
from numen.index.segment import LiveSegment
from numen.search.columns import Column
from numen.search.condition import And, Compare, Exists, Field, Filter, In, IsNull, Leaf, Not, Or, leaves, shown
from numen.search.filter import parse_filter
from numen.search.snapshot import Kept, Snapshot
from numen.types import JSON

__all__ = ["Outdated", "keep", "metadata_of"]

MOST_FILTERS = 32
"""Results kept for a snapshot, 2 bytes a document each."""

MOST_COLUMNS = 64
"""Fields kept for a segment, 1 to 4 bytes a document each, and the values."""

MOST_NAMED = 20
"""Fields that the error for an unknown one names."""


class Outdated(Exception):
    """A document of the snapshot is no longer in the catalog: a later commit deleted it, and a merge removed it."""


def keep(snapshot: Snapshot, catalog: Catalog, where: str | Mapping[str, Any]) -> tuple[Kept, ...]:
    """What the filter keeps of each segment.

    Raises InputError for a filter that cannot be read; OptionError for a field that no document has, or that holds
    nothing of the type it is compared with; Outdated.
    """
    name = where if isinstance(where, str) else None
    known = snapshot.kept.get(name) if name is not None else None
    if known is not None:
        return known
    tree = parse_filter(where)
    name = name or repr(tree)
    known = snapshot.kept.get(name)
    if known is None:
        known = _keep(snapshot, catalog, tree)
        if len(snapshot.kept) >= MOST_FILTERS:
            snapshot.kept.clear()
        snapshot.kept[name] = known
    return known


def _keep(snapshot: Snapshot, catalog: Catalog, tree: Filter) -> tuple[Kept, ...]:
    conditions = list(leaves(tree))
    fields = list(dict.fromkeys(leaf.field for leaf in conditions))
    columns = [_columns(live, catalog, fields) for live in snapshot.segments]
    if any(live.n_alive for live in snapshot.segments):
        kinds = {
            field: set().union(
                *(part[field].kinds(live.dead) for live, part in zip(snapshot.segments, columns, strict=True))
            )
            for field in fields
        }
        for leaf in conditions:
            if not kinds[leaf.field]:
                raise _unknown(leaf.field, snapshot, catalog)
            _check_kinds(leaf, kinds[leaf.field])
    out = []
    for live, part in zip(snapshot.segments, columns, strict=True):
        mask = _holds(tree, part)
        mask[live.dead] = False
        out.append(Kept(np.flatnonzero(mask).astype(np.uint16), live.segment.n_docs))
    return tuple(out)


def _holds(tree: Filter, columns: Mapping[Field, Column]) -> NDArray[np.bool_]:
    """bool (n_docs): which documents of a segment the filter is true of."""
    match tree:
        case And(parts):
            mask = _holds(parts[0], columns)
            for part in parts[1:]:
                mask &= _holds(part, columns)
            return mask
        case Or(parts):
            mask = _holds(parts[0], columns)
            for part in parts[1:]:
                mask |= _holds(part, columns)
            return mask
        case Not(part):
            return ~_holds(part, columns)
        case _:
            return columns[tree.field].holds(tree)


def _columns(live: LiveSegment, catalog: Catalog, fields: Sequence[Field]) -> dict[Field, Column]:
    """The columns of these fields, from the segment's own store of them or from the catalog."""
    store: dict[Field, Column] = live.segment.columns
    out = {field: column for field in fields if (column := store.get(field)) is not None}
    missing = [field for field in fields if field not in out]
    if not missing:
        return out
    documents, whole = metadata_of(live, catalog)
    for field in missing:
        out[field] = column = Column.of(documents, field)
        # Fields that are not there would fill the store with whatever users ask for.
        if whole and column.codes.any():
            if len(store) >= MOST_COLUMNS:
                store.clear()
            store[field] = column
    return out


def metadata_of(live: LiveSegment, catalog: Catalog) -> tuple[list[JSON], bool]:
    """(each document's metadata, whether all were there); of a dead one that the catalog has dropped it is empty."""
    keys = live.segment.doc_keys
    texts = ["{}"] * len(keys)
    there = np.zeros(len(keys), bool)
    if len(keys):
        rows = catalog.metadata(int(keys.min()), int(keys.max()))
        at = live.segment.docs_of(np.array([key for key, _ in rows], np.int64)).tolist()
        for doc, (_, text) in zip(at, rows, strict=True):
            if doc >= 0:
                texts[doc] = text
                there[doc] = True
    if not (there | (live.dead_mask != 0)).all():
        raise Outdated
    try:
        documents = json.loads(f"[{','.join(texts)}]")
    except ValueError as error:
        raise DamagedError(
            f"the metadata of a document in segment {live.segment.number} is not JSON: {error}"
        ) from None
    return documents, bool(there.all())


def _check_kinds(leaf: Leaf, kinds: set[str]) -> None:
    """Raises OptionError where no document holds a value that could be compared with the condition's."""
    match leaf:
        case Compare(field, _, value):
            values: Sequence[Any] = (value,)
        case In(field, values, _):
            pass
        case IsNull() | Exists():
            return
    wanted = {
        "true or false" if isinstance(v, bool) else "strings" if isinstance(v, str) else "numbers": v for v in values
    }
    if wanted and not kinds.intersection(wanted):
        raise OptionError(
            f"{field} is compared with {' and '.join(map(shown, wanted.values()))}, but no document holds "
            f"{' or '.join(wanted)} there; it holds {' and '.join(sorted(kinds))}"
        )


def _unknown(field: Field, snapshot: Snapshot, catalog: Catalog) -> OptionError:
    """The error for a field that no living document has: it names the nearest ones that some have."""
    names: set[str] = set()
    for live in snapshot.segments:
        documents = metadata_of(live, catalog)[0]
        for doc in np.flatnonzero(live.dead_mask == 0).tolist():
            names.update(str(Field(path)) for path in _paths(documents[doc], ()))
    if not names:
        return OptionError(f"no document has the field {field}: none has any metadata")
    legal = sorted(names)
    if len(legal) > MOST_NAMED:
        legal = difflib.get_close_matches(str(field), legal, n=MOST_NAMED, cutoff=0.0)
    return OptionError(f"no document has the field {field}; {nearest(str(field), legal)}")


def _paths(value: JSON, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The names on the way to each value in an object, from outside in."""
    for name, inner in value.items():
        yield (*above, name)
        if isinstance(inner, dict):
            yield from _paths(inner, (*above, name))
