"""How many n-grams CRC-32 makes collide, from letter frequencies: a linear hash does not collide as chance does.

CRC-32 of texts of one length is linear over the field of two elements but for a constant: crc(x) ^ crc(y) follows from
x ^ y alone (Peterson and Brown 1961). Two n-grams that differ in one letter only never meet in 256 buckets or more, and
n-grams that differ in two letters meet as the columns of the code happen to say, not in one case of `dim`.

The model: n-grams are aligned at their ends, a shorter one is filled up with zeros, and pairs that differ in the
positions P and nowhere else are counted. Positions go in blocks of two; where they differ, the letters of a block are
taken as drawn by the frequency of pairs of letters there, blocks independently of each other. For a block with letters
(x, y) of frequencies J and J' in the two groups of n-grams, let E(u, v) be the mean of (-1)^(u.(x^x') + v.(y^y')) over
those draws that differ as P says. With A_p the bits by which position p enters the lowest bits of the hash, and c what
the lengths alone make of it, two n-grams share a bucket with probability

    1/dim * sum over w < dim of (-1)^(c.w) * product over blocks (p, q) of E(A_p w, A_q w)

which is the Fourier transform of "all lowest bits of crc(x) ^ crc(y) are 0". All other pairs meet in one case of `dim`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST", "crc_pairs"]

LONGEST = 6
"""Bytes: longer n-grams, and those with letters beyond ASCII, are taken to meet by chance."""

_BLOCKS = ((0, 1), (2, 3), (4, 5))
"""Position p is the one that p bytes follow."""


def crc_pairs(grams: Sequence[str], sizes: Sequence[int]) -> dict[int, float]:
    """dim -> expected pairs of n-grams in one of `dim` buckets by CRC-32, for the powers of two of at least 256 among
    `sizes`. grams: different ones."""
    powers = [dim for dim in sizes if dim >= 256 and dim & (dim - 1) == 0]
    if not powers:
        return {}
    largest = max(powers)
    groups = [
        _Group(np.frombuffer(b"".join(some), np.uint8).reshape(-1, length))
        for length in range(1, LONGEST + 1)
        if (some := [gram.encode() for gram in grams if len(gram) == length and gram.isascii()])
    ]
    places = [_rows(p, largest).astype(np.uint16) << 8 | _rows(q, largest) for p, q in _BLOCKS]
    found, seen = np.zeros(len(powers)), 0
    for a, b in combinations_with_replacement(groups, 2):
        means = [_means(a.pairs(block), b.pairs(block)) for block in _BLOCKS]
        for positions, pairs in _differing(a, b).items():
            product = _lengths_alone(a.length, b.length, largest)
            for (p, q), mean, place in zip(_BLOCKS, means, places, strict=True):
                if p in positions or q in positions:
                    product *= mean[p in positions, q in positions].reshape(-1)[place]
            found += [pairs * float(product[:dim].mean()) for dim in powers]
            seen += pairs
    by_chance = len(grams) * (len(grams) - 1) // 2 - seen
    return {dim: float(pairs + by_chance / dim) for dim, pairs in zip(powers, found, strict=True)}


class _Group:
    """Different n-grams of one length. letters: uint8 (n, length)."""

    def __init__(self, letters: NDArray[np.uint8]) -> None:
        self.length = letters.shape[1]
        self._letters = np.zeros((len(letters), LONGEST), np.uint64)
        self._letters[:, : self.length] = letters[:, ::-1]
        self._keys = np.sum(self._letters << (8 * np.arange(LONGEST, dtype=np.uint64)), axis=1, dtype=np.uint64)

    def alike(self, positions: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """(what stands in these positions, of how many n-grams), rising."""
        kept = np.uint64(sum(0xFF << (8 * p) for p in positions))
        keys, counts = np.unique(self._keys & kept, return_counts=True)
        return keys, counts.astype(np.int64)

    def pairs(self, block: tuple[int, int]) -> NDArray[np.float64]:
        """float64 (256, 256): how often each pair of letters stands in the block."""
        both = (self._letters[:, block[0]] << np.uint64(8) | self._letters[:, block[1]]).astype(np.int64)
        return np.bincount(both, minlength=1 << 16).reshape(256, 256) / len(both)


def _differing(a: _Group, b: _Group) -> Mapping[tuple[int, ...], int]:
    """Each set of positions -> how many pairs, one of each group, differ in all of these and nowhere else. Of one
    group, pairs of different n-grams."""
    beyond = tuple(range(a.length, b.length))
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
    return {some + beyond: pairs for some, pairs in exactly.items() if pairs}


def _means(one: NDArray[np.float64], other: NDArray[np.float64]) -> dict[tuple[bool, bool], NDArray[np.float64]]:
    """(the first letters differ, the second ones do) -> float64 (256, 256): E of a block; not where neither does."""
    signs = _signs()
    together = (signs @ one @ signs) * (signs @ other @ signs)
    same_first = ((one @ signs) * (other @ signs)).sum(axis=0)[None, :] + np.zeros((256, 1))
    same_second = ((signs @ one) * (signs @ other)).sum(axis=1)[:, None] + np.zeros((1, 256))
    same_both = float((one * other).sum())
    sums = {
        (True, True): together - same_first - same_second + same_both,
        (True, False): same_second - same_both,
        (False, True): same_first - same_both,
    }
    return {which: total / total[0, 0] for which, total in sums.items() if total[0, 0] > 1e-15}


def _signs() -> NDArray[np.float64]:
    """float64 (256, 256): -1 where (row and column) has an odd number of bits, else 1."""
    out = np.ones((1, 1))
    for _ in range(8):
        out = np.block([[out, out], [out, -out]])
    return out


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
