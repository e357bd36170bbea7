"""The SQLite file that says which segments and documents are alive; its commit is the collection's commit."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.errors import CollectionError, DamagedError, FormatError, NotACollection, ReadOnlyError, WriterBusy
from numen.index.last_commit import known_commit, remember_commit
from numen.index.seals import (
    STORED,
    metadata_of,
    metadata_seal,
    segments_seal,
    setting_seal,
    stored_of,
    text_seal,
)
from numen.index.turns import Turns
from numen.types import JSON, Document

__all__ = ["FILE_NAME", "FORMAT", "REBUILT_NAME", "SCHEMA", "Catalog", "SegmentEntry", "Stored"]

FORMAT = 1
"""The version of everything on disk; docs/FORMAT.md describes each."""

FILE_NAME = "catalog.sqlite"

REBUILT_NAME = f"{FILE_NAME}.rebuilt"
"""A repaired catalog that is whole; it only has to take the old one's place."""

PATIENCE_MS = 5_000
"""How long a read or a commit waits for another process's checkpoint."""

BRIEFLY_MS = 200
"""How long a second writer waits: past another's sweep or recovery, which take milliseconds, not past a write."""

Stored: TypeAlias = tuple[str, str, str, Mapping[str, JSON]]
"""A document as the catalog keeps it: id, title, text, metadata."""

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE segments (number INTEGER PRIMARY KEY, documents INTEGER NOT NULL, checksum INTEGER NOT NULL,
                       dead BLOB NOT NULL);
