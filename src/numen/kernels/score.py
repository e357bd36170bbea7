"""Exact top-k over the inverted lists of one segment.

A score is a sum over the query's terms in one fixed order (the caller's: rarest first), in float32, whatever path finds
the document; so every path gives the same bits, and equal documents tie.

Two ways from a count f to a term's part of a score, weight w:

- ratio: w * f / (f + saturation[d]). All five BM25 formulas are of this form (numen.encode.bm25).
- log:   w * ln(1 + f), and the sum is multiplied by the document's inverse norm (hashed n-grams, cosine).

Ratios of a plain row are exact in a loop that vectorises. Logarithms are not: there a row's codes, which rise nearly
linearly with the logarithm, first give an estimate with a known error; documents whose estimate could reach the top k
are then summed exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE
from numen.kernels.jit import inline, kernel
from numen.kernels.lookup import code_of, exception_of, first_of, log_of
from numen.kernels.topk import BLOCK, block_maxima, drain, float_bits, offer, pack, select, threshold

__all__ = ["search_lists"]

STRETCH = 4_096
"""Documents whose estimates are summed at a time: 16 KB, half of a first-level cache; a multiple of BLOCK."""


@inline
def _add_list(
    acc: NDArray[np.float32],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    weight: np.float32,
    ratio: bool,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    table: NDArray[np.float32],
) -> None:
    """Add one list's parts; codes of ESCAPE add nothing (their counts follow from the exceptions)."""
    if ratio:
        for j in range(len(docs)):
            d = docs[j]
            f = np.float32(codes[j])
            if codes[j] != ESCAPE:
                acc[d] += weight * (f / (f + doc_values[d]))
    else:
        for c in range(ESCAPE):
            table[c] = weight * log_table[c]
        table[ESCAPE] = 0
        for j in range(len(docs)):
            acc[docs[j]] += table[codes[j]]


@inline
def _add_row(
    acc: NDArray[np.float32], row: NDArray[np.uint8], weight: np.float32, doc_values: NDArray[np.float32]
) -> None:
    for d in range(len(row)):
        f = np.float32(row[d])
        acc[d] += weight * (f / (f + doc_values[d]))


@inline
def _estimate_row(estimate: NDArray[np.float32], row: NDArray[np.uint8], slope: np.float32) -> None:
    for d in range(len(row)):
        estimate[d] += slope * np.float32(row[d])


