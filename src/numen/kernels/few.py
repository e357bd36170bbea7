"""Exact top-k among few documents of each segment: their blocks are summed, and no other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import BOUND_BLOCK, LOG, SCALED
from numen.kernels.jit import kernel, piece
from numen.kernels.part import part_at
from numen.kernels.prune import sum_blocks
from numen.kernels.topk import drain, float_bits, floor_of, offer, pack

__all__ = ["search_few"]


@piece
def _search(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    s: int,
    form: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """One segment's part of `search_few`."""
    p = part_at(table, s)
    kept = p.dead
    k = out_docs.shape[1]
    heap = np.empty(k, np.int64)
    wanted, slots = np.empty(len(kept), np.int64), np.empty(len(kept), np.int64)
    n = 0
    for i in range(len(kept)):
        b = np.int64(kept[i]) // BOUND_BLOCK
        if n == 0 or wanted[n - 1] != b:
            wanted[n] = b
            n += 1
        slots[i] = (n - 1) * BOUND_BLOCK + np.int64(kept[i]) % BOUND_BLOCK
    sums, rest = np.empty(n * BOUND_BLOCK, np.float32), np.empty(0, np.float64)
    for q in range(len(query_starts) - 1):
        sums[:] = 0
        begin, end = query_starts[q], query_starts[q + 1]
        nothing = np.float32(0)  # needed: no block is dropped
        sum_blocks(wanted, n, nothing, table, s, places, begin, end, query_terms, query_weights, form, rest, sums)
        size = 0
        floor = floor_of(tops[q])
        for i in range(len(kept)):
            d = kept[i]
            total = sums[slots[i]]
            if form in (LOG, SCALED):
                total *= p.doc_values[d]
            if total > 0 and total >= floor:
                size = offer(heap, size, pack(float_bits(total), p.ranks[d], int(d)))
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size


@kernel
def search_few(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    form: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best of few documents of each segment for each query of a batch.

    table: the segments' parts, whose `dead` are here the documents that take part. form: RATIO, LOG, PRODUCT or SCALED.
    All else, the order of summing included, is as in `search_ratios` and the other searches: scores are the same bits.
    """
    out_found[:] = 0
    for s in range(len(table) if out_docs.shape[2] else 0):
        _search(
            query_starts,
            query_terms,
            query_weights,
            places[s],
            table,
            s,
            form,
            tops,
            out_docs[s],
            out_scores[s],
            out_found[s],
        )
