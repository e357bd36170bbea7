"""Which living documents have these ids: the catalog's index says so, and the segments, which are sealed, bear it out.

SQLite's pages have no checksums: a changed byte in its index over ids can make it miss a document, or name another one.
What it finds is held against the documents' rows; what it does not find, against the ids in the segments.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from numen.errors import DamagedError
from numen.index.document_rows import DocumentRows
from numen.index.files import sealed
from numen.index.known_ids import KnownIds
from numen.index.schema import FILE_NAME
from numen.index.segment import LiveSegment
from numen.search.store import Store

__all__ = ["key_of", "living_keys"]


def living_keys(
    catalog: DocumentRows,
    segments: Sequence[LiveSegment],
    ids: Sequence[str],
    killed: Container[int] = (),
    known: KnownIds | None = None,
) -> dict[str, int]:
    """The keys of the living documents that have any of these ids, by id.

    segments: those of the commit that `catalog` sees. killed: keys of documents that died since. known: saves looking
    into the segments for new ids. Raises DamagedError where index, rows and segments do not say the same.
    """
    found = dict(catalog.living(ids))
    missed = [id for id in dict.fromkeys(ids) if id not in found and isinstance(id, str)]
    if not missed or not segments:
        return found
    from numen.kernels.ids import hash_ids

    encoded = [id.encode("utf-8", "surrogatepass") for id in missed]
    blob = np.frombuffer(b"".join(encoded), np.uint8)
    starts = sealed(np.cumsum([0, *map(len, encoded)])).view(np.int64)
    hashes = hash_ids(blob, starts)
    if known is not None and not known.may_have(segments, hashes).any():
        return found
    for one in segments:
        docs = one.docs_of_ids(blob, starts, hashes)
        if docs.max() < 0:
            continue
        for place in np.flatnonzero(docs >= 0).tolist():
            if int(one.segment.doc_keys[docs[place]]) not in killed:
                raise DamagedError(
                    f"{catalog.path and catalog.path / FILE_NAME}: its index over ids misses document "
                    f"{missed[place]!r}; `numen check --repair` mends it"
                )
    return found


def key_of(store: Store, id: str) -> int | None:
    """The key of the living document of this id in the last commit, None if there is none; DamagedError as above.

    A document that is not found is looked for in the segments, which are read if they have not been as yet.
    """
    catalog = store.catalog
    found = catalog.living([id])
    while not found:
        snapshot = store.snapshot()
        with catalog.reading():
            if catalog.setting("generation") == snapshot.generation:
                return living_keys(catalog, snapshot.segments, [id]).get(id)
    return found[0][1] if found else None
