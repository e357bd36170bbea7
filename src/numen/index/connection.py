"""One connection to the catalog's file: statements one at a time, and what SQLite's errors mean for a collection."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numen.errors import CollectionError, DamagedError, ReadOnlyError, WriterBusy
from numen.index.schema import FILE_NAME

__all__ = ["PATIENCE_MS", "Connection", "file_identity", "file_stamp", "uri_of"]

PATIENCE_MS = 5_000
"""How long a read or a commit waits for another process's checkpoint."""


class Connection:
    """A connection that the threads of a process share under a lock; it sees the last commit.

    What SQLite reports comes out as a CollectionError of the fitting kind.
    """

    def __init__(self, uri: str, path: Path | None) -> None:
        """uri: what SQLite is to open. path: the folder of the collection, absolute; None in memory."""
        self.path = path
        self._lock = threading.RLock()
        self._at_rest: tuple[int, ...] | None = None
        try:
            self._connection = sqlite3.connect(
                uri, uri=True, check_same_thread=False, isolation_level=None, timeout=PATIENCE_MS / 1000
            )
        except sqlite3.Error as error:
            raise self._meaning(error) from error

    def close(self) -> None:
        """Let go of the file; again, it does nothing."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other thread's statement in between."""
        with self._lock:
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view for several reads, and no other thread in between."""
        with self._lock:
            nested = self._connection.in_transaction
            if not nested:
                self._run("BEGIN")
            try:
                yield
            finally:
                if not nested and self._connection.in_transaction:
                    self._run("ROLLBACK")

    def _run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows that a statement gives."""
        with self._lock:
            if self._at_rest is not None and self.path is not None and file_stamp(self.path) != self._at_rest:
                raise CollectionError(f"{self.path} was written since it was opened; open it again")
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._meaning(error) from error
            except UnicodeDecodeError as error:  # of SQLite's own message, which quotes what is damaged
                raise DamagedError(f"{self._file} is not a readable catalog: its schema is no UTF-8") from error

    def _run_each(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of the values."""
        with self._lock:
            try:
                self._connection.executemany(sql, values)
            except sqlite3.Error as error:
                raise self._meaning(error) from error

    def _meaning(self, error: sqlite3.Error) -> CollectionError:
        """What an error of SQLite means for a collection, by its primary code."""
        where = self._file
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return WriterBusy(self._busy())
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return ReadOnlyError(f"cannot write {where}: {error}")
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return CollectionError(f"cannot read or write {where}: {error}; the last commit is as it was")
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:
                return DamagedError(
                    f"{where} is not a readable catalog: {error}. Restore the folder from a copy, "
                    f"save what can be saved with `numen check --repair`, or index anew"
                )
        if "decode" in str(error):  # text that is no UTF-8, which has no code
            return DamagedError(f"{where} is not as it was written: {error}")
        if isinstance(error, sqlite3.ProgrammingError):
            return CollectionError(f"{where} is closed; open the collection again")
        return CollectionError(f"{where}: {error}")

    @property
    def _file(self) -> str:
        """What errors call this catalog."""
        return "this collection in memory" if self.path is None else str(self.path / FILE_NAME)

    def _busy(self) -> str:
        where = self.path or "this collection in memory"
        return f"{where} is being written by another process or thread; try again when it has finished"


def uri_of(folder: Path, mode: str) -> str:
    """What SQLite takes to open the catalog of `folder`."""
    return f"{(folder / FILE_NAME).absolute().as_uri()}?mode={mode}"


def file_identity(folder: Path) -> tuple[int, int]:
    """Which file the catalog of `folder` is; (0, 0) if there is none."""
    try:
        file = (folder / FILE_NAME).stat()
    except OSError:
        return 0, 0
    return file.st_dev, file.st_ino


def file_stamp(folder: Path) -> tuple[int, ...]:
    """What changes when the catalog is written: its time and size, and last the size of the log of late commits."""
    main = (folder / FILE_NAME).stat()
    log = folder / f"{FILE_NAME}-wal"
    return main.st_mtime_ns, main.st_size, log.stat().st_size if log.exists() else 0
