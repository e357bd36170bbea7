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

from numen.errors import CollectionError, DamagedError, FormatError, NotACollection, ReadOnlyError, WriterBusy
from numen.types import JSON, Document

__all__ = ["FILE_NAME", "FORMAT", "Catalog", "SegmentEntry", "Stored"]

FORMAT = 1
"""The version of everything on disk; docs/FORMAT.md describes each."""

FILE_NAME = "catalog.sqlite"

PATIENCE_MS = 5_000
"""How long a read or a commit waits for another process's checkpoint."""

BRIEFLY_MS = 200
"""How long a second writer waits: past another's sweep or recovery, which take milliseconds, not past a write."""

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
    gets WriterBusy. What SQLite reports comes out as a CollectionError of the fitting kind.
    """

    def __init__(self, uri: str, path: Path | None) -> None:
        """uri: what SQLite is to open. path: the folder of the collection, absolute; None in memory."""
        self.path = path
        self._lock = threading.RLock()
        self._one_writer = threading.Lock()
        self._at_rest: tuple[int, ...] | None = None
        try:
            self._connection = sqlite3.connect(
                uri, uri=True, check_same_thread=False, isolation_level=None, timeout=PATIENCE_MS / 1000
            )
        except sqlite3.Error as error:
            raise self._meaning(error) from error

    @classmethod
    def create(cls, folder: Path | None, settings: Mapping[str, JSON]) -> Catalog:
        """A new catalog in `folder` (made by the caller), or in memory."""
        catalog = cls("file::memory:", None) if folder is None else cls(_uri(folder, "rwc"), folder.absolute())
        try:
            if folder is not None:
                catalog._run("PRAGMA journal_mode = WAL")
            catalog._run("PRAGMA synchronous = FULL")
            catalog._run("BEGIN IMMEDIATE")
            for statement in SCHEMA.split(";"):
                catalog._run(statement)
            first = {"format": FORMAT, "generation": 0, "next_key": 1, "next_segment": 1}
            for name, value in {**settings, **first}.items():
                catalog._run("INSERT INTO settings VALUES (?, ?)", (name, json.dumps(value)))
            catalog._run("COMMIT")
        except BaseException:
            catalog.close()
            raise
        return catalog

    @classmethod
    def open(cls, folder: Path, *, read_only: bool) -> Catalog:
        """The catalog of a folder. Raises NotACollection, FormatError (a newer format) or DamagedError."""
        path = folder / FILE_NAME
        if not path.is_file():
            there = f"it holds no {FILE_NAME}" if folder.is_dir() else "it is a file"
            what = there if folder.exists() else "no such folder"
            raise NotACollection(
                f"{folder} is not a numen collection ({what}); make one with `numen index SOURCE --into {folder}`"
            )
        try:
            catalog = cls._readable(folder, "ro" if read_only else "rw")
        except ReadOnlyError:
            # SQLite keeps a file of shared memory beside the catalog; where it cannot, nobody may write meanwhile.
            catalog = cls._readable(folder, "ro&immutable=1")
        try:
            version = catalog.setting("format")
            if not isinstance(version, int) or version > FORMAT or version < 1:
                raise FormatError(
                    f"{folder} has format {version!r}; this numen reads formats 1 to {FORMAT}. "
                    f"Install a newer numen to open it"
                )
        except BaseException:
            catalog.close()
            raise
        return catalog

    @classmethod
    def _readable(cls, folder: Path, mode: str) -> Catalog:
        """The catalog opened in this mode, after a first look at it."""
        catalog = cls(_uri(folder, mode), folder.absolute())
        try:
            if "immutable" in mode:
                catalog._at_rest = _stamp(folder)
                if catalog._at_rest[-1]:
                    raise ReadOnlyError(
                        f"{folder} has a last commit that was not yet moved into {FILE_NAME}, which takes a user who "
                        f"can write there; run `numen info {folder}` as one"
                    )
            catalog._run("SELECT count(*) FROM sqlite_master")
        except BaseException:
            catalog.close()
            raise
        return catalog

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        with self._lock:
            self._connection.close()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows that a statement gives."""
        with self._lock:
            if self._at_rest is not None and self.path is not None and _stamp(self.path) != self._at_rest:
                raise CollectionError(f"{self.path} was written since it was opened; open it again")
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._meaning(error) from error

    def _run_each(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of the values."""
        with self._lock:
            try:
                self._connection.executemany(sql, values)
            except sqlite3.Error as error:
                raise self._meaning(error) from error

    def _meaning(self, error: sqlite3.Error) -> CollectionError:
        """What an error of SQLite means for a collection, by its primary code."""
        where = "this collection in memory" if self.path is None else str(self.path / FILE_NAME)
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return WriterBusy(self._busy())
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return ReadOnlyError(f"cannot write {where}: {error}")
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return CollectionError(f"cannot read or write {where}: {error}; the last commit is as it was")
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_ERROR:
                return DamagedError(
                    f"{where} is not a readable catalog: {error}. Restore the folder from a copy, or index anew"
                )
        if isinstance(error, sqlite3.ProgrammingError):
            return CollectionError(f"{where} is closed; open the collection again")
        return CollectionError(f"{where}: {error}")

    def _busy(self) -> str:
        where = self.path or "this collection in memory"
        return f"{where} is being written by another process or thread; try again when it has finished"

    def setting(self, name: str) -> JSON:
        """The value of a setting; DamagedError if there is none of that name."""
        rows = self._run("SELECT value FROM settings WHERE name = ?", (name,))
        try:
            return json.loads(rows[0][0])
        except (IndexError, ValueError, TypeError):
            raise DamagedError(f"{self.path} is not a readable catalog: it has no usable setting {name!r}") from None

    def set(self, name: str, value: JSON) -> None:
        """Change a setting; on the catalog that `writing()` gave, as all that change anything below."""
        self._run("UPDATE settings SET value = ? WHERE name = ?", (json.dumps(value), name))

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

    @contextmanager
    def writing(self) -> Iterator[Catalog]:
        """The catalog to write to: what is done with it is committed at the end of the block, or not at all.

        On disk it has a connection of its own, so that this process goes on reading the last commit meanwhile; in
        memory there is but one, and other threads' reads wait. Raises WriterBusy if another writer is at work,
        ReadOnlyError where the file cannot be written.
        """
        if not self._one_writer.acquire(blocking=False):
            raise WriterBusy(self._busy())
        try:
            if self.path is None:
                with self._lock:
                    yield from self._transaction()
                return
            writer = Catalog(_uri(self.path, "rw"), self.path)
            try:
                yield from writer._transaction()
            finally:
                writer.close()
        finally:
            self._one_writer.release()

    def _transaction(self) -> Iterator[Catalog]:
        self._run("PRAGMA synchronous = FULL")
        self._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
        self._run("BEGIN IMMEDIATE")
        try:
            self._run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            yield self
            self.set("generation", self.setting("generation") + 1)
            self._run("COMMIT")
        finally:
            # Not so after a commit, even if an interrupt came just after it.
            if self._connection.in_transaction:
                self._run("ROLLBACK")

    def shrink(self) -> None:
        """Give the file's free pages back, if no other connection is in the way."""
        if self.path is None:
            return
        other = Catalog(_uri(self.path, "rw"), self.path)
        try:
            with suppress(CollectionError):
                other._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
                other._run("VACUUM")
                other._run("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            other.close()

    def take(self, name: str, count: int) -> int:
        """Reserve `count` consecutive numbers of a counter (next_key, next_segment); returns the first."""
        first = int(self.setting(name))
        self.set(name, first + count)
        return first

    def segments(self) -> list[SegmentEntry]:
        """All segments, by number."""
        rows = self._run("SELECT number, documents, checksum, dead FROM segments ORDER BY number")
        return [SegmentEntry(n, d, c, np.frombuffer(dead, "<u2").astype(np.uint16)) for n, d, c, dead in rows]

    def add_segment(self, entry: SegmentEntry) -> None:
        self._run(
            "INSERT INTO segments VALUES (?, ?, ?, ?)",
            (entry.number, entry.documents, entry.checksum, entry.dead.astype("<u2").tobytes()),
        )

    def set_dead(self, number: int, dead: NDArray[np.uint16]) -> None:
        self._run("UPDATE segments SET dead = ? WHERE number = ?", (dead.astype("<u2").tobytes(), number))

    def remove_segments(self, numbers: Iterable[int]) -> None:
        self._run_each("DELETE FROM segments WHERE number = ?", [(number,) for number in numbers])

    def insert(self, first_key: int, documents: Sequence[Document]) -> None:
        """Store documents under consecutive keys; ids must not be alive already."""
        dumps = json.dumps
        self._run_each(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1)",
            [
                (first_key + i, d.id, d.title, d.text, dumps(d.metadata, ensure_ascii=False) if d.metadata else "{}")
                for i, d in enumerate(documents)
            ],
        )

    def living(self, ids: Sequence[str]) -> list[tuple[str, int]]:
        """(id, key) of those of `ids` that are alive, in no order."""
        found = self._run(
            "SELECT id, key FROM documents WHERE alive AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        wanted = set(ids)
        return [(id_, key) for id_, key in found if id_ in wanted]  # to SQLite, a string in JSON ends at a NUL

    def kill(self, keys: Sequence[int]) -> None:
        """Mark documents as dead; their text stays until their segments are merged, for readers of older commits."""
        self._run_each("UPDATE documents SET alive = 0 WHERE key = ?", [(key,) for key in keys])

    def purge(self, keys: Sequence[int]) -> None:
        """Remove dead documents for good."""
        self._run_each("DELETE FROM documents WHERE key = ? AND NOT alive", [(key,) for key in keys])

    def fetch(self, keys: Sequence[int]) -> dict[int, Stored]:
        """The stored documents of these keys, dead or alive."""
        rows = self._run(
            "SELECT key, id, title, text, metadata FROM documents WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {key: (id_, title, text, json.loads(metadata)) for key, id_, title, text, metadata in rows}

    def metadata(self, first: int, last: int) -> list[tuple[int, str]]:
        """(key, metadata as JSON) of the documents with keys from `first` to `last`, dead or alive, by key."""
        return self._run("SELECT key, metadata FROM documents WHERE key BETWEEN ? AND ? ORDER BY key", (first, last))

    def keys(self) -> list[int]:
        """The keys of all living documents, ascending."""
        return [key for (key,) in self._run("SELECT key FROM documents WHERE alive ORDER BY key")]

    def documents(self, batch: int = 1_000) -> Iterator[tuple[int, Stored]]:
        """(key, document) of every living document, by key, read in batches: those of the commit at the first one.

        On disk that commit is held by a connection of its own. In memory a document that is deleted and merged away
        while this runs is left out.
        """
        if self.path is None:
            yield from self._documents(batch)
            return
        still = "ro" if self._at_rest is None else "ro&immutable=1"
        view = Catalog(_uri(self.path, still), self.path)
        try:
            view._run("BEGIN")
            yield from view._documents(batch)
        finally:
            view.close()

    def _documents(self, batch: int) -> Iterator[tuple[int, Stored]]:
        keys = self.keys()
        for at in range(0, len(keys), batch):
            stored = self.fetch(keys[at : at + batch])
            yield from ((key, stored[key]) for key in keys[at : at + batch] if key in stored)

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong, one sentence each."""
        try:
            rows = self._run("PRAGMA integrity_check(20)")
        except CollectionError as error:
            return [str(error)]
        return [f"the catalog: {row[0]}" for row in rows if row[0] != "ok"]


def _uri(folder: Path, mode: str) -> str:
    """What SQLite takes to open the catalog of `folder`."""
    return f"{(folder / FILE_NAME).absolute().as_uri()}?mode={mode}"


def _stamp(folder: Path) -> tuple[int, ...]:
    """What changes when the catalog is written: its time and size, and last the size of the log of late commits."""
    main = (folder / FILE_NAME).stat()
    log = folder / f"{FILE_NAME}-wal"
    return main.st_mtime_ns, main.st_size, log.stat().st_size if log.exists() else 0
