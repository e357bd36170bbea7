"""What words given documents hold, and how often: by their trails, checked against the lists."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE
from numen.kernels.jit import kernel
from numen.kernels.lookup import exception_of, first_at, long_entry
from numen.kernels.sort import order_of

__all__ = ["held_words", "terms_by_hash"]

HASHES = 1 << 16
"""Different hashes that a trail can hold."""


@kernel
def terms_by_hash(hashes: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """(hash_starts, hash_terms): the terms of hash h, ascending, are hash_terms[hash_starts[h]:hash_starts[h + 1]].

    hashes: uint16, one a term (numen.kernels.pairs). hash_starts: int64 (65,537).
    """
    hash_starts = np.zeros(HASHES + 1, np.int64)
    for h in hashes:
        hash_starts[np.int64(h) + 1] += 1
    for h in range(HASHES):
        hash_starts[h + 1] += hash_starts[h]
    at = hash_starts[:HASHES].copy()
    hash_terms = np.empty(len(hashes), np.uint32)
    for t in range(len(hashes)):
        h = np.int64(hashes[t])
        hash_terms[at[h]] = t
        at[h] += 1
    return hash_starts, hash_terms


@kernel
def held_words(
    wanted: NDArray[np.int64],
    longest: int,
    hash_starts: NDArray[np.int64],
    hash_terms: NDArray[np.uint32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    skip_starts: NDArray[np.int64],
    skips: NDArray[np.uint16],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    trail_starts: NDArray[np.int64],
    trail: NDArray[np.uint16],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(held_starts, places, counts): the words among the first `longest` of each document `wanted`, and their counts.

    counts: float64, in the whole document. Document i's words are places[held_starts[i]:held_starts[i + 1]], ascending.
    hash_starts, hash_terms: of `terms_by_hash`. The lists are those of numen.index.inverted. A word that only shares
    its hash with one of the document is not in the document's list, so it does not count.
    """
    held_starts = np.zeros(len(wanted) + 1, np.int64)
    places = np.empty(1024, np.int64)
    counts = np.empty(1024, np.float64)
    seen = np.zeros(HASHES, np.bool_)
    at = 0
    e: Any = 0
    i: Any = 0
    d: Any = 0
    code: Any = 0
    for w in range(len(wanted)):
        d = wanted[w]
        begin = trail_starts[d]
        end = min(trail_starts[d + 1], begin + longest)
        for j in range(begin, end):
            h = np.int64(trail[j])
            if seen[h]:
                continue
            seen[h] = True
            for x in range(hash_starts[h], hash_starts[h + 1]):
                place: Any = np.int64(hash_terms[x])
                code = np.int64(0)
                if row_of[place] >= 0:
                    code = np.int64(rows[row_of[place], d])
                elif long_of[place] >= 0:
                    i = np.int64(long_of[place])
                    e = long_entry(long_starts, gaps, skip_starts, skips, i, d)
                    if e >= 0:
                        code = np.int64(long_codes[e])
                else:
                    e = first_at(docs, starts[place], starts[place + 1], d)
                    if e < starts[place + 1] and np.int64(docs[e]) == d:
                        code = np.int64(codes[e])
                if code == 0:
                    continue
                if at == len(places):
                    more_places, more_counts = np.empty(2 * at, np.int64), np.empty(2 * at, np.float64)
                    more_places[:at], more_counts[:at] = places, counts
                    places, counts = more_places, more_counts
                places[at] = place
                counts[at] = np.float64(code)
                if code == ESCAPE:
                    counts[at] = np.float64(exception_of(exception_keys, exception_docs, exception_counts, place, d))
                at += 1
        for j in range(begin, end):
            seen[trail[j]] = False
        begin = held_starts[w]
        order = order_of(places[begin:at])
        places[begin:at] = places[begin:at][order]
        counts[begin:at] = counts[begin:at][order]
        held_starts[w + 1] = at
    return held_starts, places[:at].copy(), counts[:at].copy()
