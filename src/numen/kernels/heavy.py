"""Lists by falling code, and searches that read only the beginning of each to choose which documents to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import FULL, HEAVY_PARTS
from numen.kernels.jit import inline, kernel, piece
from numen.kernels.part import Part, part_at
from numen.kernels.prefetch import prefetch_at, prefetch_list
from numen.kernels.topk import LANES, STRETCH, block_maxima, blocks_of, offer, threshold

__all__ = ["choose_heavy", "sort_by_code"]

AHEAD = 6
"""How many lists before its turn one is asked for."""

FIRST = 4
"""Of several segments, the first to have a sum may fill this part of the places for candidates."""


@kernel
def sort_by_code(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    out_starts: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_codes: NDArray[np.uint8],
    levels: NDArray[np.uint8],
) -> None:
    """Write the postings of the largest codes of each list, largest first, equal ones by document.

    starts ... long_codes: the lists (numen.index.inverted). out_starts: int64 (n_keys + 1): how many of each list are
    kept; out_docs, out_codes: written to; levels (numen.index.heavy.Heavy): zeros, written to.
    """
    at = np.empty(257, np.int64)
    for key in range(len(starts) - 1):
        i = np.int64(long_of[key])
        begin, end = (starts[key], starts[key + 1]) if i < 0 else (long_starts[i], long_starts[i + 1])
        some = codes if i < 0 else long_codes
        # at[c]: where the postings of code c begin, counted from the largest code down.
        at[:] = 0
        for j in range(begin, end):
            at[some[j]] += 1
        at[0] = 0  # an entry that leads up to a wide gap
        n = np.int64(0)
        for c in range(255, 0, -1):
            count = at[c]
            at[c] = n
            n += count
        first, kept = out_starts[key], out_starts[key + 1] - out_starts[key]
        d: Any = 0
        for j in range(begin, end):
            d = np.int64(docs[j]) if i < 0 else d + np.int64(gaps[j])
            code = some[j]
            if code == 0:
                continue
            if at[code] < kept:
                out_docs[first + at[code]], out_codes[first + at[code]] = d, code
            at[code] += 1
        for part in range(HEAVY_PARTS):
            place = (n * part + HEAVY_PARTS - 1) // HEAVY_PARTS
            if place < kept:
                levels[key, part] = out_codes[first + place]


@inline
def _parts_above(levels: NDArray[np.uint8], code: np.uint8) -> int:
    """How many parts of a list begin with this code or a larger one."""
    n = np.uint8(0)
    for part in range(HEAVY_PARTS):
        n = np.uint8(n + np.uint8(levels[part] >= code))
    return np.int64(n)  # type: ignore[return-value]


@piece
def choose_heavy(
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    first: int,
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    depth: float,
    steps: NDArray[np.float32],
    units: NDArray[np.float64],
    bars: NDArray[np.int64],
    heaps: NDArray[np.int64],
    sizes: NDArray[np.int64],
    all_sums: NDArray[np.uint16],
    all_maxima: NDArray[np.uint16],
    crossed: NDArray[np.uint16],
) -> None:
    """Add up the largest codes of segment s, and put documents of high sums into each query's heap.

    The arguments are those of `numen.kernels.product`. bars: int64 per query, the sum that a document must reach, 0 as
    long as no segment had any; written to. crossed: uint16, as long as the largest segment, scratch.
    """
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    acc, maxima = all_sums[:n_docs], all_maxima[: blocks_of(n_docs)]
    factors = np.empty(len(steps), np.uint32)
    begins, ends = np.empty(len(steps), np.int64), np.empty(len(steps), np.int64)
    least = np.float32(depth * FULL * 256)
    for q in range(len(query_starts) - 1):
        if units[q] == 0:
            continue
        if q + 2 < len(query_starts):
            for x in range(query_starts[q + 1], query_starts[q + 2]):
                place = places[query_terms[x]]
                if place >= 0:
                    prefetch_at(p.heavy_levels, place)
                    prefetch_at(p.heavy_starts, place)
                    prefetch_at(p.heavy_lengths, place)
        n = 0
        for x in range(query_starts[q] - first, query_starts[q + 1] - first):
            if steps[x] > 0:
                factor = np.uint32(np.float64(query_weights[x + first] * steps[x]) / units[q] * 256) + np.uint32(1)
                if least <= np.float32(factor) * np.float32(255):
                    place = places[query_terms[x + first]]
                    code = np.uint8(max(np.float32(1), np.ceil(least / np.float32(factor))))
                    parts = _parts_above(p.heavy_levels[place], code)
                    factors[n], begins[n] = factor, p.heavy_starts[place]
                    ends[n] = begins[n] + (np.int64(p.heavy_lengths[place]) * parts + HEAVY_PARTS - 1) // HEAVY_PARTS
                    n += 1
        if n == 0:
            continue
        acc[:] = 0
        bar, heap, size = bars[q], heaps[q], sizes[q]
        n_crossed = _add_heavy(p, acc, begins[:n], ends[:n], factors, np.uint16(min(bar, FULL)), crossed)
        for d in p.dead:
            acc[d] = 0
        if bar > 0:
            for i in range(n_crossed):
                d = np.int64(crossed[i])
                if np.int64(acc[d]) >= bar:
                    size = offer(heap, size, np.int64(acc[d]) << 32 | np.int64(s) << 16 | d)
        else:
            block_maxima(acc, maxima)
            bar = np.int64(threshold(maxima, max(1, len(heap) // min(FIRST, len(table)))))
            for b in range(len(maxima)):
                if np.int64(maxima[b]) >= bar:
                    at = b // LANES * STRETCH
                    for d in range(at + b % LANES, min(at + STRETCH, n_docs), LANES):
                        if np.int64(acc[d]) >= bar:
                            size = offer(heap, size, np.int64(acc[d]) << 32 | np.int64(s) << 16 | np.int64(d))
        sizes[q] = size
        if size > 0:
            bars[q] = max(bar, heap[0] >> 32) if size == len(heap) else bar


@inline
def _add_heavy(
    p: Part,
    acc: NDArray[np.uint16],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    factors: NDArray[np.uint32],
    bar: np.uint16,
    crossed: NDArray[np.uint16],
) -> int:
    """Add factor * code / 256 for the entries of some lists; returns how many documents reached the bar, and writes
    them to `crossed`."""
    docs, codes = p.heavy_docs, p.heavy_codes
    n = np.int64(0)
    for x in range(-AHEAD, len(begins)):
        y = x + AHEAD
        if y < len(begins):
            prefetch_list(docs, codes, begins[y], ends[y])
        if x < 0:
            continue
        factor = factors[x]
        for j in range(np.uint64(begins[x]), np.uint64(ends[x])):
            d = docs[j]
            before = acc[d]
            after = np.uint16(before + np.uint16(factor * np.uint32(codes[j]) >> np.uint32(8)))
            acc[d] = after
            if after >= bar and before < bar:
                crossed[n] = d
                n += 1
    return n  # type: ignore[return-value]
