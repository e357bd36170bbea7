"""Hashed character n-grams: from normalised UTF-8 text to (bucket, weighted count) pairs.

The encoder of Sharma, "Beyond the Geometric Curse" (arXiv 2601.15205), section on the LIMIT setting: a gram's bucket is
a hash of its UTF-8 bytes modulo the number of dimensions, and each occurrence adds the weight of the gram's length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel
from numen.kernels.sort import sort_numbers
from numen.kernels.tokenise import decode

__all__ = ["CRC32", "CRC_TABLE", "DENSE_LIMIT", "FNV1A", "count_grams", "finish_rows"]

CRC32, FNV1A = 0, 1
"""The named hashes: CRC-32 (zlib's, reflected 0xEDB88320) and 32-bit FNV-1a."""

DENSE_LIMIT = 1 << 20
"""Up to this many buckets a text is counted in one plain array (4 MB, fits the cache); beyond, its grams are sorted."""


def _crc_table() -> NDArray[np.uint32]:
    rows = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        rows = np.where(rows & 1, (rows >> 1) ^ np.uint32(0xEDB88320), rows >> 1).astype(np.uint32)
    return rows


def _bit_numbers() -> NDArray[np.uint8]:
    numbers = np.zeros(64, np.uint8)
    for bit in range(64):
        numbers[(((1 << bit) * 0x03F79D71B4CB0A89) & 0xFFFFFFFFFFFFFFFF) >> 58] = bit
    return numbers


CRC_TABLE: NDArray[np.uint32] = _crc_table()
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: multiplied by a lone bit, its upper six bits tell which (numba has no count of zeros)."""
BIT_NUMBER: NDArray[np.uint8] = _bit_numbers()


@inline
def _step(h: np.uint32, byte: np.uint8, kind: int, crc: NDArray[np.uint32]) -> np.uint32:
    if kind == 0:
        return np.uint32(crc[(h ^ np.uint32(byte)) & np.uint32(0xFF)] ^ (h >> np.uint32(8)))
    return np.uint32((h ^ np.uint32(byte)) * np.uint32(0x01000193))


@inline
def _add(
    gram: np.uint32,
    weight: int,
    dim: int,
    signed: bool,
    dense: NDArray[np.int64],
    touched: NDArray[np.uint64],
    grams: NDArray[np.uint64],
    n: int,
) -> int:
    """Count one gram: in place when the buckets fit a plain array, else onto the list to sort."""
    bucket = np.int64(gram) % dim
    if signed and (gram >> np.uint32(31)):
        weight = -weight
    if len(grams) == 0:
        dense[bucket] += weight
        touched[bucket >> 6] |= np.uint64(1) << np.uint64(bucket & 63)
        return n
    grams[n] = (np.uint64(bucket) << np.uint64(32)) | np.uint64(np.uint32(weight + (1 << 30)))
    return n + 1


@kernel
def count_grams(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    classes: NDArray[np.uint8],
    weights: NDArray[np.int64],
    markers: NDArray[np.uint8],
    dim: int,
    kind: int,
    signed: bool,
    crc: NDArray[np.uint32],
    first: int,
    row_starts: NDArray[np.int64],
    buckets: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> int:
    """Count the n-grams of texts `first`, `first + 1`, ... until all are done or the output could overflow.

    data, starts: the texts as UTF-8, text t in data[starts[t]:starts[t + 1]]; words are runs of code points of class 1.
    weights: weights[n] is added for a gram of n characters, 0 for a length not used; len(weights) - 1 is the longest.
    markers: the two bytes that stand before and behind a word.
    signed: the hash's highest bit makes the weight negative; a bucket whose sum is 0 is left out.
    row_starts, buckets, counts: out; row t in [row_starts[t], row_starts[t + 1]), by bucket.
    Returns the next text to do.
    """
    longest = len(weights) - 1
    n_sizes = 0
    for n in range(longest + 1):
        if weights[n] != 0:
            n_sizes += 1
    plain = dim <= DENSE_LIMIT
    dense = np.zeros(dim if plain else 0, np.int64)
    touched = np.zeros((dim + 63) // 64 if plain else 0, np.uint64)
    grams = np.empty(0, np.uint64)
    word = np.empty(64, np.uint8)
    chars = np.empty(64, np.int64)
    seed = np.uint32(0xFFFFFFFF) if kind == 0 else np.uint32(0x811C9DC5)
    for t in range(first, len(starts) - 1):
        i, end = starts[t], starts[t + 1]
        at = row_starts[t]
        most = n_sizes * (2 * (end - i) + 2)
        if at + min(most, dim) > len(buckets):
            return t
        if not plain and len(grams) < most:
            grams = np.empty(most, np.uint64)
        n_grams = 0
        while i < end:
            code, size = decode(data, i)
            if classes[code] == 0:
                i += size
                continue
            begin = i
            while i < end:
                code, size = decode(data, i)
                if classes[code] == 0:
                    break
                i += size
            length = i - begin + 2
            if len(word) < length:
                word = np.empty(2 * length, np.uint8)
                chars = np.empty(2 * length + 1, np.int64)
            word[0] = markers[0]
            n_chars = 1
            chars[0] = 0
            for j in range(begin, i):
                byte = data[j]
                word[1 + j - begin] = byte
                if byte & 0xC0 != 0x80:
                    chars[n_chars] = 1 + j - begin
                    n_chars += 1
            word[length - 1] = markers[1]
            chars[n_chars] = length - 1
            n_chars += 1
            chars[n_chars] = length
            for c in range(n_chars):
                h = seed
                for n in range(1, min(longest, n_chars - c) + 1):
                    for j in range(chars[c + n - 1], chars[c + n]):
                        h = _step(h, word[j], kind, crc)
                    if weights[n] != 0:
                        gram = h ^ np.uint32(0xFFFFFFFF) if kind == 0 else h
                        n_grams = _add(gram, weights[n], dim, signed, dense, touched, grams, n_grams)
        if plain:
            for block in range(len(touched)):
                bits = touched[block]
                if bits == 0:
                    continue
                touched[block] = 0
                while bits:
                    lowest = bits & (~bits + np.uint64(1))
                    bits ^= lowest
                    bucket = block * 64 + np.int64(BIT_NUMBER[(lowest * DE_BRUIJN) >> np.uint64(58)])
                    count = dense[bucket]
                    dense[bucket] = 0
                    if count != 0:
                        buckets[at] = bucket
                        counts[at] = count
                        at += 1
        else:
            sort_numbers(grams[:n_grams])
            j = 0
            while j < n_grams:
                bucket = np.int64(grams[j] >> np.uint64(32))
                count = 0
                while j < n_grams and np.int64(grams[j] >> np.uint64(32)) == bucket:
                    count += np.int64(grams[j] & np.uint64(0xFFFFFFFF)) - (1 << 30)
                    j += 1
                if count != 0:
                    buckets[at] = bucket
                    counts[at] = count
                    at += 1
        row_starts[t + 1] = at
    return len(starts) - 1


@kernel
def finish_rows(
    row_starts: NDArray[np.int64], counts: NDArray[np.int32], log_table: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The damped values of weighted counts, sign(c) ln(1 + |c|), and each row's 1 / length (0 for an empty row).

    log_table: ln(1 + c) for c below its length. Returns (values float32, not yet of length 1, inverse_norms float32).
    """
    values = np.empty(len(counts), np.float32)
    inverse = np.zeros(len(row_starts) - 1, np.float32)
    for r in range(len(row_starts) - 1):
        total = 0.0
        for j in range(row_starts[r], row_starts[r + 1]):
            c = np.int64(counts[j])
            size = abs(c)
            v = log_table[size] if size < len(log_table) else np.float32(np.log1p(np.float64(size)))
            values[j] = v if c > 0 else -v
            total += np.float64(v) * np.float64(v)
        if total > 0.0:
            inverse[r] = np.float32(1.0 / np.sqrt(total))
    return values, inverse
