"""Exact top-k over all segments of a leg of float32 weights (product).

Codes, which bound weights from above within a 255th of the largest, are added instead of the weights, in 16 bits: a
third of the memory to read, and half of it to write. The documents of the highest bounds over all segments are then
summed from the weights, highest first, until no bound reaches the k-th best sum. Where too many do (documents that are
all alike), and where weights are negative or far apart, the query adds the weights themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.accumulate import add_codes, add_weights
from numen.kernels.candidates import SLACK, sum_candidates
from numen.kernels.codes import FULL
from numen.kernels.forward import KEYS, bound_rows
from numen.kernels.heavy import choose_heavy
from numen.kernels.jit import inline, kernel, piece
from numen.kernels.part import part_at
from numen.kernels.topk import (
    LANES,
    STRETCH,
    block_maxima,
    blocks_of,
    drain,
    floor_of,
    offer,
    select,
    threshold,
)

__all__ = ["search_products"]

SAFE = 1e-30
"""Query weights times steps between this and its inverse neither underflow nor overflow where it would matter."""

LOOKUPS = 1 << 19
"""Lists looked up at once (terms of some queries times segments): 10 MB."""


@piece
def _look_up(
    table: NDArray[np.int64],
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    steps: NDArray[np.float32],
) -> None:
    """Where the lists of the terms in [begin, end) lie in each segment, as `add_codes` takes them.

    begins, ends, steps: (n_segments, at least end - begin), written to; ends and steps are 0 where there is no list.
    """
    for s in range(len(table)):
        p = part_at(table, s)
        for x in range(begin, end):
            place = places[s, query_terms[x]]
            begins[s, x - begin] = ends[s, x - begin] = 0
            steps[s, x - begin] = 0
            if place >= 0:
                i = np.int64(p.long_of[place])
                begins[s, x - begin] = p.starts[place] if i < 0 else -1 - i
                ends[s, x - begin] = p.starts[place + 1]
                steps[s, x - begin] = p.steps[place]


@inline
def _unit_of(begin: int, end: int, first: int, query_weights: NDArray[np.float32], steps: NDArray[np.float32]) -> float:
    """What a sum of codes counts, so that none is above FULL; 0 where bounds would not hold."""
    total = 0.0
    for x in range(begin, end):
        largest = np.float32(0)
        for s in range(len(steps)):
            step = steps[s, x - first] * query_weights[x]
            if step != 0 and not (step > SAFE and step < 1 / SAFE):
                return 0.0
            largest = max(largest, step)
        total += np.float64(largest) * 255
    room = FULL - 1 - (end - begin)
    return total * SLACK / room if room > FULL // 2 else 0.0


@piece
def _collect(
    table: NDArray[np.int64],
    s: int,
    first: int,
    query_starts: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    steps: NDArray[np.float32],
    units: NDArray[np.float64],
    thin: NDArray[np.uint8],
    tops: NDArray[np.float32],
    heaps: NDArray[np.int64],
    sizes: NDArray[np.int64],
    all_sums: NDArray[np.uint16],
    all_maxima: NDArray[np.uint16],
) -> None:
    """Add up the codes of segment s, and put the documents of the highest sums into each query's heap.

    A candidate is its sum, the segment, and the document, in one number. begins, ends, steps: the segment's, of the
    terms from `first` on. thin: uint8 per query, set where a term's smallest part counts nothing.
    """
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    acc, maxima = all_sums[:n_docs], all_maxima[: blocks_of(n_docs)]
    factors = np.empty(len(begins), np.uint32)
    for q in range(len(query_starts) - 1):
        unit = units[q]
        if unit == 0:
            continue
        begin, end = query_starts[q] - first, query_starts[q + 1] - first
        any_ = False
        for x in range(begin, end):
            factors[x] = 0
            if steps[x] > 0:
                factors[x] = np.uint32(np.float64(query_weights[x + first] * steps[x]) / unit * 256) + np.uint32(1)
                any_ = True
                if factors[x] < 256:
                    thin[q] = 1
        if not any_:
            continue
        acc[:] = 0
        add_codes(acc, begin, end, begins, ends, factors, p.docs, p.codes, p.long_starts, p.gaps, p.long_codes)
        for d in p.dead:
            acc[d] = 0
        block_maxima(acc, maxima)
        heap, size = heaps[q], sizes[q]
        bar = np.int64(heap[0] >> 32) if size == len(heap) else np.int64(threshold(maxima, len(heap)))
        if floor_of(tops[q]) > 0:
            bar = max(bar, np.int64(floor_of(tops[q]) / SLACK / unit) - (end - begin))
        for b in range(len(maxima)):
            if np.int64(maxima[b]) < bar:
                continue
            at = b // LANES * STRETCH
            for d in range(at + b % LANES, min(at + STRETCH, n_docs), LANES):
                if np.int64(acc[d]) >= bar:
                    size = offer(heap, size, np.int64(acc[d]) << 32 | np.int64(s) << 16 | np.int64(d))
                    if size == len(heap):
                        bar = max(bar, heap[0] >> 32)
        sizes[q] = size


@piece
def _add_all(
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    tops: NDArray[np.float32],
    heap: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
) -> int:
    """The best documents of segment s for one query, from the weights themselves; returns how many."""
    p = part_at(table, s)
    acc = np.zeros(len(p.doc_values), np.float32)
    maxima = np.empty(blocks_of(len(acc)), np.int32)
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place >= 0:
            add_weights(acc, table, s, place, query_weights[x])
    for d in p.dead:
        acc[d] = 0
    size = select(acc, p.ranks, floor_of(tops), maxima, heap)
    drain(heap, size, tops, out_docs, out_scores)
    return size


@kernel
def search_products(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    depth: float,
    width: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best documents of all segments for each query of a batch.

    query_starts, query_terms, query_weights: query q's terms, in the order of summing, in
        [query_starts[q], query_starts[q + 1]); a term is a column of places.
    places: int64 (n_segments, n_keys): the term's key in each segment, -1 where the segment lacks it. table: the
        segments' parts (numen.kernels.part).
    depth: 0 for the exact best. Else parts below this share of what the query could score at most take no part in
        choosing which documents are summed. width: documents summed at most, at least k; if not exact, so many are.
    tops: float32 (n_queries, k), a heap of the k best scores of each query so far, 0 for none yet, written to: a hit
        must reach the least of them.
    out_docs, out_scores: (n_segments, n_queries, k), the hits in no order; out_found (n_segments, n_queries): how many.
        Hits that the k-th best score of all segments leaves out may be missing. Only positive scores are hits.
    """
    n_queries = len(query_starts) - 1
    k = out_docs.shape[2]
    out_found[:] = 0
    if k == 0:
        return
    most = 0
    for s in range(len(table)):
        most = max(most, len(part_at(table, s).doc_values))
    sums, maxima = np.empty(most, np.uint16), np.empty(blocks_of(most), np.uint16)
    heap = np.empty(k, np.int64)
    approximate = depth > 0
    crossed, keys = np.empty(most if approximate else 0, np.uint16), np.zeros(KEYS if approximate else 0, np.uint16)
    low = 0
    while low < n_queries:
        first = query_starts[low]
        high = low + 1
        while high < n_queries and (query_starts[high + 1] - first) * len(table) <= LOOKUPS:
            high += 1
        n = query_starts[high] - first
        begins, ends = np.empty((len(table), n), np.int64), np.empty((len(table), n), np.int64)
        steps = np.empty((len(table), n), np.float32)
        _look_up(table, places, first, query_starts[high], query_terms, begins, ends, steps)
        units, thin = np.empty(high - low, np.float64), np.zeros(high - low, np.uint8)
        for q in range(low, high):
            units[q - low] = _unit_of(query_starts[q], query_starts[q + 1], first, query_weights, steps)
        heaps, sizes = np.empty((high - low, width), np.int64), np.zeros(high - low, np.int64)
        bars = np.zeros(high - low, np.int64)
        for s in range(len(table)):
            if approximate:
                choose_heavy(
                    table,
                    s,
                    places[s],
                    first,
                    query_starts[low : high + 1],
                    query_terms,
                    query_weights,
                    depth,
                    steps[s],
                    units,
                    bars,
                    heaps,
                    sizes,
                    sums,
                    maxima,
                    crossed,
                )
            else:
                _collect(
                    table,
                    s,
                    first,
                    query_starts[low : high + 1],
                    query_weights,
                    begins[s],
                    ends[s],
                    steps[s],
                    units,
                    thin,
                    tops[low:high],
                    heaps,
                    sizes,
                    sums,
                    maxima,
                )
        for q in range(low, high):
            begin, end = query_starts[q], query_starts[q + 1]
            if units[q - low] > 0 and approximate:
                bound_rows(
                    table,
                    places,
                    begin - first,
                    end - first,
                    first,
                    query_terms,
                    query_weights,
                    steps,
                    units[q - low],
                    heaps[q - low, : sizes[q - low]],
                    keys,
                )
            if units[q - low] > 0 and sum_candidates(
                table,
                q,
                places,
                begin - first,
                end - first,
                first,
                query_terms,
                query_weights,
                begins,
                ends,
                steps,
                keys,
                units[q - low],
                thin[q - low] > 0,
                heaps[q - low],
                sizes[q - low],
                tops[q],
                out_docs,
                out_scores,
                out_found,
            ):
                continue
            for s in range(len(table)):
                out_found[s, q] = _add_all(
                    table,
                    s,
                    places[s],
                    begin,
                    end,
                    query_terms,
                    query_weights,
                    tops[q],
                    heap,
                    out_docs[s, q],
                    out_scores[s, q],
                )
        low = high
