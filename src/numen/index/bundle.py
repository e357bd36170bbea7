"""All arrays of a small segment as one run of bytes, which the catalog keeps: its commit is then one transaction.

    4 bytes            the length of the header, uint32 little-endian
    the header         JSON: {NAME: {"dtype": "<u2", "shape": [n], "at": byte offset}}; with "of": "<i8" where the
                       numbers of that type are kept as smaller ones
    the arrays         little-endian, C order, each at a multiple of 16 bytes

Its CRC-32, over every byte, stands in the catalog.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from numen.errors import DamagedError
from numen.index.files import Array, sealed

__all__ = ["bundle", "fits", "unbundle"]

MOST_BYTES = 4 << 20
"""A segment of at most this size is kept in the catalog: flushing twenty files takes as long as indexing some hundred
documents. Larger ones would be written twice, to the catalog's log and then to the catalog, and not be mapped."""

ALIGNMENT = 16
"""Where arrays may begin: kernels read items of up to 8 bytes, and Python's bytes begin at a multiple of 16."""


def fits(size: int) -> bool:
    """Whether a segment whose arrays take `size` bytes is kept in the catalog."""
    return size <= MOST_BYTES


def bundle(arrays: Mapping[str, Array]) -> bytes:
    """All arrays, by name, as one run of bytes."""
    header: dict[str, dict[str, Any]] = {}
    parts = [b"", b"", b""]
    at = 0
    for name, array in arrays.items():
        kept = _small(array)
        header[name] = {"dtype": kept.dtype.str, "shape": kept.shape, "at": at}
        if kept is not array:
            header[name]["of"] = array.dtype.str
        data = kept.tobytes()
        padding = -len(data) % ALIGNMENT
        parts += data, bytes(padding)
        at += len(data) + padding
    text = json.dumps(header, separators=(",", ":")).encode()
    parts[:3] = len(text).to_bytes(4, "little"), text, bytes(-(4 + len(text)) % ALIGNMENT)
    return b"".join(parts)


def unbundle(data: bytes, checksum: int, name: str) -> dict[str, Array]:
    """The arrays that were bundled, read-only views of `data`.

    Raises DamagedError, which calls the segment by `name`, where the bytes are not those of the checksum.
    """
    if zlib.crc32(data) != checksum:
        raise DamagedError(f"{name} does not match its checksum")
    length = int.from_bytes(data[:4], "little")
    header: dict[str, dict[str, Any]] = json.loads(data[4 : 4 + length])
    begin = _padded(4 + length)
    arrays: dict[str, Array] = {}
    for key, entry in header.items():
        dtype, shape = np.dtype(entry["dtype"]), entry["shape"]
        count = math.prod(shape)
        array = np.frombuffer(data, dtype, count, begin + entry["at"]) if count else np.empty(0, dtype)
        arrays[key] = sealed(array.astype(entry.get("of", dtype), copy=False).reshape(shape))
    return arrays


def _small(array: Array) -> Array:
    """The array, as smaller numbers where it has numbers of 8 bytes that fit: most of a small segment are such."""
    if array.dtype == np.int64 and array.size:
        least, most = int(array.min()), int(array.max())
        for dtype in (np.uint16, np.uint32):
            if least >= 0 and most <= np.iinfo(dtype).max:
                return array.astype(dtype)
    return array


def _padded(size: int) -> int:
    """The next multiple of ALIGNMENT."""
    return -(-size // ALIGNMENT) * ALIGNMENT
