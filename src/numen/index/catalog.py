"""The SQLite file that says which segments and documents are alive; its commit is the collection's commit."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.errors import DamagedError, FormatError, NotACollection, ReadOnlyError, WriterBusy
from numen.types import JSON, Document

__all__ = ["FILE_NAME", "FORMAT", "Catalog", "SegmentEntry", "Stored"]

FORMAT = 1
"""The version of everything on disk; docs/FORMAT.md describes each."""

FILE_NAME = "catalog.sqlite"

PATIENCE_MS = 5_000
"""How long a read or a commit waits for another process's checkpoint; a second writer does not wait at all."""

Stored: TypeAlias = tuple[str, str, str, Mapping[str, JSON]]
"""A document as the catalog keeps it: id, title, text, metadata."""

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE segments (number INTEGER PRIMARY KEY, documents INTEGER NOT NULL, checksum INTEGER NOT NULL,
                       dead BLOB NOT NULL);
CREATE TABLE documents (key INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
                        metadata TEXT NOT NULL, alive INTEGER NOT NULL);
CREATE UNIQUE INDEX document_ids ON documents (id) WHERE alive;
"""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A row of the table of segments; dead: uint16, ascending numbers of its dead documents."""

    number: int
    documents: int
    checksum: int
    dead: NDArray[np.uint16]


