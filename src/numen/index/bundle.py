"""All arrays of a small segment as one run of bytes, which the catalog keeps: its commit is then one transaction.

    4 bytes            the length of the header, uint32 little-endian
    the header         JSON: {NAME: {"dtype": "<u2", "shape": [n], "at": byte offset}}; with "of": "<i8" where the
                       numbers of that type are kept as smaller ones; last, "seals": a CRC-32 for each array that is of
                       no leg, by name, for each leg, by name and a slash, and for the header up to here
    the arrays         little-endian, C order, each at a multiple of 16 bytes

Its CRC-32, over every byte, stands in the catalog. A repair goes by the seals, to see what of a damaged one is whole.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from contextlib import suppress
from json.encoder import encode_basestring_ascii
from typing import Any

import numpy as np

from numen.errors import DamagedError
from numen.index.files import Array, sealed

__all__ = ["bundle", "fits", "sound_parts", "unbundle"]

MOST_BYTES = 4 << 20
"""A segment of at most this size is kept in the catalog: flushing twenty files takes as long as indexing some hundred
documents. Larger ones would be written twice, to the catalog's log and then to the catalog, and not be mapped."""

SEALS = "seals"
"""Where the header has the seals; no array is called so."""

HEADER = "header"
"""What the header's own seal is called among them; no array is called so."""

SMALLER = ((np.uint16, 0xFFFF), (np.uint32, 0xFFFF_FFFF))
"""Types that numbers of 8 bytes are kept as, and what they hold at most."""

ALIGNMENT = 16
"""Where arrays may begin: kernels read items of up to 8 bytes, and Python's bytes begin at a multiple of 16."""


def fits(size: int) -> bool:
    """Whether a segment whose arrays take `size` bytes is kept in the catalog."""
    return size <= MOST_BYTES


def bundle(arrays: Mapping[str, Array]) -> bytes:
    """All arrays, by name, as one run of bytes."""
    entries: list[str] = []
    seals: dict[str, int] = {}
    parts = [b"", b"", b""]
    at = 0
    for name, array in arrays.items():
        kept = _small(array)
        of = f',"of":"{array.dtype.str}"' if kept is not array else ""
        shape = ",".join(map(str, kept.shape))
        entries.append(
            f'{encode_basestring_ascii(name)}:{{"dtype":"{kept.dtype.str}","shape":[{shape}],"at":{at}{of}}}'
        )
        data = kept.tobytes()
        part = _part(name)
        seals[part] = zlib.crc32(data, seals.get(part, 0))
        padding = -len(data) % ALIGNMENT
        parts += data, bytes(padding)
        at += len(data) + padding
    text = f"{{{','.join(entries)}}}".encode()  # as `_json` would write it, which takes five times as long
    seals[HEADER] = zlib.crc32(text)
    text = text[:-1] + b"," + _json({SEALS: seals})[1:]
    parts[:3] = len(text).to_bytes(4, "little"), text, bytes(-(4 + len(text)) % ALIGNMENT)
    return b"".join(parts)


def unbundle(data: bytes, checksum: int, name: str) -> dict[str, Array]:
    """The arrays that were bundled, read-only views of `data`.

    Raises DamagedError, which calls the segment by `name`, where the bytes are not those of the checksum.
    """
    if zlib.crc32(data) != checksum:
        raise DamagedError(f"{name} does not match its checksum")
    header, begin = _header(data)
    return {key: _array(data, entry, begin) for key, entry in header.items() if key != SEALS}


def sound_parts(data: bytes, name: str) -> tuple[dict[str, Array], dict[str, str]]:
    """(the arrays of a damaged bundle that are as they were written; what is wrong with the other parts, by name).

    A part is an array of no leg, or all of a leg's: "words/". Without its checksum, a bundle is as good as its seals.
    """
    arrays: dict[str, Array] = {}
    with suppress(ValueError, KeyError, TypeError, AttributeError):  # as anything may stand there
        header, begin = _header(data)
        seals = header.pop(SEALS)
        if zlib.crc32(_json(header)) == seals.pop(HEADER):
            found = dict.fromkeys(seals, 0)
            for key, entry in header.items():
                first = begin + entry["at"]
                last = first + np.dtype(entry["dtype"]).itemsize * math.prod(entry["shape"])
                found[_part(key)] = zlib.crc32(data[first:last], found[_part(key)])
            bad = {part for part, seal in seals.items() if found[part] != seal}
            for key, entry in header.items():
                if _part(key) not in bad:
                    arrays[key] = _array(data, entry, begin)
            return arrays, {part: f"{name}: {part} is not as it was written" for part in sorted(bad)}
    return {}, {HEADER: f"{name}: what it holds cannot be read"}


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """(what stands at the beginning, where the arrays begin)."""
    length = int.from_bytes(data[:4], "little")
    header: dict[str, Any] = json.loads(data[4 : 4 + length])
    return header, _padded(4 + length)


def _array(data: bytes, entry: Mapping[str, Any], begin: int) -> Array:
    """The array of an entry of the header, read-only."""
    dtype, shape = np.dtype(entry["dtype"]), entry["shape"]
    count = math.prod(shape)
    array = np.frombuffer(data, dtype, count, begin + entry["at"]) if count else np.empty(0, dtype)
    return sealed(array.astype(entry.get("of", dtype), copy=False).reshape(shape))


def _part(name: str) -> str:
    """What an array is sealed with: itself, or all of its leg."""
    leg, slash, _ = name.partition("/")
    return leg + slash


def _json(header: Mapping[str, Any]) -> bytes:
    """As it is written, and the same again after it was read."""
    return json.dumps(header, separators=(",", ":")).encode()


def _small(array: Array) -> Array:
    """The array, as smaller numbers where it has numbers of 8 bytes that fit: most of a small segment are such."""
    if array.dtype == np.int64 and array.size:
        most = int(array.view(np.uint64).max())  # what is below zero is large there
        for dtype, largest in SMALLER:
            if most <= largest:
                return array.astype(dtype)
    return array


def _padded(size: int) -> int:
    """The next multiple of ALIGNMENT."""
    return -(-size // ALIGNMENT) * ALIGNMENT
