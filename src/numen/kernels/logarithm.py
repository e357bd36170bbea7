"""Exact top-k over all segments of a leg of logarithms of counts (log: norm of the document times w ln(1 + c)).

Two ways to the k best, chosen for each query and segment:

- estimated, where terms have plain rows: a row's codes, which rise nearly linearly with the logarithm, first give an
  estimate with a known error; documents whose estimate could reach the k best are then summed from the counts.
- all: every part is added for every document, then the best are picked out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.accumulate import add_exceptions, add_list
from numen.kernels.codes import ESCAPE, FULL, LOG
from numen.kernels.jit import inline, kernel, piece
from numen.kernels.lookup import entry_of, exception_of, log_of
from numen.kernels.part import part_at
from numen.kernels.prefetch import prefetch_at, prefetch_line, prefetch_term
from numen.kernels.shared import as_shared, common_rows, last_row_weight
from numen.kernels.topk import (
    LANES,
    STRETCH,
    block_maxima,
    blocks_of,
    drain,
    float_bits,
    floor_of,
    offer,
    pack,
    score_of,
    select,
    threshold,
)

__all__ = ["search_logs"]

AHEAD = 2
"""How many terms before its turn a list is asked for."""

COMING = 2
"""How many documents before its turn what the rows say of one is asked for."""

SAFE = 1e-30
"""Units below this could underflow."""


@inline
def _estimate_row(estimate: NDArray[np.float32], row: NDArray[np.uint8], slope: np.float32) -> None:
    for d in range(len(row)):
        estimate[d] += slope * np.float32(row[d])


@inline
def _count_row(counted: NDArray[np.uint16], row: NDArray[np.uint8], factor: np.uint16) -> None:
    """Add factor * code / 256, rounded down: twice as many documents to an instruction as with floats."""
    for d in range(len(row)):
        counted[d] += np.uint16(np.uint32(np.uint16(row[d]) << np.uint16(8)) * np.uint32(factor) >> np.uint32(16))


@inline
def _float_of(bits: np.int32) -> np.float32:
    """The float32 of these bits."""
    x: np.float32 = np.int32(bits).view(np.float32)
    return x


@piece
def _add_lists(
    acc: NDArray[np.float32],
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    levels: NDArray[np.float32],
    ahead: NDArray[np.int64],
    n_ahead: int,
) -> None:
    """Add the parts of the terms in [begin, end) that have lists."""
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    total = n_ahead * n_docs
    at = 0
    for x in range(begin, end):
        to = total * (x - begin + 1) // max(end - begin, 1)
        while at < to:
            row = p.rows[ahead[at // n_docs]]
            stop = min(at % n_docs + to - at, n_docs)
            prefetch_line(row, at % n_docs, stop)
            at += stop - at % n_docs
        if x + AHEAD < end:
            prefetch_term(p, places[query_terms[x + AHEAD]])
        place = places[query_terms[x]]
        if place >= 0 and p.row_of[place] < 0:
            add_list(acc, table, s, place, query_weights[x], LOG, levels)
            if len(p.exception_keys):
                add_exceptions(acc, table, s, place, query_weights[x], LOG)


@piece
def _candidates(
    table: NDArray[np.int64],
    s: int,
    acc: NDArray[np.float32],
    estimate: NDArray[np.float32],
    twice: np.float32,
    needed: np.float32,
    floor: np.float32,
    maxima: NDArray[np.int32],
    factors: NDArray[np.int32],
    n_rest: int,
    rest_places: NDArray[np.int64],
    rest_rows: NDArray[np.int64],
    rest_weights: NDArray[np.float32],
    chosen: NDArray[np.uint16],
    heap: NDArray[np.int64],
) -> int:
    """Sum the documents whose estimates could reach `needed`, and offer them to the heap; returns how many it holds.

    chosen: uint16 (n_docs), scratch.
    """
    p = part_at(table, s)
    n_docs, doc_values = len(p.doc_values), p.doc_values
    n = 0
    for b in range(len(maxima)):
        if _float_of(maxima[b]) + twice * _float_of(factors[b]) < needed:
            continue
        first = b // LANES * STRETCH
        for d in range(first + b % LANES, min(first + STRETCH, n_docs), LANES):
            if estimate[d] + twice * doc_values[d] >= needed:
                chosen[n] = d
                n += 1
    size = 0
    for at in range(-COMING, n):
        if at + COMING < n:
            for i in range(n_rest):
                if rest_rows[i] >= 0:
                    prefetch_at(p.rows[rest_rows[i]], chosen[at + COMING])
        if at < 0:
            continue
        d = int(chosen[at])
        if estimate[d] + twice * doc_values[d] < needed:
            continue
        total = acc[d]
        for i in range(n_rest):
            r, place, weight = rest_rows[i], rest_places[i], rest_weights[i]
            if r >= 0:
                code = p.rows[r, d]
                if code != 0:
                    total += weight * p.row_values[r, code]
                continue
            j = entry_of(p, place, d)
            if j < 0:
                continue
            count = np.int64(p.codes[j] if p.long_of[place] < 0 else p.long_codes[j])
            if count == ESCAPE:
                held = exception_of(p.exception_keys, p.exception_docs, p.exception_counts, place, d)
                total += weight * log_of(held, p.log_table)
            elif count > 0:
                total += weight * p.log_table[count]
        total *= doc_values[d]
        if total > 0 and total >= floor:
            size = offer(heap, size, pack(float_bits(total), p.ranks[d], d))
            if size == len(heap):
                needed = max(needed, score_of(heap[0]))
    return size


@piece
def _search(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    s: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """One segment's part of `search_logs`."""
    p = part_at(table, s)
    n_docs, doc_values, rows, row_of = len(p.doc_values), p.doc_values, p.rows, p.row_of
    k = out_docs.shape[1]
    acc, estimate = np.empty(n_docs, np.float32), np.empty(n_docs, np.float32)
    levels = np.empty(256, np.float32)
    heap = np.empty(k, np.int64)
    longest = 0
    for q in range(len(query_starts) - 1):
        longest = max(longest, query_starts[q + 1] - query_starts[q])
    rest_places, rest_rows = np.empty(longest, np.int64), np.empty(longest, np.int64)
    rest_weights, rest_factors = np.empty(longest, np.float32), np.empty(longest, np.uint16)
    counted = np.empty(STRETCH, np.uint16)
    ahead, chosen = np.empty(longest, np.int64), np.empty(n_docs, np.uint16)
    maxima = np.empty(blocks_of(n_docs), np.int32)
    factors = np.empty(len(maxima), np.int32)
    block_maxima(doc_values.view(np.int32), factors)

    shares, base = np.zeros(len(rows), np.float32), np.empty(0, np.float32)
    n_common = 0
    if len(rows):
        n_common = common_rows(query_starts, query_terms, query_weights, places, row_of, shares)
        if n_common:
            base = np.zeros(n_docs, np.float32)
            for r in range(len(rows)):
                if shares[r] != 0:
                    _estimate_row(base, rows[r], shares[r] * p.row_steps[r])
    met = np.zeros(len(shares), np.uint8)

    for q in range(len(query_starts) - 1):
        begin, end = query_starts[q], query_starts[q + 1]
        floor = floor_of(tops[q])
        split = begin
        while split < end and (places[query_terms[split]] < 0 or row_of[places[query_terms[split]]] < 0):
            split += 1
        acc[:] = 0
        n_ahead = 0
        for x in range(split, end):
            place = places[query_terms[x]]
            if place >= 0 and row_of[place] >= 0 and (n_common == 0 or shares[row_of[place]] == 0):
                ahead[n_ahead] = row_of[place]
                n_ahead += 1
        _add_lists(acc, table, s, places, begin, split, query_terms, query_weights, levels, ahead, n_ahead)
        if split == end:
            for d in range(n_docs):
                acc[d] *= doc_values[d]
            for d in p.dead:
                acc[d] = 0
            size = select(acc, p.ranks, floor, maxima, heap)
            drain(heap, size, tops[q], out_docs[q], out_scores[q])
            out_found[q] = size
            continue

        # There are plain rows among the terms from `split` on: estimate, bound, then sum the candidates exactly.
        n_rest = 0
        lists = False
        # Of what the batch's queries have in common, this one takes the sum, and takes off again what it does not ask.
        unit = last_row_weight(begin, end, query_terms, query_weights, places, row_of)
        missing = 0
        if n_common:
            met[:] = 0
            for x in range(split, end):
                place = places[query_terms[x]]
                if place >= 0 and row_of[place] >= 0 and shares[row_of[place]] != 0:
                    met[row_of[place]] = as_shared(query_weights[x], shares[row_of[place]] * unit)
            for r in range(len(shares)):
                missing += int(shares[r] != 0 and met[r] == 0)
        shared = missing * 2 < n_common
        error = np.float32(0)
        scale = np.float32(0)
        for x in range(begin, end):
            scale += abs(query_weights[x])
        for x in range(split, end):
            term, weight = query_terms[x], query_weights[x]
            if places[term] < 0:
                continue
            r = row_of[places[term]]
            rest_places[n_rest], rest_rows[n_rest], rest_weights[n_rest] = places[term], r, weight
            n_rest += 1
            if r >= 0:
                error += abs(weight) * p.row_errors[r]
            else:
                lists = True
        if shared:
            # Ten steps of rounding for each shared weight, and those of what is taken off.
            for r in range(len(shares)):
                scale += np.float32(10) * abs(unit * shares[r])
        # Rows that add are counted in 16 bits, in units that let no sum exceed them; each is two units too low at most.
        most = np.float32(0)
        subtract = shared and missing > 0
        for i in range(n_rest):
            r = rest_rows[i]
            rest_factors[i] = 0
            if r >= 0 and not (shared and met[r] == 1):
                subtract = subtract or not rest_weights[i] > 0
                most += np.float32(256.1) * max(rest_weights[i] * p.row_steps[r], np.float32(0))
        step = most / np.float32(FULL - 2 * n_rest) if n_rest < FULL // 4 else np.float32(0)
        if step > SAFE:
            error += np.float32(2 * n_rest) * step
            for i in range(n_rest):
                r = rest_rows[i]
                if r >= 0 and rest_weights[i] > 0 and not (shared and met[r] == 1):
                    rest_factors[i] = np.uint16(rest_weights[i] * p.row_steps[r] / step * np.float32(256))
        else:
            subtract = True
        # ln(1 + 2^32) < 23 bounds any part; 2^-23 a step of rounding in either sum.
        error = error * np.float32(1.001) + np.float32(1.2e-7) * np.float32(end - begin + 2) * scale * np.float32(23)
        if lists:
            estimate[:] = acc
            _add_lists(estimate, table, s, places, split, end, query_terms, query_weights, levels, ahead, 0)
        # What a document scores at least (0 if that is below 0, so that the bits order as the numbers do), in stretches
        # that stay in the first-level cache while the rows go by.
        for low in range(0, n_docs, STRETCH):
            high = min(low + STRETCH, n_docs)
            part = estimate[low:high]
            begun = part if lists else acc[low:high]
            some = counted[: high - low]
            some[:] = 0
            for i in range(n_rest):
                if rest_factors[i] > 0:
                    _count_row(some, rows[rest_rows[i], low:high], rest_factors[i])
            if subtract:
                part[:] = begun
                begun = part
                for r in range(len(shares)):
                    if shared and shares[r] != 0 and met[r] == 0:
                        _estimate_row(part, rows[r, low:high], -unit * shares[r] * p.row_steps[r])
                for i in range(n_rest):
                    r = rest_rows[i]
                    if r >= 0 and rest_factors[i] == 0 and not (shared and met[r] == 1):
                        _estimate_row(part, rows[r, low:high], rest_weights[i] * p.row_steps[r])
            norms = doc_values[low:high]
            if shared:
                common = base[low:high]
                for d in range(len(part)):
                    sum_ = begun[d] + unit * common[d] + step * np.float32(some[d])
                    part[d] = max((sum_ - error) * norms[d], np.float32(0))
            else:
                for d in range(len(part)):
                    part[d] = max((begun[d] + step * np.float32(some[d]) - error) * norms[d], np.float32(0))
            block_maxima(part.view(np.int32), maxima[low // STRETCH * LANES : (low // STRETCH + 1) * LANES])
        if len(p.dead):
            for d in p.dead:
                estimate[d] = -np.inf
            block_maxima(estimate.view(np.int32), maxima)
        # The k-th best block is what a hit must be able to reach.
        bar = max(threshold(maxima, k), float_bits(floor))
        needed = _float_of(bar) if bar > 1 else np.float32(0)
        twice = np.float32(2.00001) * error
        size = _candidates(
            table,
            s,
            acc,
            estimate,
            twice,
            needed,
            floor,
            maxima,
            factors,
            n_rest,
            rest_places,
            rest_rows,
            rest_weights,
            chosen,
            heap,
        )
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size


@kernel
def search_logs(
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
    """The best documents of all segments for each query of a batch; the arguments are those of `search_ratios`."""
    out_found[:] = 0
    for s in range(len(table) if out_docs.shape[2] else 0):
        _search(
            query_starts,
            query_terms,
            query_weights,
            places[s],
            table,
            s,
            tops,
            out_docs[s],
            out_scores[s],
            out_found[s],
        )