@kernel
def search_lists(
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
    row_steps: NDArray[np.float32],
    row_errors: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    ratio: bool,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    dead: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best documents of one segment for each query of a batch.

    query_starts, query_terms, query_weights: query q's terms, in the order of summing, in
        [query_starts[q], query_starts[q + 1]); a term is a number into places and row_of.
    places: the term's list in this segment, -1 where the segment lacks it. row_of: its plain row, or -1.
    starts, docs, codes: list p in [starts[p], starts[p + 1]), by document. rows: uint8 (n_rows, n_docs).
    row_values, row_steps, row_errors (log only): what each code of a row stands for, float32 (n_rows, 256); the slope
        of the nearly linear codes; and how far slope * code can be from the value.
    exception_*: counts that no code holds, sorted by list, then by document.
    doc_values: ratio: the saturation, positive; log: the inverse norm. log_table: ln(1 + c), float32 (256).
    dead: documents to leave out. ranks: order of the document ids, uint16 (n_docs). floors: a score that a hit must
        reach, per query.
    out_docs, out_scores: (n_queries, k), best first, ties by rank; out_found: how many. Only positive scores are hits.
    """
    n_docs = len(doc_values)
    k = out_docs.shape[1]
    if k == 0:
        out_found[:] = 0
        return
    acc = np.empty(n_docs, np.float32)
    estimate = np.empty(0 if ratio else n_docs, np.float32)
    table = np.empty(256, np.float32)
    heap = np.empty(k, np.int64)
    one = np.empty(1, np.float32)
    longest = 0
    for q in range(len(query_starts) - 1):
        longest = max(longest, query_starts[q + 1] - query_starts[q])
    rest_places, rest_rows = np.empty(longest, np.int64), np.empty(longest, np.int64)
    rest_weights = np.empty(longest, np.float32)
    maxima = np.empty((n_docs + BLOCK - 1) // BLOCK, np.int32)
    block_values = np.empty(len(maxima), np.float32)
    for b in range(len(maxima)):
        block_values[b] = doc_values[b * BLOCK : (b + 1) * BLOCK].max()
    for q in range(len(query_starts) - 1):
        begin, end = query_starts[q], query_starts[q + 1]
        acc[:] = 0
        split = end
        if not ratio:
            for x in range(begin, end):
                if row_of[query_terms[x]] >= 0:
                    split = x
                    break
        for x in range(begin, split):
            term, weight = query_terms[x], query_weights[x]
            place = places[term]
            if place < 0:
                continue
            from_, to = starts[place], starts[place + 1]
            r = row_of[term]
            e = first_of(exception_keys, place) if len(exception_keys) else 0
            if r >= 0:
                # A row holds every document; those whose count is an exception are put right afterwards.
                first = e
                while e < len(exception_keys) and np.int64(exception_keys[e]) == place:
                    e += 1
                before = np.empty(e - first, np.float32)
                for j in range(e - first):
                    before[j] = acc[exception_docs[first + j]]
                _add_row(acc, rows[r], weight, doc_values)
                for j in range(e - first):
                    d = exception_docs[first + j]
                    f = np.float32(exception_counts[first + j])
                    acc[d] = before[j] + weight * (f / (f + doc_values[d]))
                continue
            _add_list(acc, docs[from_:to], codes[from_:to], weight, ratio, doc_values, log_table, table)
            while e < len(exception_keys) and np.int64(exception_keys[e]) == place:
                d = exception_docs[e]
                if ratio:
                    f = np.float32(exception_counts[e])
                    acc[d] += weight * (f / (f + doc_values[d]))
                else:
                    acc[d] += weight * log_of(exception_counts[e], log_table)
                e += 1
        if split == end:
            if not ratio:
                for d in range(n_docs):
                    acc[d] *= doc_values[d]
            for d in dead:
                acc[d] = 0
            size = select(acc, ranks, floors[q], maxima, heap)
            drain(heap, size, out_docs[q], out_scores[q])
            out_found[q] = size
            continue

        # Logarithms with plain rows among the terms from `split` on: estimate, bound, then sum the candidates exactly.
        n_rest = 0
        lists = False
        error = np.float32(0)
        scale = np.float32(0)
        for x in range(begin, end):
            scale += abs(query_weights[x])
        for x in range(split, end):
            term, weight = query_terms[x], query_weights[x]
            if places[term] < 0:
                continue
            r = row_of[term]
            rest_places[n_rest], rest_rows[n_rest], rest_weights[n_rest] = places[term], r, weight
            n_rest += 1
            if r >= 0:
                error += abs(weight) * row_errors[r]
            else:
                lists = True
        # ln(1 + 2^32) < 23 bounds any part; 2^-23 a step of rounding in either sum.
        error = error * np.float32(1.001) + np.float32(1.2e-7) * np.float32(end - begin + 2) * scale * np.float32(23)
        if lists:
            estimate[:] = acc
            for i in range(n_rest):
                if rest_rows[i] < 0:
                    place, weight = rest_places[i], rest_weights[i]
                    from_, to = starts[place], starts[place + 1]
                    _add_list(estimate, docs[from_:to], codes[from_:to], weight, ratio, doc_values, log_table, table)
                    e = first_of(exception_keys, place) if len(exception_keys) else 0
                    while e < len(exception_keys) and np.int64(exception_keys[e]) == place:
                        estimate[exception_docs[e]] += weight * log_of(exception_counts[e], log_table)
                        e += 1
        # What a document scores at least (0 if that is below 0, so that the bits order as the numbers do), in stretches
        # that stay in the first-level cache while the rows go by.
        for low in range(0, n_docs, STRETCH):
            high = min(low + STRETCH, n_docs)
            part = estimate[low:high]
            if not lists:
                part[:] = acc[low:high]
            for i in range(n_rest):
                r = rest_rows[i]
                if r >= 0:
                    _estimate_row(part, rows[r, low:high], rest_weights[i] * row_steps[r])
            values = doc_values[low:high]
            for d in range(len(part)):
                part[d] = max((part[d] - error) * values[d], np.float32(0))
            block_maxima(part.view(np.int32), maxima[low // BLOCK : (high + BLOCK - 1) // BLOCK])
        if len(dead):
            for d in dead:
                estimate[d] = -np.inf
            block_maxima(estimate.view(np.int32), maxima)
        # The k-th best block is what a hit must be able to reach.
        bar = max(threshold(maxima, k), float_bits(floors[q]))
        one.view(np.int32)[0] = bar if bar > 1 else 0
        needed = one[0]
        twice = np.float32(2.00001) * error
        size = 0
        for b in range(len(maxima)):
            one.view(np.int32)[0] = maxima[b]
            if one[0] + twice * block_values[b] < needed:
                continue
            for d in range(b * BLOCK, min((b + 1) * BLOCK, n_docs)):
                if estimate[d] + twice * doc_values[d] < needed:
                    continue
                total = acc[d]
                for i in range(n_rest):
                    r = rest_rows[i]
                    if r >= 0:
                        code = rows[r, d]
                        if code != 0:
                            total += rest_weights[i] * row_values[r, code]
                    else:
                        place = rest_places[i]
                        count = code_of(docs, codes, starts[place], starts[place + 1], d)
                        if count == ESCAPE:
                            held = exception_of(exception_keys, exception_docs, exception_counts, place, d)
                            total += rest_weights[i] * log_of(held, log_table)
                        elif count > 0:
                            total += rest_weights[i] * log_table[count]
                total *= doc_values[d]
                if total > 0 and total >= floors[q]:
                    size = offer(heap, size, pack(float_bits(total), ranks[d], d))
                    if size == k:
                        one.view(np.int32)[0] = np.int32(heap[0] >> 32)
                        needed = max(needed, one[0])
        drain(heap, size, out_docs[q], out_scores[q])
        out_found[q] = size