CREATE TABLE bundles (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE documents (key INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
                        metadata TEXT NOT NULL, alive INTEGER NOT NULL, text_seal INTEGER NOT NULL,
                        metadata_seal INTEGER NOT NULL);
CREATE UNIQUE INDEX document_ids ON documents (id) WHERE alive;
"""


MOST_PROBLEMS = 20
"""Sentences that a check gives."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A row of the table of segments; dead: uint16, ascending numbers of its dead documents.

    bundled: whether its arrays are in the catalog (numen.index.bundle) instead of in a folder. checksum: the CRC-32 of
    the bundle, or of the folder's manifest.
    """

    number: int
    documents: int
    checksum: int
    dead: NDArray[np.uint16]
    bundled: bool = False


class Catalog:
    """One connection to the catalog, shared by the threads of a process under a lock; it sees the last commit.

    `writing()` holds SQLite's write lock from its start to its end, so a second writer, in this process or another,
    gets WriterBusy. What SQLite reports comes out as a CollectionError of the fitting kind.
    """

    def __init__(self, uri: str, path: Path | None) -> None:
        """uri: what SQLite is to open. path: the folder of the collection, absolute; None in memory."""
        self.path = path
        self._lock = threading.RLock()
        self._turns = Turns()
        self._at_rest: tuple[int, ...] | None = None
        self._writer: tuple[Catalog, tuple[int, int]] | None = None
        self._closed = False
        self._opened = (0, 0)
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
            counters = {"generation": 0, "living": 0, "next_key": 1, "next_segment": 1, "segments_seal": 0}
            for name, value in {**settings, "format": FORMAT, **counters}.items():
                text = json.dumps(value)
                catalog._run("INSERT INTO settings VALUES (?, ?, ?)", (name, text, setting_seal(name, text)))
            catalog._run("COMMIT")
            catalog._opened = _identity(folder) if folder is not None else (0, 0)
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
            if (folder / REBUILT_NAME).is_file():
                raise DamagedError(f"a repair of {folder} was interrupted; go on with `numen check --repair {folder}`")
            raise NotACollection(
                f"{folder} is not a numen collection ({what}); make one with `numen index SOURCE --into {folder}`"
            )
        known = known_commit(folder)  # before the first look at the catalog, which may only be further on
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
            catalog._check_whole(known)
            catalog._opened = _identity(folder)
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

    def _check_whole(self, known: int) -> None:
        """Raises DamagedError where the tables are not ours, or commits up to the one `known` are gone."""
        made = {sql for (sql,) in self._run("SELECT sql FROM sqlite_master WHERE sql NOT NULL")}
        if made != {sql.strip() for sql in SCHEMA.split(";") if sql.strip()}:
            raise DamagedError(
                f"{self._file} is not a readable catalog: its tables are not those of format {FORMAT}. "
                f"`numen check --repair` saves what it can"
            )
        if (generation := self.setting("generation")) < known:
            raise DamagedError(
                f"{self._file}-wal is damaged or gone: commit {known} was made, {generation} is the last there. "
                f"Restore the folder from a copy, or go on without what is gone: `numen check --repair`"
            )

    def close(self) -> None:
        """Close the connections (the writer's when the write that is going on ends); again, it does nothing."""
        self._closed = True
        with self._turns.user() as free:
            if free:
                self._let_writer_go()
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

    def setting(self, name: str) -> JSON:
        """The value of a setting; DamagedError if there is none of that name."""
        rows = self._run("SELECT value, seal FROM settings WHERE name = ?", (name,))
        if not rows or not isinstance(rows[0][0], str) or setting_seal(name, rows[0][0]) != rows[0][1]:
            raise DamagedError(f"{self._file} is not a readable catalog: it has no usable setting {name!r}")
        return json.loads(rows[0][0])

    def set(self, name: str, value: JSON) -> None:
        """Change a setting; on the catalog that `writing()` gave, as all that change anything below."""
        text = json.dumps(value)
        self._run("UPDATE settings SET value = ?, seal = ? WHERE name = ?", (text, setting_seal(name, text), name))

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
        with self._turns.user() as free:
            if not free:
                raise WriterBusy(self._busy())
            yield from self._changed()

    @contextmanager
    def merging(self, given_up: Callable[[], bool]) -> Iterator[Catalog | None]:
        """`writing` for a merge, which waits for the change that is going on; None if it was given up before."""
        with self._turns.merge(given_up) as free:
            if free:
                yield from self._changed()
            else:
                yield None

    def look_again(self) -> None:
        """Have a merge that waits for its turn look whether it was given up."""
        self._turns.look_again()

    def _changed(self) -> Iterator[Catalog]:
        if self.path is None:
            with self._lock:
                yield from self._transaction()
            return
        if _identity(self.path) != self._opened:
            # What this process knows of the segments would be taken for what the new catalog knows of them.
            raise CollectionError(f"{self._file} was removed or replaced since it was opened; open it again")
        try:
            yield from self._own_writer(self.path)._transaction()
        except BaseException:
            self._let_writer_go()
            raise
        finally:
            if self._closed:
                self._let_writer_go()

    def _own_writer(self, path: Path) -> Catalog:
        """This process's connection for writing; it stays open between changes: opening one costs as much as a commit.

        A file that was removed or replaced meanwhile would swallow what is written; so it is looked at each time.
        """
        file = _identity(path)
        if self._writer is not None and self._writer[1] != file:
            self._let_writer_go()
        if self._writer is None:
            writer = Catalog(_uri(path, "rw"), path)
            try:
                writer._run("PRAGMA synchronous = FULL")
            except BaseException:
                writer.close()
                raise
            self._writer = writer, file
        return self._writer[0]

    def _let_writer_go(self) -> None:
        if self._writer is not None:
            self._writer[0].close()
            self._writer = None

    def _transaction(self) -> Iterator[Catalog]:
        self._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
        self._run("BEGIN IMMEDIATE")
        try:
            self._run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            yield self
            self.set("segments_seal", segments_seal(self._segment_rows()))
            generation = self.setting("generation") + 1
            self.set("generation", generation)
            self._run("COMMIT")
            if self.path is not None:
                remember_commit(self.path, generation)
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
        """All segments of the last commit, by number; DamagedError if one of the rows is not as it was written."""
        with self.reading():
            if segments_seal(self._segment_rows()) != self.setting("segments_seal"):
                raise DamagedError(
                    f"{self._file}: the table of segments is not as it was written; `numen check --repair` mends it"
                )
            return self._segments()

    def _segment_rows(self) -> list[Any]:
        """What the seal of the segments is made of."""
        return self._run("SELECT number, documents, checksum, dead FROM segments ORDER BY number")

    def _segments(self) -> list[SegmentEntry]:
        rows = self._run(
            "SELECT number, documents, checksum, dead, number IN (SELECT number FROM bundles)"
            " FROM segments ORDER BY number"
        )
        return [
            SegmentEntry(n, d, c, np.frombuffer(dead, "<u2").astype(np.uint16), bool(bundled))
            for n, d, c, dead, bundled in rows
        ]

    def bundle(self, number: int) -> bytes | None:
        """The bytes of a segment that is kept in the catalog, None if it is not there (any more)."""
        rows = self._run("SELECT data FROM bundles WHERE number = ?", (number,))
        return rows[0][0] if rows else None

    def add_segment(self, entry: SegmentEntry, bundle: bytes | None = None) -> None:
        """Enter a segment; bundle: its bytes where they are to be kept here."""
        self._run(
            "INSERT INTO segments VALUES (?, ?, ?, ?)",
            (entry.number, entry.documents, entry.checksum, entry.dead.astype("<u2").tobytes()),
        )
        if bundle is not None:
            self._run("INSERT INTO bundles VALUES (?, ?)", (entry.number, bundle))

    def set_dead(self, number: int, dead: NDArray[np.uint16]) -> None:
        self._run("UPDATE segments SET dead = ? WHERE number = ?", (dead.astype("<u2").tobytes(), number))

    def remove_segments(self, numbers: Iterable[int]) -> None:
        each = [(number,) for number in numbers]
        self._run_each("DELETE FROM segments WHERE number = ?", each)
        self._run_each("DELETE FROM bundles WHERE number = ?", each)

    def insert(self, first_key: int, documents: Sequence[Document]) -> None:
        """Store documents under consecutive keys; ids must not be alive already."""
        rows = []
        for key, d in enumerate(documents, first_key):
            metadata = json.dumps(d.metadata, ensure_ascii=False) if d.metadata else "{}"
            sealed = text_seal(key, d.id.encode(), d.title.encode(), d.text.encode())
            rows.append((key, d.id, d.title, d.text, metadata, sealed, metadata_seal(key, metadata.encode())))
        self._run_each("INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, ?, ?)", rows)
        self.set("living", self.setting("living") + len(rows))

    def living(self, ids: Sequence[str]) -> list[tuple[str, int]]:
        """(id, key) of those of `ids` that are alive, in no order."""
        found = self._run(
            "SELECT id, key FROM documents WHERE alive AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        wanted = set(ids)
        return [(id_, key) for id_, key in found if id_ in wanted]  # to SQLite, a string in JSON ends at a NUL

    def kill(self, keys: Sequence[int]) -> None:
        """Mark living documents as dead; their text stays for readers of older commits, until segments are merged."""
        self._run_each("UPDATE documents SET alive = 0 WHERE key = ?", [(key,) for key in keys])
        self.set("living", self.setting("living") - len(keys))

    def revive(self, keys: Sequence[int]) -> list[int]:
        """Mark documents as living, for a repair, which counts them itself; returns those that could be.

        That are the ones that are stored, and whose id no other living document has.
        """
        self._run_each("UPDATE OR IGNORE documents SET alive = 1 WHERE key = ?", [(key,) for key in keys])
        living = set(self.keys())
        return [key for key in keys if key in living]

    def purge(self, keys: Sequence[int]) -> None:
        """Remove dead documents for good."""
        self._run_each("DELETE FROM documents WHERE key = ? AND NOT alive", [(key,) for key in keys])

    def fetch(self, keys: Sequence[int]) -> dict[int, Stored]:
        """The stored documents of these keys, dead or alive; DamagedError, naming it, for one that was changed."""
        rows = self._run(
            f"SELECT {STORED} FROM documents WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0]: stored_of(row, self._file) for row in rows}

    def metadata(self, first: int, last: int) -> list[tuple[int, str]]:
        """(key, metadata as JSON) of the documents with keys from `first` to `last`, dead or alive, by key."""
        rows = self._run(
            "SELECT key, CAST(metadata AS BLOB), metadata_seal FROM documents WHERE key BETWEEN ? AND ? ORDER BY key",
            (first, last),
        )
        return [(row[0], metadata_of(row, self._file)) for row in rows]

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
        if self.path is not None and len(keys) != self.setting("living"):
            raise self._lacking()
        for at in range(0, len(keys), batch):
            stored = self.fetch(keys[at : at + batch])
            if self.path is not None and len(stored) < len(keys[at : at + batch]):
                raise self._lacking()
            yield from ((key, stored[key]) for key in keys[at : at + batch] if key in stored)

    def _lacking(self) -> DamagedError:
        return DamagedError(
            f"{self._file} does not list as many living documents as it should; `numen check --repair` mends that"
        )

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong, and the documents that are not as written: one sentence each."""
        try:
            rows = self._run(f"PRAGMA integrity_check({MOST_PROBLEMS})")
            found = [f"{self._file}: {row[0]}" for row in rows if row[0] != "ok"]
            return found or self._changed_documents()
        except CollectionError as error:
            return [str(error)]

    def _changed_documents(self, batch: int = 1_000) -> list[str]:
        found: list[str] = []
        last = -1
        while len(found) < MOST_PROBLEMS:
            rows = self._run(f"SELECT {STORED} FROM documents WHERE key > ? ORDER BY key LIMIT ?", (last, batch))
            if not rows:
                break
            for row in rows:
                try:
                    stored_of(row, self._file)
                except DamagedError as error:
                    found.append(str(error))
            last = rows[-1][0]
        return found[:MOST_PROBLEMS]


def _uri(folder: Path, mode: str) -> str:
    """What SQLite takes to open the catalog of `folder`."""
    return f"{(folder / FILE_NAME).absolute().as_uri()}?mode={mode}"


def _identity(folder: Path) -> tuple[int, int]:
    """Which file the catalog of `folder` is; (0, 0) if there is none."""
    try:
        file = (folder / FILE_NAME).stat()
    except OSError:
        return 0, 0
    return file.st_dev, file.st_ino


def _stamp(folder: Path) -> tuple[int, ...]:
    """What changes when the catalog is written: its time and size, and last the size of the log of late commits."""
    main = (folder / FILE_NAME).stat()
    log = folder / f"{FILE_NAME}-wal"
    return main.st_mtime_ns, main.st_size, log.stat().st_size if log.exists() else 0
