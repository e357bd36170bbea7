"""Make a damaged collection sound: what cannot be read goes, what follows from texts is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from numen.encode import Encoder, encoder_from_json, parse_encoder
from numen.errors import CollectionError, DamagedError, FormatError, NotACollection, ReadOnlyError, WriterBusy
from numen.index.catalog import Catalog
from numen.index.salvage import finish_salvage, salvage
from numen.index.schema import FILE_NAME
from numen.search.checking import problems
from numen.search.mending import mend
from numen.search.store import Store

__all__ = ["repair"]


def repair(
    path: str | Path, *, legs: Mapping[str, str | Encoder] | None = None, fields: Sequence[str] | None = None
) -> list[str]:
    """What was wrong with the collection in the folder `path`, and what became of it; none if it was sound.

    What is damaged in the index is made again from the stored texts. A document whose text or metadata is damaged is
    dropped, and so is one whose given vector is; the sentences name them by id. A catalog that is damaged is replaced
    by what can be read of it, and kept as catalog.sqlite.damaged1. The segments change in one commit, so a repair may
    be interrupted and begun again. Nobody else should have the collection open.

    legs, fields: as the collection was made; needed only where the catalog does not say it any more. Raises
    NotACollection, FormatError, ReadOnlyError, WriterBusy, and DamagedError where nothing can be saved.
    """
    folder = Path(path)
    finish_salvage(folder)
    salvaged = None
    if not _catalog_is_sound(folder):
        encoders = {name: parse_encoder(leg) if isinstance(leg, str) else leg for name, leg in (legs or {}).items()}
        made = {name: encoder.to_json() for name, encoder in encoders.items()}
        salvaged = salvage(folder, {"legs": made or None, "fields": list(fields) if fields else None})
    catalog = Catalog.open(folder, read_only=False)
    try:
        store = Store(catalog)
        encoders = {name: encoder_from_json(data) for name, data in catalog.setting("legs").items()}
        told = [*(salvaged.lost if salvaged else []), *_sweep(store)]
        if salvaged or problems(store, encoders):
            trusted = salvaged is None or salvaged.segments_known
            told += mend(store, encoders, catalog.setting("fields"), dead_known=trusted)
        if salvaged and not told:
            told.append(f"{folder / FILE_NAME} was damaged: made again from its rows, of which none is lost")
        if left := problems(store, encoders):
            raise DamagedError(f"{folder} could not be made sound: {left[0]}. Index the documents anew")
    finally:
        catalog.close()
    return told


def _catalog_is_sound(folder: Path) -> bool:
    """Whether the catalog can be read and says the same throughout; the segments are another matter."""
    try:
        catalog = Catalog.open(folder, read_only=False)
    except (NotACollection, FormatError, ReadOnlyError, WriterBusy):
        raise
    except CollectionError:
        return False
    try:
        if catalog.problems():
            return False
        for name in ("legs", "fields", "next_key", "next_segment"):
            catalog.setting(name)
        catalog.segments()
        return bool(len(catalog.keys()) == catalog.setting("living"))
    except DamagedError:
        return False
    finally:
        catalog.close()


def _sweep(store: Store) -> list[str]:
    """Remove what a crash left over in the folder of the segments."""
    if not store.strangers({entry.number for entry in store.catalog.segments()}):
        return []
    with store.catalog.writing() as writer:
        left = store.strangers({entry.number for entry in writer.segments()})
        store.drop(left)
    return [f"{store.folder(number)} was left over from a crash: removed" for number in left]
