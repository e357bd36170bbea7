"""A new catalog from what can still be read of a damaged one."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numen.errors import DamagedError, WriterBusy
from numen.index.first_page import readable
from numen.index.last_commit import known_commit
from numen.index.schema import FILE_NAME, FORMAT, REBUILT_NAME, statements
from numen.index.seals import STORED, segments_seal, setting_seal, stored_of
from numen.types import JSON

__all__ = ["DAMAGED_SUFFIX", "Salvaged", "finish_salvage", "salvage"]

DAMAGED_SUFFIX = ".damaged"
"""What the old catalog is called afterwards: whoever knows more than this module may still look into it."""

AT_ONCE = 1_000
"""Rows asked for at a time; where that fails, halves of them are, down to single rows."""

KEYS_A_BYTE = 100
"""Keys are never used again, so they may be many more than there are documents; but a damaged one may be any number."""

SETTINGS = ("generation", "next_key", "next_segment", "segments_seal", "fields", "legs")


@dataclass
class Salvaged:
    """lost: what could not be read, a sentence each. segments_known: whether the table of segments was whole."""

    lost: list[str] = field(default_factory=list)
    segments_known: bool = False


def salvage(folder: Path, known: Mapping[str, JSON]) -> Salvaged:
    """Put a new catalog, of all rows that are as they were written, in the place of the folder's old one.

    The old one is kept as catalog.sqlite.damaged1 (2, ...). known: the settings `legs` and `fields`, for a catalog in
    which they cannot be read. Raises DamagedError, and changes nothing, if they are in neither, or if SQLite reads no
    table at all.
    """
    out = Salvaged()
    building = folder / f"{FILE_NAME}.building"
    building.unlink(missing_ok=True)
    try:
        with (
            closing(_opened(folder / FILE_NAME)) as damaged,
            closing(sqlite3.connect(building, isolation_level=None)) as new,
            readable(damaged, folder / FILE_NAME) as old,
        ):
            new.execute("PRAGMA journal_mode = OFF")  # a file that is thrown away if anything happens
            new.execute("BEGIN")
            for statement in statements():
                new.execute(statement)
            _copy(old, new, folder, known, out)
            new.execute("COMMIT")
            new.execute("PRAGMA journal_mode = WAL")
        _flush(building)
        building.replace(folder / REBUILT_NAME)
    finally:
        building.unlink(missing_ok=True)
    _flush_folder(folder)
    _swap(folder)
    return out


def finish_salvage(folder: Path) -> None:
    """Go on where a crash stopped the exchange of the catalogs, if one did."""
    for left in [*folder.glob(f"{FILE_NAME}.building*"), *folder.glob(f"{FILE_NAME}.copy*")]:
        left.unlink()
    for left in [*folder.glob(f"{FILE_NAME}.building*"), *folder.glob(f"{FILE_NAME}.copy*")]:
        left.unlink()
    if (folder / REBUILT_NAME).exists():
        if (folder / FILE_NAME).exists():
            (folder / REBUILT_NAME).unlink()  # the old one is in its place yet: salvage it again
        else:
            _swap(folder)


def _swap(folder: Path) -> None:
    """The old catalog away, then its log, then the new one in its place: never the one's log beside the other."""
    number = len(list(folder.glob(f"{FILE_NAME}{DAMAGED_SUFFIX}*[!l]")))
    if (folder / FILE_NAME).exists():
        number += 1
        (folder / FILE_NAME).replace(folder / f"{FILE_NAME}{DAMAGED_SUFFIX}{number}")
        _flush_folder(folder)
    kept = folder / f"{FILE_NAME}{DAMAGED_SUFFIX}{number}"
    with suppress(FileNotFoundError):
        (folder / f"{FILE_NAME}-wal").replace(f"{kept}-wal")
    (folder / f"{FILE_NAME}-shm").unlink(missing_ok=True)
    _flush_folder(folder)
    (folder / REBUILT_NAME).replace(folder / FILE_NAME)
    _flush_folder(folder)


def _opened(path: Path) -> sqlite3.Connection:
    """The old catalog, locked against writers if SQLite is able to."""
    old = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)
    try:
        old.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            old.close()
            raise WriterBusy(f"{path.parent} is being written by another process; try again when it is done") from None
    except UnicodeDecodeError:
        pass  # of SQLite's message about what is damaged
    return old


