"""Exact top-k over all segments of a leg of saturated counts (ratio: w c / (c + s), which BM25 is a sum of).

Two ways to the k best, chosen for each query and segment:

- pruned: blocks of documents are bounded first, and only those that can reach the k best are summed
  (numen.kernels.prune). Where that turns out not to pay, the query adds everything, here and in the next segments.
- all: every part is added for every document, then the best are picked out.

Both add in one order (the caller's), in float32, so every path gives the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.accumulate import add_exceptions, add_list, add_row
from numen.kernels.codes import BOUND_BLOCK, RATIO
from numen.kernels.jit import kernel, piece
from numen.kernels.part import part_at
from numen.kernels.prefetch import prefetch_term
from numen.kernels.prune import add_bounds, sum_blocks
from numen.kernels.sort import sort_numbers
from numen.kernels.topk import LANES, blocks_of, drain, float_bits, floor_of, offer, pack, score_of, select

__all__ = ["search_ratios"]

SEEDS = 16
"""Blocks of the highest bounds that are summed first, where no threshold is known yet."""

LOOKUP = 8.0
"""What it costs to find one term in one block, in postings added."""

AHEAD = 2
"""How many terms before its turn a list is asked for."""

RESIGN = 6
"""Segments for which a query adds everything after pruning did not pay."""


@piece
def _offer_blocks(
    blocks: NDArray[np.int64],
    n_blocks: int,
    sums: NDArray[np.float32],
    left_out: NDArray[np.uint8],
    ranks: NDArray[np.uint16],
    floor: np.float32,
    heap: NDArray[np.int64],
    size: int,
) -> int:
    """Offer the documents of summed blocks to the heap; returns how many it holds."""
    for i in range(n_blocks):
        first = blocks[i] * BOUND_BLOCK
        for d in range(first, min(first + BOUND_BLOCK, len(ranks))):
            total = sums[i * BOUND_BLOCK + d - first]
            if total > 0 and total >= floor and (len(left_out) == 0 or left_out[d] == 0):
                size = offer(heap, size, pack(float_bits(total), ranks[d], d))
    return size


@piece
def _highest(bounds: NDArray[np.float32], n: int, blocks: NDArray[np.int64]) -> int:
    """Write the blocks of the n highest bounds to `blocks`, ascending; returns how many there are (bounds above 0)."""
    heap = np.empty(n, np.int64)
    bits = bounds.view(np.int32)
    size = 0
    for b in range(len(bounds)):
        if bits[b] > 0:
            size = offer(heap, size, np.int64(bits[b]) << 32 | np.int64(b))
    for i in range(size):
        blocks[i] = heap[i] & 0xFFFFFFFF
    sort_numbers(blocks[:size])
    return size


@piece
def _reaching(bounds: NDArray[np.float32], needed: np.float32, blocks: NDArray[np.int64]) -> int:
    """Write the blocks whose bounds are above 0 and at least `needed` to `blocks`, ascending; returns how many."""
    n = 0
    for low in range(0, len(bounds), LANES):
        some = bounds[low : low + LANES]
        reached = 0
        for b in range(len(some)):
            reached += some[b] >= needed
        if reached:
            for b in range(len(some)):
                if some[b] >= needed and some[b] > 0:
                    blocks[n] = low + b
                    n += 1
    return n


@piece
def _entries(
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
) -> float:
    """What adding everything costs a query, in postings added: a row's documents and the top-k cost an eighth each."""
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    total = n_docs / 4
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place < 0:
            continue
        if p.row_of[place] >= 0:
            total += n_docs / 8
        elif p.long_of[place] >= 0:
            total += p.long_starts[p.long_of[place] + 1] - p.long_starts[p.long_of[place]]
        else:
            total += p.starts[place + 1] - p.starts[place]
    return total


@piece
def _add_all(
    acc: NDArray[np.float32],
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    levels: NDArray[np.float32],
) -> None:
    """Add the parts of all terms for all documents; those left out get 0."""
    p = part_at(table, s)
    acc[:] = 0
    for x in range(begin, end):
        if x + AHEAD < end:
            prefetch_term(p, places[query_terms[x + AHEAD]])
        place, weight = places[query_terms[x]], query_weights[x]
        if place < 0:
            continue
        if p.row_of[place] >= 0:
            add_row(acc, table, s, place, weight)
        else:
            add_list(acc, table, s, place, weight, RATIO, levels)
            if len(p.exception_keys):
                add_exceptions(acc, table, s, place, weight, RATIO)
    for d in p.dead:
        acc[d] = 0