class Catalog:
    """One connection to the catalog, shared by the threads of a process under a lock; it sees the last commit.

    `writing()` holds SQLite's write lock from its start to its end, so a second writer, in this process or another,
    gets WriterBusy at once.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.path = path

    @classmethod
    def create(cls, folder: Path | None, settings: Mapping[str, JSON]) -> Catalog:
        """A new catalog in `folder` (made by the caller), or in memory."""
        catalog = cls(_connect(":memory:" if folder is None else str(folder / FILE_NAME)), folder)
        run = catalog._connection.execute
        if folder is not None:
            run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("BEGIN IMMEDIATE")
        for statement in SCHEMA.split(";"):
            run(statement)
        first = {"format": FORMAT, "generation": 0, "next_key": 1, "next_segment": 1}
        for name, value in {**settings, **first}.items():
            run("INSERT INTO settings VALUES (?, ?)", (name, json.dumps(value, sort_keys=True)))
        run("COMMIT")
        return catalog

    @classmethod
    def open(cls, folder: Path, *, read_only: bool) -> Catalog:
        """The catalog of a folder. Raises NotACollection, FormatError (a newer format) or DamagedError."""
        path = folder / FILE_NAME
        if not path.is_file():
            what = "no such folder" if not folder.exists() else f"it holds no {FILE_NAME}"
            raise NotACollection(
                f"{folder} is not a numen collection ({what}); make one with `numen index SOURCE --into {folder}`"
            )
        try:
            catalog, version = cls._open_file(folder, path, read_only)
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"{path} is not a readable catalog: {error}") from None
        except KeyError as error:
            raise DamagedError(f"{path} is not a readable catalog: it has no setting {error}") from None
        if not isinstance(version, int) or version > FORMAT or version < 1:
            catalog.close()
            raise FormatError(
                f"{folder} has format {version!r}; this numen reads formats 1 to {FORMAT}. Install a newer numen to open it"
            )
        return catalog

    @classmethod
    def _open_file(cls, folder: Path, path: Path, read_only: bool) -> tuple[Catalog, JSON]:
        uri = path.resolve().as_uri()
        # A folder that cannot be written cannot hold SQLite's shared-memory file; nobody else writes there either.
        for mode in ("?mode=ro" if read_only else "?mode=rw", "?mode=ro"):
            catalog = cls(_connect(uri + mode), folder)
            try:
                return catalog, catalog.setting("format")
            except sqlite3.OperationalError:
                catalog.close()
        catalog = cls(_connect(uri + "?mode=ro&immutable=1"), folder)
        return catalog, catalog.setting("format")

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        with self._lock:
            self._connection.close()

    def setting(self, name: str) -> JSON:
        """The value of a setting; KeyError if there is none of that name."""
        with self._lock:
            row = self._connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return json.loads(row[0])

    def set(self, name: str, value: JSON) -> None:
        """Change a setting; on the catalog that `writing()` gave, as all that change anything below."""
        self._connection.execute("UPDATE settings SET value = ? WHERE name = ?", (json.dumps(value), name))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view for several reads, and no other thread in between."""
        with self._lock:
            nested = self._connection.in_transaction
            if not nested:
                self._connection.execute("BEGIN")
            try:
                yield
            finally:
                if not nested and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Catalog]:
        """The catalog to write to: what is done with it is committed at the end of the block, or not at all.

        On disk it has a connection of its own, so that this process goes on reading the last commit meanwhile; in
        memory there is but one, and other threads' reads wait. Raises WriterBusy if another writer is at work,
        ReadOnlyError where the file cannot be written.
        """
        if self.path is None:
            if not self._lock.acquire(blocking=False):
                raise WriterBusy(self._busy())
            try:
                if self._connection.in_transaction:
                    raise WriterBusy(self._busy())
                yield from self._transaction()
            finally:
                self._lock.release()
            return
        writer = Catalog(_connect((self.path / FILE_NAME).resolve().as_uri() + "?mode=rw"), self.path)
        try:
            yield from writer._transaction()
        finally:
            writer.close()

    def _transaction(self) -> Iterator[Catalog]:
        run = self._connection.execute
        try:
            run("PRAGMA synchronous = FULL")
            run("PRAGMA busy_timeout = 0")
            run("BEGIN IMMEDIATE")
            run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise WriterBusy(self._busy()) from None
            if "readonly" in str(error) or "unable to open" in str(error):
                raise ReadOnlyError(f"cannot write {self.path}: {error}") from None
            raise
        try:
            yield self
            self.set("generation", self.setting("generation") + 1)
            run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                run("ROLLBACK")
            raise

    def _busy(self) -> str:
        where = self.path or "this collection in memory"
        return f"{where} is being written by another process or thread; try again when it has finished"

    def shrink(self) -> None:
        """Give the file's free pages back, if no other connection is in the way."""
        if self.path is None:
            return
        with self._lock, suppress(sqlite3.OperationalError):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def take(self, name: str, count: int) -> int:
        """Reserve `count` consecutive numbers of a counter (next_key, next_segment); returns the first."""
        first = int(self.setting(name))
        self.set(name, first + count)
        return first

    def segments(self) -> list[SegmentEntry]:
        """All segments, by number."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT number, documents, checksum, dead FROM segments ORDER BY number"
            ).fetchall()
        return [SegmentEntry(n, d, c, np.frombuffer(dead, "<u2").astype(np.uint16)) for n, d, c, dead in rows]

    def add_segment(self, entry: SegmentEntry) -> None:
        self._connection.execute(
            "INSERT INTO segments VALUES (?, ?, ?, ?)",
            (entry.number, entry.documents, entry.checksum, entry.dead.astype("<u2").tobytes()),
        )

    def set_dead(self, number: int, dead: NDArray[np.uint16]) -> None:
        self._connection.execute(
            "UPDATE segments SET dead = ? WHERE number = ?", (dead.astype("<u2").tobytes(), number)
        )

    def remove_segments(self, numbers: Iterable[int]) -> None:
        self._connection.executemany("DELETE FROM segments WHERE number = ?", [(number,) for number in numbers])

    def insert(self, first_key: int, documents: Sequence[Document]) -> None:
        """Store documents under consecutive keys; ids must not be alive already."""
        dumps = json.dumps
        self._connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1)",
            [
                (first_key + i, d.id, d.title, d.text, dumps(d.metadata, ensure_ascii=False) if d.metadata else "{}")
                for i, d in enumerate(documents)
            ],
        )

    def living(self, ids: Sequence[str]) -> list[tuple[str, int]]:
        """(id, key) of those of `ids` that are alive, in no order."""
        with self._lock:
            return self._connection.execute(
                "SELECT id, key FROM documents WHERE alive AND id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            ).fetchall()

    def kill(self, keys: Sequence[int]) -> None:
        """Mark documents as dead; their text stays until their segments are merged, for readers of older commits."""
        self._connection.executemany("UPDATE documents SET alive = 0 WHERE key = ?", [(key,) for key in keys])

    def purge(self, keys: Sequence[int]) -> None:
        """Remove dead documents for good."""
        self._connection.executemany("DELETE FROM documents WHERE key = ? AND NOT alive", [(key,) for key in keys])

    def fetch(self, keys: Sequence[int]) -> dict[int, Stored]:
        """The stored documents of these keys, dead or alive."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT key, id, title, text, metadata FROM documents WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(list(keys)),),
            ).fetchall()
        return {key: (id_, title, text, json.loads(metadata)) for key, id_, title, text, metadata in rows}

    def count(self) -> int:
        """How many documents are alive."""
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM documents WHERE alive").fetchone()[0])

    def documents(self, batch: int = 1_000) -> Iterator[tuple[int, Stored]]:
        """(key, document) of every living document, by key, read in batches."""
        last = -1
        while True:
            with self._lock:
                rows: list[Any] = self._connection.execute(
                    "SELECT key, id, title, text, metadata FROM documents WHERE alive AND key > ? ORDER BY key LIMIT ?",
                    (last, batch),
                ).fetchall()
            if not rows:
                return
            for key, id_, title, text, metadata in rows:
                yield key, (id_, title, text, json.loads(metadata))
            last = rows[-1][0]

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong, one sentence each."""
        with self._lock:
            try:
                rows = self._connection.execute("PRAGMA integrity_check(20)").fetchall()
            except sqlite3.DatabaseError as error:
                return [f"the catalog cannot be read: {error}"]
        return [f"the catalog: {row[0]}" for row in rows if row[0] != "ok"]


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(
        name,
        uri=name.startswith("file:"),
        check_same_thread=False,
        isolation_level=None,
        timeout=PATIENCE_MS / 1000,
    )
