"""What a new collection is to be made of, and what an old one was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from numen.encode import DEFAULT, Encoder, encoder_from_json, parse_encoder
from numen.encode.of_model import Settling
from numen.errors import EncoderMismatch, OptionError, nearest
from numen.index.catalog import Catalog
from numen.search.store import Store, make_empty

__all__ = ["FIELDS", "Parts", "create_parts", "named_encoder", "open_parts"]

FIELDS = ("title", "text")
"""What an encoder may see of a document."""

Parts: TypeAlias = tuple[Store, dict[str, Encoder], tuple[str, ...]]
"""What a collection consists of: its store, each leg's encoder by name, the fields that encoders see."""


def create_parts(path: str | Path | None, legs: Mapping[str, str | Encoder] | None, fields: Sequence[str]) -> Parts:
    """A new collection's parts, in the folder `path` or in memory. Errors as `Collection.create` says."""
    given = legs if legs is not None else {"words": DEFAULT}
    encoders = {name: named_encoder(name, leg) for name, leg in given.items()}
    if not encoders:
        raise OptionError(f"a collection needs at least one leg, such as {{'words': {DEFAULT!r}}}")
    for name in fields:
        if name not in FIELDS:
            raise OptionError(f"unknown field {name!r}; {nearest(str(name), FIELDS)}")
    if not fields or len(set(fields)) < len(fields):
        raise OptionError(f"fields is {tuple(fields)!r}; name title, text or both, each once")
    encoders = {name: one.settled() if isinstance(one, Settling) else one for name, one in encoders.items()}
    folder = None if path is None else Path(path)
    if folder is not None:
        make_empty(folder)
    settings = {"fields": list(fields), "legs": {name: encoder.to_json() for name, encoder in encoders.items()}}
    return Store(Catalog.create(folder, settings)), encoders, tuple(fields)


def open_parts(path: str | Path, legs: Mapping[str, str | Encoder] | None, *, read_only: bool) -> Parts:
    """The parts of the collection in the folder `path`. Errors as `Collection.open` says."""
    catalog = Catalog.open(Path(path), read_only=read_only)
    try:
        encoders = {name: encoder_from_json(data) for name, data in catalog.setting("legs").items()}
        for name, leg in (legs or {}).items():
            wanted = named_encoder(name, leg)
            if name not in encoders:
                raise EncoderMismatch(f"{path} has no leg {name!r}; {nearest(name, encoders)}")
            known = encoders[name]
            taken = known.opened_as(wanted) if isinstance(known, Settling) and type(known) is type(wanted) else None
            if taken is not None:
                encoders[name] = taken
            elif known != wanted:
                raise EncoderMismatch(
                    f"leg {name!r} of {path} was made with {encoders[name].spec!r}, not with {wanted.spec!r}; "
                    f"search it with what it was made with, or index the documents anew"
                )
        store = Store(catalog)
        if not read_only:
            store.sweep()
        return store, encoders, tuple(catalog.setting("fields"))
    except BaseException:
        catalog.close()
        raise


def named_encoder(name: str, leg: str | Encoder) -> Encoder:
    """The encoder of a leg of this name; OptionError for an unfit one of either."""
    if not name or not all(c.isascii() and (c.isalnum() or c in "_-") for c in name):
        raise OptionError(f"leg name {name!r}; use letters, digits, _ and - (it names files)")
    return parse_encoder(leg) if isinstance(leg, str) else leg
