"""Exact top-k among few documents of one segment: their blocks are summed, and no other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import BOUND_BLOCK, LOG, SCALED
from numen.kernels.jit import kernel
from numen.kernels.prune import sum_blocks
from numen.kernels.topk import drain, float_bits, floor_of, offer, pack

__all__ = ["search_few"]


@kernel
def search_few(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    skip_starts: NDArray[np.int64],
    skips: NDArray[np.uint16],
    fine: NDArray[np.uint8],
    long_fine: NDArray[np.uint8],
    steps: NDArray[np.float32],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    row_values: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    form: int,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    kept: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    tops: NDArray[np.float32],
    resigned: NDArray[np.uint8],
    share: float,
    parts: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best of the documents `kept` (uint16, ascending) for each query of a batch.

    All else, the order of summing included, is as in `numen.kernels.score.search_lists`, so scores are the same bits.
    resigned, share and parts are not read: few documents are always summed exactly.
    """
    k = out_docs.shape[1]
    heap = np.empty(k, np.int64)
    wanted = np.empty(len(kept), np.int64)
    slots = np.empty(len(kept), np.int64)
    n = 0
    for i in range(len(kept)):
        b = np.int64(kept[i]) // BOUND_BLOCK
        if n == 0 or wanted[n - 1] != b:
            wanted[n] = b
            n += 1
        slots[i] = (n - 1) * BOUND_BLOCK + np.int64(kept[i]) % BOUND_BLOCK
    blocks = wanted[:n].copy()
    sums, rest = np.empty(n * BOUND_BLOCK, np.float32), np.zeros(n, np.float64)
    no_bounds = np.full(len(long_of), -1, np.int32)
    no_codes, no_values = np.empty((0, 0), np.uint8), np.empty(0, np.float32)
    for q in range(len(query_starts) - 1):
        sums[:] = 0
        sum_blocks(
            blocks,
            n,
            np.float32(0),
            query_starts[q],
            query_starts[q + 1],
            query_terms,
            query_weights,
            places,
            starts,
            docs,
            codes,
            long_of,
            long_starts,
            gaps,
            long_codes,
            skip_starts,
            skips,
            fine,
            long_fine,
            steps,
            row_of,
            rows,
            row_values,
            no_bounds,
            no_codes,
            no_values,
            exception_keys,
            exception_docs,
            exception_counts,
            form,
            doc_values,
            log_table,
            rest,
            sums,
        )
        size = 0
        floor = floor_of(tops[q])
        for i in range(len(kept)):
            d = kept[i]
            total = sums[slots[i]]
            if form in (LOG, SCALED):
                total *= doc_values[d]
            if k > 0 and total > 0 and total >= floor:
                size = offer(heap, size, pack(float_bits(total), ranks[d], int(d)))
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size
