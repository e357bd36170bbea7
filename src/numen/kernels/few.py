"""Exact top-k among few documents of one segment: each term is looked up in them, instead of them in each term."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE
from numen.kernels.jit import kernel
from numen.kernels.lookup import code_of, exception_of, log_of
from numen.kernels.topk import drain, float_bits, offer, pack

__all__ = ["score_documents"]

WALK = 8
"""A list of fewer postings than WALK a document is walked beside the documents; in a longer one each is searched."""


@kernel
def score_documents(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    row_of: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    row_values: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    ratio: bool,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    kept: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best of the documents `kept` (uint16, ascending) for each query of a batch.

    All else, the order of summing included, is as in `numen.kernels.score.search_lists`, so scores are the same bits.
    """
    k = out_docs.shape[1]
    acc = np.empty(len(kept), np.float32)
    heap = np.empty(k, np.int64)
    found = np.empty(len(kept), np.int64)
    for q in range(len(query_starts) - 1):
        acc[:] = 0
        for x in range(query_starts[q], query_starts[q + 1]):
            term, weight = query_terms[x], query_weights[x]
            place = places[term]
            if place < 0:
                continue
            r = row_of[term]
            from_, to = starts[place], starts[place + 1]
            if r >= 0:
                for i in range(len(kept)):
                    found[i] = rows[r, kept[i]]
            elif to - from_ < WALK * len(kept):
                j = from_
                for i in range(len(kept)):
                    while j < to and docs[j] < kept[i]:
                        j += 1
                    found[i] = codes[j] if j < to and docs[j] == kept[i] else 0
            else:
                for i in range(len(kept)):
                    found[i] = code_of(docs, codes, from_, to, int(kept[i]))
            for i in range(len(kept)):
                code = found[i]
                if code == 0:
                    continue
                d = kept[i]
                if r >= 0 and not ratio:
                    acc[i] += weight * row_values[r, code]
                    continue
                count = np.uint32(code)
                if code == ESCAPE:
                    count = exception_of(exception_keys, exception_docs, exception_counts, place, int(d))
                if ratio:
                    f = np.float32(count)
                    acc[i] += weight * (f / (f + doc_values[d]))
                else:
                    acc[i] += weight * log_of(count, log_table)
        size = 0
        for i in range(len(kept)):
            d = kept[i]
            total = acc[i] if ratio else acc[i] * doc_values[d]
            if k > 0 and total > 0 and total >= floors[q]:
                size = offer(heap, size, pack(float_bits(total), ranks[d], int(d)))
        drain(heap, size, out_docs[q], out_scores[q])
        out_found[q] = size
