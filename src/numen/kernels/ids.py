"""A segment's documents by id: a hash table, as its ids are in no order that a binary search could use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["fill_ids", "find_ids", "hash_ids", "mark_ids", "marked_ids"]


@inline
def _hash(blob: NDArray[np.uint8], begin: int, end: int) -> int:
    """FNV-1a of an id's bytes, its high bits mixed into the low ones, which tables go by."""
    value = np.uint32(2166136261)
    for j in range(begin, end):
        value = np.uint32((value ^ np.uint32(blob[j])) * np.uint32(16777619))
    return int(value ^ (value >> np.uint32(15)))


@kernel
def hash_ids(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64: the hash of each id, blob[starts[i]:starts[i + 1]]."""
    out = np.empty(len(starts) - 1, np.int64)
    for i in range(len(out)):
        out[i] = _hash(blob, starts[i], starts[i + 1])
    return out


@kernel
def fill_ids(blob: NDArray[np.uint8], starts: NDArray[np.uint32], table: NDArray[np.int32]) -> None:
    """Put every document d, with the id blob[starts[d]:starts[d + 1]], into `table`: -1 where nothing is.

    table: int32, all -1, a power of two and more than there are documents.
    """
    for d in range(len(starts) - 1):
        at = _hash(blob, starts[d], starts[d + 1]) & (len(table) - 1)
        while table[at] >= 0:
            at = (at + 1) & (len(table) - 1)
        table[at] = d


@kernel
def find_ids(
    blob: NDArray[np.uint8],
    starts: NDArray[np.uint32],
    table: NDArray[np.int32],
    dead: NDArray[np.uint8],
    wanted: NDArray[np.uint8],
    wanted_starts: NDArray[np.int64],
    hashes: NDArray[np.int64],
) -> NDArray[np.int64]:
    """int64: the living document that has each wanted id, -1 where there is none.

    table: as `fill_ids` made it. dead: uint8 (n_docs), 1 where dead. wanted: ids one after the other, UTF-8.
    hashes: of the wanted ids (`hash_ids`).
    """
    out = np.full(len(wanted_starts) - 1, -1)
    for i in range(len(out)):
        begin, end = wanted_starts[i], wanted_starts[i + 1]
        at = hashes[i] & (len(table) - 1)
        while table[at] >= 0 and out[i] < 0:
            d = table[at]
            same = not dead[d] and starts[d + 1] - starts[d] == end - begin
            if same:
                for j in range(end - begin):
                    if blob[starts[d] + j] != wanted[begin + j]:
                        same = False
                        break
            if same:
                out[i] = d
            at = (at + 1) & (len(table) - 1)
    return out


@inline
def _second(hash_: int) -> int:
    """Another hash of the same id."""
    return (hash_ * 0x9E3779B1 & 0xFFFFFFFF) >> 3


@kernel
def mark_ids(blob: NDArray[np.uint8], starts: NDArray[np.uint32], bits: NDArray[np.uint8]) -> None:
    """Set two bits for every id, blob[starts[d]:starts[d + 1]] (a Bloom filter). bits: as many as a power of two."""
    mask = 8 * len(bits) - 1
    for d in range(len(starts) - 1):
        first = _hash(blob, starts[d], starts[d + 1])
        for at in (first & mask, _second(first) & mask):
            bits[at >> 3] |= np.uint8(1 << (at & 7))


@kernel
def marked_ids(hashes: NDArray[np.int64], bits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool (len(hashes)): False where `mark_ids` surely did not see the id of that hash."""
    mask = 8 * len(bits) - 1
    out = np.empty(len(hashes), np.bool_)
    for i in range(len(hashes)):
        first, second = hashes[i] & mask, _second(hashes[i]) & mask
        out[i] = bits[first >> 3] >> (first & 7) & bits[second >> 3] >> (second & 7) & 1
    return out
