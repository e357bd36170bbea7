"""The SQLite file that says which segments and documents are alive; its commit is the collection's commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from numen.errors import (
    AlreadyExists,
    CollectionError,
    DamagedError,
    FormatError,
    NotACollection,
    ReadOnlyError,
    WriterBusy,
)
from numen.index.connection import file_identity, file_stamp, uri_of
from numen.index.document_rows import Stored
from numen.index.last_commit import known_commit
from numen.index.schema import FILE_NAME, FORMAT, REBUILT_NAME, statements
from numen.index.seals import setting_seal
from numen.index.tables import Tables
from numen.index.turns import Turns
from numen.types import JSON

__all__ = ["Catalog"]


LOG_PAGES = 4_000
"""Size at which SQLite's log, 4 KB a page, is moved into the catalog: pages written several times meanwhile, as those
of the index over ids, are moved once. At its own 1,000 small commits took some hundredths more."""

BRIEFLY_MS = 200
"""How long a second writer waits: past another's sweep or recovery, which take milliseconds, not past a write."""


class Catalog(Tables):
    """The catalog as a process opens it: reads see the last commit, changes have a connection of their own.

    `writing()` holds SQLite's write lock from its start to its end, so a second writer, in this process or another,
    gets WriterBusy.
    """

    def __init__(self, uri: str, path: Path | None) -> None:
        """Use `create` or `open`."""
        super().__init__(uri, path)
        self._turns = Turns()
        self._writer: tuple[Tables, tuple[int, int]] | None = None
        self._closed = False
        self._opened = (0, 0)

    @classmethod
    def create(cls, folder: Path | None, settings: Mapping[str, JSON]) -> Catalog:
        """A new catalog in `folder` (made by the caller), or in memory."""
        catalog = cls("file::memory:", None) if folder is None else cls(uri_of(folder, "rwc"), folder.absolute())
        try:
            if folder is not None:
                catalog._run("PRAGMA journal_mode = WAL")
            catalog._run("PRAGMA synchronous = FULL")
            catalog._run("BEGIN IMMEDIATE")
            if catalog._run("SELECT count(*) FROM sqlite_master") != [(0,)]:
                raise AlreadyExists(f"{folder} holds a collection already, made by another process just now")
            for statement in statements():
                catalog._run(statement)
            counters = {"generation": 0, "living": 0, "next_key": 1, "next_segment": 1, "segments_seal": 0}
            for name, value in {**settings, "format": FORMAT, **counters}.items():
                text = json.dumps(value)
                catalog._run("INSERT INTO settings VALUES (?, ?, ?)", (name, text, setting_seal(name, text)))
            catalog._run("COMMIT")
            catalog._opened = file_identity(folder) if folder is not None else (0, 0)
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
            catalog._opened = file_identity(folder)
        except BaseException:
            catalog.close()
            raise
        return catalog

    @classmethod
    def _readable(cls, folder: Path, mode: str) -> Catalog:
        """The catalog opened in this mode, after a first look at it."""
        catalog = cls(uri_of(folder, mode), folder.absolute())
        try:
            if "immutable" in mode:
                catalog._at_rest = file_stamp(folder)
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
        if made != set(statements()):
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
        super().close()

    @contextmanager
    def writing(self) -> Iterator[Tables]:
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
    def merging(self, given_up: Callable[[], bool]) -> Iterator[Tables | None]:
        """`writing` for a merge, which waits for the change that is going on; None if it was given up before."""
        with self._turns.merge(given_up) as free:
            if free:
                yield from self._changed()
            else:
                yield None

    def look_again(self) -> None:
        """Have a merge that waits for its turn look whether it was given up."""
        self._turns.look_again()

    def _changed(self) -> Iterator[Tables]:
        if self.path is None:
            with self._lock:
                yield from self.transaction()
            return
        file = file_identity(self.path)
        if file != self._opened:
            # What this process knows of the segments would be taken for what the new catalog knows of them.
            raise CollectionError(f"{self._file} was removed or replaced since it was opened; open it again")
        try:
            yield from self._own_writer(self.path, file).transaction()
        except BaseException:
            self._let_writer_go()
            raise
        finally:
            if self._closed:
                self._let_writer_go()

    def _own_writer(self, path: Path, file: tuple[int, int]) -> Tables:
        """This process's connection for writing; it stays open between changes: opening one costs as much as a commit.

        file: which one the catalog is now; one that was removed or replaced would swallow what is written.
        """
        if self._writer is not None and self._writer[1] != file:
            self._let_writer_go()
        if self._writer is None:
            writer = Tables(uri_of(path, "rw"), path)
            try:
                writer._run("PRAGMA synchronous = FULL")
                # Once it may write it waits for nobody, but where a file system keeps SQLite from having its log.
                if writer._run("PRAGMA journal_mode") == [("wal",)]:
                    writer._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
                # Segments merged away are not written over with zeros, as some builds of SQLite do: a tenth of the log.
                writer._run("PRAGMA secure_delete = FAST")
                writer._run(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
            except BaseException:
                writer.close()
                raise
            self._writer = writer, file
        return self._writer[0]

    def _let_writer_go(self) -> None:
        if self._writer is not None:
            self._writer[0].close()
            self._writer = None

    def shrink(self) -> None:
        """Give the file's free pages back, if no other connection is in the way."""
        if self.path is None:
            return
        other = Tables(uri_of(self.path, "rw"), self.path)
        try:
            with suppress(CollectionError):
                other._run(f"PRAGMA busy_timeout = {BRIEFLY_MS}")
                other._run("VACUUM")
                other._run("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            other.close()

    def documents(self, batch: int = 1_000) -> Iterator[tuple[int, Stored]]:
        """(key, document) of every living document, by key, read in batches: those of the commit at the first one.

        On disk that commit is held by a connection of its own. In memory a document that is deleted and merged away
        while this runs is left out.
        """
        if self.path is None:
            yield from self._each_document(batch)
            return
        still = "ro" if self._at_rest is None else "ro&immutable=1"
        view = Tables(uri_of(self.path, still), self.path)
        try:
            view._run("BEGIN")
            yield from view._each_document(batch)
        finally:
            view.close()
