"""What a `create` leaves behind that was killed before its commit: nothing that could be lost."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from numen.errors import CollectionError
from numen.index.connection import Connection, uri_of
from numen.index.schema import FILE_NAME

__all__ = ["PROBE", "is_unmade"]

PROBE = ".numen-probe"
"""A file that is made and removed, to see that the folder can be written."""

LEFT = {PROBE, *(f"{FILE_NAME}{end}" for end in ("", "-wal", "-shm", "-journal"))}
"""All files that there may be before the first commit; the note of the last one is written after it."""


def is_unmade(folder: Path) -> bool:
    """Whether the folder holds nothing but a catalog without a table, or what SQLite and numen put beside it."""
    names = {one.name for one in folder.iterdir()}
    if not names <= LEFT:
        return False
    if FILE_NAME not in names:
        return names <= {PROBE}
    try:
        with closing(Connection(uri_of(folder, "rw"), folder)) as catalog:
            return bool(catalog._run("SELECT count(*) FROM sqlite_master") == [(0,)])
    except CollectionError:
        return False
