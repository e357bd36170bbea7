"""Trails: the terms of each document in order, two bytes a term, in which neighbours can be told from others.

A trail holds a 16-bit hash of each term. Two terms that a document has side by side are found by looking through the
trails of documents that have both: in such a document, a pair that is none is met once in about 65,536 / its count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["count_pairs", "gather_trails", "term_hashes", "trail_of"]


@kernel
def term_hashes(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.uint16]:
    """uint16: a hash of each term, blob[starts[t]:starts[t + 1]]: FNV-1a of 32 bits, folded to 16."""
    out = np.empty(len(starts) - 1, np.uint16)
    for t in range(len(out)):
        h = np.uint32(0x811C9DC5)
        for j in range(starts[t], starts[t + 1]):
            h = np.uint32((h ^ np.uint32(blob[j])) * np.uint32(0x01000193))
        out[t] = np.uint16((h >> np.uint32(16)) ^ (h & np.uint32(0xFFFF)))
    return out


@kernel
def trail_of(
    tokens: NDArray[np.uint32], term_starts: NDArray[np.int64], terms: NDArray[np.uint32], hashes: NDArray[np.uint16]
) -> NDArray[np.uint16]:
    """uint16: the hashes of the terms of words `tokens`, in order; term_starts, terms: the terms of each word."""
    total: Any = 0
    for word in tokens:
        total += term_starts[word + 1] - term_starts[word]
    out = np.empty(total, np.uint16)
    at = 0
    for word in tokens:
        for x in range(term_starts[word], term_starts[word + 1]):
            out[at] = hashes[terms[x]]
            at += 1
    return out


@kernel
def gather_trails(
    trail: NDArray[np.uint16], lengths: NDArray[np.uint32], order: NDArray[np.int64]
) -> NDArray[np.uint16]:
    """The trails of documents `order`, one after the other; lengths: uint32, of all documents."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    for d in range(len(lengths)):
        starts[d + 1] = starts[d] + np.int64(lengths[d])
    total: Any = 0
    for d in order:
        total += np.int64(lengths[d])
    out = np.empty(total, np.uint16)
    at: Any = 0
    for d in order:
        length = np.int64(lengths[d])
        out[at : at + length] = trail[starts[d] : starts[d] + length]
        at += length
    return out


@inline
def _side_by_side(trail: NDArray[np.uint16], begin: int, end: int, first: np.uint16, second: np.uint16) -> Any:
    """How often `first` stands right before `second` in trail[begin:end]."""
    n: Any = 0
    for j in range(np.uint64(begin), np.uint64(max(end - 1, begin))):
        n += np.int64((trail[j] == first) & (trail[j + np.uint64(1)] == second))
    return n


@kernel
def count_pairs(
    firsts: NDArray[np.int64],
    seconds: NDArray[np.int64],
    first_hashes: NDArray[np.uint16],
    second_hashes: NDArray[np.uint16],
    frequencies: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    trail_starts: NDArray[np.int64],
    trail: NDArray[np.uint16],
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.float32]]:
    """(pair_starts, docs, counts): the documents where one key's term stands right before another's, and how often.

    firsts, seconds: the places of the two keys of each pair, -1 where the segment has none; first_hashes,
    second_hashes: of their terms. frequencies: of every key. The lists are those of numen.index.inverted; document d's
    trail is trail[trail_starts[d]:trail_starts[d + 1]]. Pair p's documents, ascending, are docs[pair_starts[p]:...].
    """
    n_docs = len(trail_starts) - 1
    pair_starts = np.zeros(len(firsts) + 1, np.int64)
    out_docs = np.empty(1024, np.uint16)
    counts = np.empty(1024, np.float32)
    both = np.zeros(n_docs, np.uint8)
    at = 0
    d: Any = 0
    for p in range(len(firsts)):
        a, b = firsts[p], seconds[p]
        if a >= 0 and b >= 0:
            # Mark the documents of one term, and of these those of the other.
            for turn in range(2):
                place = a if turn == 0 else b
                r, i = row_of[place], long_of[place]
                if r >= 0:
                    row = rows[r]
                    for d in range(n_docs):
                        both[d] += np.uint8(row[d] != 0)
                elif i >= 0:
                    d = np.int64(0)
                    for j in range(long_starts[i], long_starts[i + 1]):
                        d += np.int64(gaps[j])
                        both[d] += np.uint8(long_codes[j] != 0)
                else:
                    for j in range(starts[place], starts[place + 1]):
                        both[docs[j]] += np.uint8(1)
            place = a if frequencies[a] <= frequencies[b] else b
            if at + frequencies[place] > len(out_docs):
                room = 2 * (at + frequencies[place])
                more_docs, more_counts = np.empty(room, np.uint16), np.empty(room, np.float32)
                more_docs[:at], more_counts[:at] = out_docs[:at], counts[:at]
                out_docs, counts = more_docs, more_counts
            r, i = row_of[place], long_of[place]
            begin, end = starts[place], starts[place + 1]
            if r >= 0:
                begin, end = np.int64(0), np.int64(n_docs)
            elif i >= 0:
                begin, end = long_starts[i], long_starts[i + 1]
            d = np.int64(0)
            for j in range(begin, end):
                if r >= 0:
                    d = j
                elif i >= 0:
                    d += np.int64(gaps[j])
                else:
                    d = np.int64(docs[j])
                if both[d] == 2:
                    both[d] = 0
                    n = _side_by_side(trail, trail_starts[d], trail_starts[d + 1], first_hashes[p], second_hashes[p])
                    if n > 0:
                        out_docs[at] = d
                        counts[at] = n
                        at += 1
            both[:] = 0
        pair_starts[p + 1] = at
    return pair_starts, out_docs[:at].copy(), counts[:at].copy()
