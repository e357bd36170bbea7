"""`numen compact`: the index rewritten as few, full segments without deleted documents."""

from __future__ import annotations

from numen.cli.options import Folder, Json, Memory
from numen.cli.output import console, counted, print_json, size

__all__ = ["compact"]


def compact(folder: Folder, memory: Memory = None, as_json: Json = False) -> None:
    """Rewrite a collection's index as few, full segments, without what was deleted."""
    from numen.search import Collection

    with Collection.open(folder) as collection:
        before = collection.info()
        collection.compact(memory=memory)
        after = collection.info()
    if as_json:
        print_json(
            {
                "path": str(folder),
                "documents": after.documents,
                "segments": after.segments,
                "segments_before": before.segments,
                "dropped": before.deleted - after.deleted,
                "bytes_index": after.bytes_index,
                "bytes_catalog": after.bytes_catalog,
            }
        )
        return
    out = console()
    out.print(
        f"{folder}: {counted(before.segments, 'segment')} before, {after.segments} now; "
        f"{counted(before.deleted - after.deleted, 'deleted document')} dropped",
        soft_wrap=True,
    )
    out.print(
        f"index {size(before.bytes_index)} before, {size(after.bytes_index)} now; "
        f"catalog {size(before.bytes_catalog)} before, {size(after.bytes_catalog)} now",
        soft_wrap=True,
    )