def _copy(
    old: sqlite3.Connection, new: sqlite3.Connection, folder: Path, known: Mapping[str, JSON], out: Salvaged
) -> None:
    settings = dict(_settings(old, out))
    for name in ("legs", "fields"):
        settings.setdefault(name, known.get(name))
        if settings[name] is None:
            raise DamagedError(
                f"{folder / FILE_NAME} cannot be repaired: its setting {name!r} cannot be read. Restore the folder "
                f"from a copy, or give it as it was made: Collection.repair(path, legs={{...}}, fields=(...))"
            )
    size = (folder / FILE_NAME).stat().st_size
    last_key = int(settings.get("next_key", 0)) - 1 if "next_key" in settings else _last(old, "documents", "key", size)
    last_key = _copy_documents(old, new, folder, last_key, out)
    for table in ("segments", "bundles"):
        _copy_table(old, new, table, int(settings.get("next_segment", 0)) or _last(old, table, "number", size))
    rows = new.execute("SELECT number, documents, checksum, dead FROM segments ORDER BY number").fetchall()
    seal = segments_seal(rows)
    out.segments_known = seal == settings.get("segments_seal")
    if not out.segments_known:
        out.lost.append(f"{folder / FILE_NAME}: the table of segments is not as it was written")
    folders = [int(one.name) for one in (folder / "segments").glob("*") if one.name.isdecimal()]
    settings |= {
        "format": FORMAT,
        "generation": max(int(settings.get("generation", 0)), known_commit(folder)),
        "living": new.execute("SELECT count(*) FROM documents WHERE alive").fetchone()[0],
        "next_key": max(int(settings.get("next_key", 1)), last_key + 1),
        "next_segment": max(
            [int(settings.get("next_segment", 1)), *(n + 1 for n in [*folders, *(r[0] for r in rows)])]
        ),
        "segments_seal": seal,
    }
    for name, value in settings.items():
        text = json.dumps(value)
        new.execute("INSERT INTO settings VALUES (?, ?, ?)", (name, text, setting_seal(name, text)))


def _settings(old: sqlite3.Connection, out: Salvaged) -> Iterator[tuple[str, JSON]]:
    """The settings that are as they were written."""
    for name in SETTINGS:
        rows = _rows(old, "SELECT value, seal FROM settings WHERE name = ?", (name,)) or []
        if rows and isinstance(rows[0][0], str) and setting_seal(name, rows[0][0]) == rows[0][1]:
            yield name, json.loads(rows[0][0])
        else:
            out.lost.append(f"the setting {name!r} of the catalog")


def _copy_documents(old: sqlite3.Connection, new: sqlite3.Connection, folder: Path, last: int, out: Salvaged) -> int:
    """Copy the documents that are whole; returns the last key."""
    sql = f"SELECT {STORED}, CAST(alive AS INTEGER) FROM documents WHERE key BETWEEN ? AND ? ORDER BY key"
    key = 0
    for row in _between(old, sql, 0, last):
        try:
            id, title, text, _ = stored_of(row[:-1], str(folder / FILE_NAME))
        except DamagedError as error:
            out.lost.append(str(error))
            continue
        key, metadata, seals, alive = row[0], row[4].decode(), row[5:7], int(bool(row[-1]))
        if alive:
            # Of two that pass for alive under one id the later one is: the earlier was replaced by it.
            new.execute("UPDATE documents SET alive = 0 WHERE id = ? AND alive", (id,))
        row = (key, id, title, text, metadata, alive, *seals)
        new.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return key


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: str, last: int) -> None:
    """Copy the rows of `segments` or `bundles` that can be read; the segments' own checksums come later."""
    columns = [(name, kind) for _, name, kind, *_ in new.execute(f"PRAGMA table_info({table})")]
    cast = ", ".join(f"CAST({name} AS {kind})" for name, kind in columns)
    sql = f"SELECT {cast} FROM {table} WHERE number BETWEEN ? AND ? ORDER BY number"
    for row in _between(old, sql, 0, last, at_once=4):  # bundles have megabytes
        if None not in row:
            new.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _last(old: sqlite3.Connection, table: str, key: str, size: int) -> int:
    """How far to look for keys of a table in a file of `size` bytes, where it is not known which was given last."""
    rows = _rows(old, f"SELECT max({key}) FROM {table}", ())
    found = rows[0][0] if rows else size
    return min(found, KEYS_A_BYTE * size) if isinstance(found, int) else 0


def _between(old: sqlite3.Connection, sql: str, first: int, last: int, at_once: int = AT_ONCE) -> Iterator[Any]:
    """The rows with keys from `first` to `last` that can be read; `sql` takes two keys."""
    for at in range(first, last + 1, at_once):
        waiting = [(at, min(at + at_once - 1, last))]
        while waiting:
            begin, end = waiting.pop()
            rows = _rows(old, sql, (begin, end))
            if rows is not None:
                yield from rows
            elif begin < end:
                middle = (begin + end) // 2
                waiting += [(middle + 1, end), (begin, middle)]


def _rows(old: sqlite3.Connection, sql: str, values: tuple[Any, ...]) -> list[Any] | None:
    """What a query gives, None where SQLite cannot read it all."""
    try:
        return old.execute(sql, values).fetchall()
    except (sqlite3.Error, UnicodeDecodeError, OverflowError):
        return None


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Make renames durable, where the system lets a folder be opened (Windows does not)."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
