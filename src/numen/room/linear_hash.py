"""How many n-grams CRC-32 makes collide, from letter frequencies: a linear hash does not collide as chance does.

CRC-32 of texts of one length is linear over the field of two elements but for a constant: crc(x) ^ crc(y) follows from
x ^ y alone (Peterson and Brown 1961). Two n-grams that differ in one letter only never meet in 256 buckets or more, and
n-grams that differ in two letters meet as the columns of the code happen to say, not in one case of `dim`.

The model: aligned at their ends, n-grams of lengths a <= b that differ in the positions P and nowhere else (the b - a
first letters of the longer one apart) are counted; where they differ, letters are taken as drawn independently by their
frequency in that position. With F_p the Walsh-Hadamard transform of these frequencies over the 8 bits of a byte, G_p
that of the longer ones, s_p the inner product of both frequencies, c what the lengths alone make of the hash, and A_p
the bits by which position p enters the lowest bits of it, two of them share a bucket with probability

    1/dim * sum over w < dim of (-1)^(c.w) * product over p in P of (F_p(A_p w) G_p(A_p w) - s_p) / (1 - s_p)
                                           * product over the longer one's first letters q of G_q(A_q w)

which is the Fourier transform of "all lowest bits of crc(x) ^ crc(y) are 0". All other pairs meet in one case of `dim`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST", "crc_pairs"]

LONGEST = 5
"""Bytes: longer n-grams, and those with letters beyond ASCII, are taken to meet by chance."""


def crc_pairs(grams: Sequence[str], sizes: Sequence[int]) -> dict[int, float]:
    """dim -> expected pairs of n-grams in one of `dim` buckets by CRC-32, for the powers of two of at least 256 among
    `sizes`. grams: different ones."""
    powers = [dim for dim in sizes if dim >= 256 and dim & (dim - 1) == 0]
    if not powers:
        return {}
    groups = [
        _Group(np.frombuffer(b"".join(some), np.uint8).reshape(-1, length))
        for length in range(1, LONGEST + 1)
        if (some := [gram.encode() for gram in grams if len(gram) == length and gram.isascii()])
    ]
    rows = [_rows(after, max(powers)) for after in range(LONGEST)]
    found, seen = np.zeros(len(powers)), 0
    for a, b in combinations_with_replacement(groups, 2):
        for positions, pairs in _differing(a, b).items():
            product = _lengths_alone(a.length, b.length, max(powers))
            for p in (*positions, *range(a.length, b.length)):
                product *= _factor(a, b, p)[rows[p]]
            found += [pairs * float(product[:dim].mean()) for dim in powers]
            seen += pairs
    by_chance = len(grams) * (len(grams) - 1) // 2 - seen
    return {dim: float(pairs + by_chance / dim) for dim, pairs in zip(powers, found, strict=True)}


class _Group:
    """Different n-grams of one length. letters: uint8 (n, length). Position p is the one that p bytes follow."""

    def __init__(self, letters: NDArray[np.uint8]) -> None:
        self.length = letters.shape[1]
        backwards = letters[:, ::-1].astype(np.uint64)
        self._keys = np.sum(backwards << (8 * np.arange(self.length, dtype=np.uint64)), axis=1, dtype=np.uint64)
        self.frequencies = [np.bincount(column, minlength=256) / len(letters) for column in letters.T[::-1]]

    def alike(self, positions: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """(what stands in these positions, of how many n-grams), rising."""
        kept = np.uint64(sum(0xFF << (8 * p) for p in positions))
        keys, counts = np.unique(self._keys & kept, return_counts=True)
        return keys, counts.astype(np.int64)


def _differing(a: _Group, b: _Group) -> Mapping[tuple[int, ...], int]:
    """Each set of positions -> how many pairs, one of each group, differ in all of these and in no other that both
    have. Of one group, pairs of different n-grams."""
    sets = [some for size in range(a.length + 1) for some in combinations(range(a.length), size)]
    agreeing = {}  # pairs that differ in no other position than these
    for free in sets:
        kept = [p for p in range(a.length) if p not in free]
        keys, counts = a.alike(kept)
        if a is b:
            agreeing[free] = int((counts * (counts - 1) // 2).sum())
        else:
            others, times = b.alike(kept)
            _, here, there = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
            agreeing[free] = int((counts[here] * times[there]).sum())
    exactly = {
        some: sum(
            (-1) ** (len(some) - size) * agreeing[fewer]
            for size in range(len(some) + 1)
            for fewer in combinations(some, size)
        )
        for some in sets
    }
    return {some: pairs for some, pairs in exactly.items() if pairs}


def _factor(a: _Group, b: _Group, p: int) -> NDArray[np.float64]:
    """float64 (256): what position p brings, by the bits of its byte that count."""
    others = _walsh_hadamard(b.frequencies[p])
    if p >= a.length:
        return others
    same = float(a.frequencies[p] @ b.frequencies[p])
    return np.asarray((_walsh_hadamard(a.frequencies[p]) * others - same) / (1 - same), np.float64)


def _lengths_alone(a: int, b: int, dim: int) -> NDArray[np.float64]:
    """float64 (dim): -1 for each w with an odd number of the bits by which zeros of both lengths differ, else 1."""
    constant = zlib.crc32(bytes(a)) ^ zlib.crc32(bytes(b))
    out = np.ones(dim)
    for at in range(dim.bit_length() - 1):
        out[1 << at : 2 << at] = out[: 1 << at] * (-1 if (constant >> at) & 1 else 1)
    return out


def _rows(after: int, dim: int) -> NDArray[np.uint8]:
    """uint8 (dim): for each w which bits of a byte that `after` bytes follow decide the parity of (hash and w)."""
    nothing = zlib.crc32(bytes(1 + after))
    images = [zlib.crc32(bytes([1 << bit]) + bytes(after)) ^ nothing for bit in range(8)]
    out = np.zeros(dim, np.uint8)
    for at in range(dim.bit_length() - 1):
        row = sum(((image >> at) & 1) << bit for bit, image in enumerate(images))
        out[1 << at : 2 << at] = out[: 1 << at] ^ np.uint8(row)
    return out


def _walsh_hadamard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The transform of 256 values: at w the sum of each value, times -1 where (its place and w) has an odd parity."""
    out, width = values.astype(np.float64), 1
    while width < len(out):
        pairs = out.reshape(-1, 2, width)
        out = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        width *= 2
    return out