@piece
def _search(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    s: int,
    tops: NDArray[np.float32],
    resigned: NDArray[np.uint8],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """One segment's part of `search_ratios`. resigned: uint8 per query, for how many segments it adds everything."""
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    k = out_docs.shape[1]
    acc, levels = np.empty(n_docs, np.float32), np.empty(256, np.float32)
    heap = np.empty(k, np.int64)
    maxima = np.empty(blocks_of(n_docs), np.int32)
    n_bounds = len(p.saturations)
    seeds = min(max(SEEDS, k), n_bounds)
    frequent, bounds = np.empty(n_bounds, np.float32), np.empty(n_bounds, np.float32)
    blocks, rest = np.empty(n_bounds, np.int64), np.empty(n_bounds, np.float64)
    sums = np.empty(n_bounds * BOUND_BLOCK, np.float32)
    left_out = np.zeros(n_docs if len(p.dead) and n_bounds else 0, np.uint8)
    if len(left_out):
        for d in p.dead:
            left_out[d] = 1

    for q in range(len(query_starts) - 1):
        begin, end = query_starts[q], query_starts[q + 1]
        floor = floor_of(tops[q])
        prune = n_bounds > 0 and seeds * 4 < n_bounds
        for x in range(begin, end):
            prune = prune and query_weights[x] > 0
        if prune and resigned[q] > 0:
            resigned[q] -= 1
            prune = False
        cost = 0.0
        if prune:
            cost = _entries(table, s, places, begin, end, query_terms)
            # Bounding blocks costs something too: where there is little to add, everything is.
            prune = cost > (n_docs if floor > 0 else 2 * n_docs) / 2
        size = 0
        if prune:
            # Late rare terms count as frequent: what is called the rest of a block must hold all that comes later.
            split = begin
            while split < end and (places[query_terms[split]] < 0 or p.bound_of[places[query_terms[split]]] < 0):
                split += 1
            frequent[:] = 0
            add_bounds(True, table, s, places, split, end, query_terms, query_weights, frequent)
            add_bounds(False, table, s, places, split, end, query_terms, query_weights, frequent)
            bounds[:] = frequent
            add_bounds(False, table, s, places, begin, split, query_terms, query_weights, bounds)
            # What float32 can lose or gain in a sum of so many terms, generously.
            slack = np.float32(1e-6) * np.float32(end - begin + 8)
            needed = np.float32(0)
            for turn in range(2):
                if turn == 0:
                    if floor > 0:
                        continue
                    # No threshold yet: the blocks of the highest bounds give one.
                    n = _highest(bounds, seeds, blocks)
                else:
                    least = max(floor, score_of(heap[0])) if size == k else floor
                    needed = least * (np.float32(1) - slack)
                    n = _reaching(bounds, needed, blocks)
                    if n * (end - begin) * LOOKUP > cost:
                        prune = False
                        resigned[q] = RESIGN if floor > 0 else 0
                        break
                for i in range(n):
                    rest[i] = np.float64(frequent[blocks[i]]) * (1 + np.float64(slack))
                sums[: n * BOUND_BLOCK] = 0
                left = sum_blocks(
                    blocks, n, needed, table, s, places, begin, end, query_terms, query_weights, RATIO, rest, sums
                )
                size = _offer_blocks(blocks, left, sums, left_out, p.ranks, floor, heap, size)
                for i in range(left):
                    bounds[blocks[i]] = 0
        if not prune:
            _add_all(acc, table, s, places, begin, end, query_terms, query_weights, levels)
            size = select(acc, p.ranks, floor, maxima, heap)
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size


@kernel
def search_ratios(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
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
    tops: float32 (n_queries, k), a heap of the k best scores of each query so far, 0 for none yet, written to: a hit
        must reach the least of them.
    out_docs, out_scores: (n_segments, n_queries, k), of each segment best first, ties by rank; out_found (n_segments,
        n_queries): how many. Hits below the k-th best of all segments may be missing. Only positive scores are hits.
    """
    out_found[:] = 0
    resigned = np.zeros(len(query_starts) - 1, np.uint8)
    for s in range(len(table) if out_docs.shape[2] else 0):
        _search(
            query_starts,
            query_terms,
            query_weights,
            places[s],
            table,
            s,
            tops,
            resigned,
            out_docs[s],
            out_scores[s],
            out_found[s],
        )
