"""Checksums of the catalog's rows: SQLite finds a broken page, not a changed letter inside a text."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from numen.errors import DamagedError
from numen.types import JSON

__all__ = ["STORED", "metadata_of", "metadata_seal", "segments_seal", "setting_seal", "stored_of", "text_seal"]

STORED = (
    "key, CAST(id AS BLOB), CAST(title AS BLOB), CAST(text AS BLOB), CAST(metadata AS BLOB), text_seal, metadata_seal"
)
"""The columns that `stored_of` takes, as bytes: what is not UTF-8 any more is not as it was written either."""

LOW_BITS = 0xFFFF_FFFF
"""A key enters a CRC-32 as its start value, so that a text under another key does not pass either."""


def setting_seal(name: str, value: str) -> int:
    """CRC-32 of a setting's name and its JSON."""
    return zlib.crc32(f"{name}\0{value}".encode())


def text_seal(key: int, id: bytes, title: bytes, text: bytes) -> int:
    """CRC-32 of a document's id, title and text, UTF-8, a NUL between, starting from its key."""
    return zlib.crc32(b"\0".join((id, title, text)), key & LOW_BITS)


def metadata_seal(key: int, metadata: bytes) -> int:
    """CRC-32 of a document's metadata as JSON in UTF-8, starting from its key; its own, since filters read no texts."""
    return zlib.crc32(metadata, key & LOW_BITS)


def segments_seal(rows: Iterable[tuple[int, int, int, bytes]]) -> int:
    """CRC-32 of all rows of the table of segments by number: (number, documents, checksum, dead).

    One for all, so that a row which is gone is noticed too.
    """
    seal = 0
    for number, documents, checksum, dead in rows:
        if not isinstance(dead, bytes):  # a damaged row may hold anything
            return -1
        seal = zlib.crc32(dead, zlib.crc32(f"{number},{documents},{checksum},{len(dead)};".encode(), seal))
    return seal


def stored_of(row: Sequence[object], file: str) -> tuple[str, str, str, Mapping[str, JSON]]:
    """(id, title, text, metadata) of a row of STORED; DamagedError, naming `file` and document, if it was changed."""
    key, id, title, text, metadata, text_sealed, metadata_sealed = row
    if not (
        isinstance(key, int)
        and isinstance(id, bytes)
        and isinstance(title, bytes)
        and isinstance(text, bytes)
        and text_seal(key, id, title, text) == text_sealed
    ):
        raise _changed(file, "text", key, id)
    if not isinstance(metadata, bytes) or metadata_seal(key, metadata) != metadata_sealed:
        raise _changed(file, "metadata", key, id)
    return id.decode(), title.decode(), text.decode(), json.loads(metadata)


def metadata_of(row: tuple[int, object, object], file: str) -> str:
    """The metadata as JSON of a row (key, CAST(metadata AS BLOB), metadata_seal); DamagedError if it was changed."""
    key, metadata, sealed = row
    if not isinstance(metadata, bytes) or metadata_seal(key, metadata) != sealed:
        raise _changed(file, "metadata", key, None)
    return metadata.decode()


def _changed(file: str, part: str, key: object, id: object) -> DamagedError:
    name = f"{id.decode(errors='replace')!r} (key {key})" if isinstance(id, bytes) else f"with key {key}"
    return DamagedError(
        f"{file}: the {part} of document {name} is not as it was written; `numen check --repair` takes it out"
    )
