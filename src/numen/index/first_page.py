"""The first page of a catalog says where its tables are, which is the same in all: another one's will do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from numen.errors import DamagedError
from numen.index.schema import statements

__all__ = ["readable"]

SIZE_AT = 28
"""Where the header has the number of pages, uint32 big-endian."""

LOG_MODE = b"\x02\x02"
"""What the header has at 18: that late commits are in a log of their own, which is copied along."""


@contextmanager
def readable(damaged: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """A connection in which the tables of the catalog at `path` have their names: `damaged`, open on it, or a copy's.

    Raises DamagedError if SQLite finds no table even with another catalog's first page.
    """
    if _has_tables(damaged):
        yield damaged
        return
    copy = path.with_name(f"{path.name}.copy")
    try:
        shutil.copyfile(path, copy)
        log = path.with_name(f"{path.name}-wal")
        if log.exists():
            shutil.copyfile(log, f"{copy}-wal")
        _put_first_page(copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as mended:
            if not _has_tables(mended):
                raise DamagedError(
                    f"{path} cannot be repaired: SQLite reads none of its tables. Restore the folder from a copy, or "
                    f"index the documents anew"
                )
            yield mended
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there under their names."""
    try:
        found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")}
    except (sqlite3.Error, UnicodeDecodeError):
        return False
    return found == set(statements())


def _put_first_page(path: Path) -> None:
    """Write the first page of a new catalog over that of `path`. Its list of free pages is empty, so none is used."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        for statement in statements():
            new.execute(statement)
        whole = bytes(new.serialize())
        page_size = new.execute("PRAGMA page_size").fetchone()[0]
    page = bytearray(whole[:page_size])
    page[18:20] = LOG_MODE
    page[SIZE_AT : SIZE_AT + 4] = (path.stat().st_size // page_size).to_bytes(4, "big")
    with path.open("r+b") as file:
        file.write(page)
