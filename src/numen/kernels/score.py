"""Exact top-k over the inverted lists of one segment.

A score is a sum over the query's terms in one fixed order (the caller's: rarest first), in float32, whatever path finds
the document; so every path gives the same bits, and equal documents tie. What a term adds is said by the form of the
leg (numen.index.rows).

Four ways to the k best, chosen for each query:

- all: every part is added for every document, then the best are picked out.
- pruned (ratio): blocks of documents are bounded first, and only those that can reach the k best are summed
  (numen.kernels.prune). Where that turns out not to pay, the query adds everything, here and in the next segments.
- bounded (product): codes, which bound weights from above within a 255th of the largest, are added instead of the
  weights: a quarter of the memory to read. Documents whose bound reaches the k best are then summed from the weights.
- estimated (log with plain rows): a row's codes, which rise nearly linearly with the logarithm, first give an estimate
  with a known error; documents whose estimate could reach the k best are then summed from the counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.accumulate import add_exceptions, add_list, add_row, add_spans, add_weights
from numen.kernels.codes import BOUND_BLOCK, ESCAPE, LOG, PRODUCT, SCALED
from numen.kernels.jit import inline, kernel, piece
from numen.kernels.lookup import entry_of, exception_of, log_of
from numen.kernels.prefetch import prefetch_list
from numen.kernels.prune import add_bounds, sum_blocks
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
    raise_to,
    select,
    threshold,
)

__all__ = ["search_lists"]

SEEDS = 16
"""Blocks of the highest bounds that are summed first, where no threshold is known yet."""

LOOKUP = 8.0
"""What it costs to find one term in one block, in postings added."""

BEGIN = 600
"""What it costs to begin with a list, in postings added: it lies elsewhere in memory."""

AHEAD = 2
"""How many terms before its turn a list is asked for."""

RESIGN = 6
"""Segments for which a query adds everything after pruning did not pay."""

SHARING = 8
"""Queries of a batch, at least, for which the rows that they have in common are estimated once."""

SAFE = 1e-36
"""Query weights times steps between this and its inverse neither underflow nor overflow where it would matter."""


@inline
def _estimate_row(estimate: NDArray[np.float32], row: NDArray[np.uint8], slope: np.float32) -> None:
    for d in range(len(row)):
        estimate[d] += slope * np.float32(row[d])


@piece
def _common_rows(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    row_of: NDArray[np.int32],
    shares: NDArray[np.float32],
) -> int:
    """How much the rows that most queries of a batch ask for weigh in them; returns how many rows they are.

    Weights are relative to that of each query's last row, as queries are scaled. shares: float32 (n_rows), zeros,
    written to; 0 for a row that is not asked for by most queries, with one and the same weight.
    """
    counts = np.zeros(len(shares), np.int64)
    asking = 0
    for q in range(len(query_starts) - 1):
        last = _last_row_weight(query_starts[q], query_starts[q + 1], query_terms, query_weights, places, row_of)
        if last == 0:
            continue
        asking += 1
        for x in range(query_starts[q], query_starts[q + 1]):
            place = places[query_terms[x]]
            if place >= 0 and row_of[place] >= 0:
                r = row_of[place]
                if shares[r] == 0:
                    shares[r] = query_weights[x] / last
                counts[r] += int(_as_shared(query_weights[x], shares[r] * last))
    n = 0
    for r in range(len(shares)):
        if asking >= SHARING and counts[r] * 4 > asking * 3:
            n += 1
        else:
            shares[r] = 0
    return n


@inline
def _as_shared(weight: np.float32, shared: np.float32) -> np.bool_:
    """Whether a weight is, but for rounding, what most queries have."""
    return abs(weight - shared) <= np.float32(1e-6) * abs(weight)


@piece
def _last_row_weight(
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    row_of: NDArray[np.int32],
) -> np.float32:
    """The weight of a query's last term that has a row, 0 if none has."""
    for x in range(end - 1, begin - 1, -1):
        place = places[query_terms[x]]
        if place >= 0 and row_of[place] >= 0:
            weight: np.float32 = query_weights[x]
            return weight
    return np.float32(0)


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
    found = np.sort(heap[:size] & 0xFFFFFFFF)
    blocks[:size] = found
    return size


@piece
def _choose_terms(
    share: float,
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    starts: NDArray[np.int64],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    steps: NDArray[np.float32],
    taken: NDArray[np.uint8],
) -> None:
    """Mark in `taken` the terms that can add the most a posting, until they have a share of all that could be added."""
    n = end - begin
    most, worth = np.zeros(n, np.float32), np.zeros(n, np.float32)
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place >= 0:
            long = np.int64(long_of[place])
            length = starts[place + 1] - starts[place] if long < 0 else long_starts[long + 1] - long_starts[long]
            most[x - begin] = query_weights[x] * steps[place]
            worth[x - begin] = most[x - begin] / np.float32(length + BEGIN)
    total = most.sum()
    sum_ = np.float32(0)
    keys = np.empty(n, np.int64)
    for i in range(n):
        keys[i] = np.int64(float_bits(worth[i])) << 32 | np.int64(i)
    keys = np.sort(keys)
    for i in range(n):
        which = keys[n - 1 - i] & 0xFFFFFFFF
        taken[which] = sum_ < share * total
        sum_ += most[which]


@inline
def _prefetch_term(
    x: int,
    end: int,
    query_terms: NDArray[np.int64],
    places: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
) -> None:
    """Begin to load the list of term x, if there is one."""
    if x < end:
        place = places[query_terms[x]]
        if place < 0:
            return
        i = np.int64(long_of[place])
        if i < 0:
            prefetch_list(docs, codes, starts[place], starts[place + 1])
        else:
            prefetch_list(gaps, long_codes, long_starts[i], long_starts[i + 1])


@piece
def _entries(
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    places: NDArray[np.int64],
    starts: NDArray[np.int64],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    row_of: NDArray[np.int32],
    n_docs: int,
) -> float:
    """What adding everything costs a query, in postings added: a row's documents and the top-k cost an eighth each."""
    total = n_docs / 4
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place < 0:
            continue
        if row_of[place] >= 0:
            total += n_docs / 8
        elif long_of[place] >= 0:
            total += long_starts[long_of[place] + 1] - long_starts[long_of[place]]
        else:
            total += starts[place + 1] - starts[place]
    return total


@kernel
def search_lists(
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
    row_steps: NDArray[np.float32],
    row_errors: NDArray[np.float32],
    bound_of: NDArray[np.int32],
    bound_codes: NDArray[np.uint8],
    saturations: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    form: int,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    dead: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    tops: NDArray[np.float32],
    resigned: NDArray[np.uint8],
    share: float,
    parts: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best documents of one segment for each query of a batch.

    query_starts, query_terms, query_weights: query q's terms, in the order of summing, in
        [query_starts[q], query_starts[q + 1]); a term is a number into places.
    places: the term's key in this segment, -1 where the segment lacks it. starts ... rows: how the keys' documents are
        kept (numen.index.inverted).
    row_values, row_steps, row_errors (log only): what each code of a row stands for, float32 (n_rows, 256); the slope
        of the nearly linear codes; and how far slope * code can be from the value.
    bound_of, bound_codes: the bounds of frequent keys (numen.index.inverted.Bounds). saturations: float32 (n_blocks),
        the smallest of each block (ratio); empty: do not prune.
    exception_*: counts that no code holds, sorted by key, then by document.
    form: RATIO, LOG, PRODUCT or SCALED. doc_values: float32 (n_docs), positive saturations (ratio), inverse norms (log)
        or scales (scaled). log_table: ln(1 + c), float32 (256).
    dead: documents to leave out. ranks: order of the document ids, uint16 (n_docs). tops: float32
        (n_queries, K), a heap of the K best scores of each query so far, 0 for none yet, written to: a hit must reach
        the least of them. resigned: uint8 per query, for how many segments it adds everything; written to.
    share, parts (product only): 1 and (n_queries, 0) for the exact best. Else only the terms that give the most for
        their length are added, until they have this share of what the query could score, and documents whose sum so
        far is among the len(parts[q]) best of them are summed exactly; parts: float32, a heap of those, zeros at first.
    out_docs, out_scores: (n_queries, k), best first, ties by rank; out_found: how many. Only positive scores are hits.
    """
    n_docs = len(doc_values)
    k = out_docs.shape[1]
    if k == 0:
        out_found[:] = 0
        return
    acc = np.empty(n_docs, np.float32)
    estimate = np.empty(n_docs if form == LOG else 0, np.float32)
    table = np.empty(256, np.float32)
    heap = np.empty(k, np.int64)
    one = np.empty(1, np.float32)
    longest = 0
    for q in range(len(query_starts) - 1):
        longest = max(longest, query_starts[q + 1] - query_starts[q])
    rest_places, rest_rows = np.empty(longest, np.int64), np.empty(longest, np.int64)
    rest_weights = np.empty(longest, np.float32)
    taken, span_long = np.zeros(longest, np.uint8), np.zeros(longest, np.uint8)
    span_begins, span_ends = np.empty(longest, np.int64), np.empty(longest, np.int64)
    maxima = np.empty(blocks_of(n_docs), np.int32)
    factors = np.zeros(len(maxima), np.int32)
    if form == LOG:
        block_maxima(doc_values.view(np.int32), factors)

    n_bounds = len(saturations)
    seeds = min(max(SEEDS, k), n_bounds)
    frequent, bounds = np.empty(n_bounds, np.float32), np.empty(n_bounds, np.float32)
    n_blocks = (n_docs + BOUND_BLOCK - 1) // BOUND_BLOCK if form == PRODUCT or n_bounds else 0
    blocks, rest = np.empty(n_blocks, np.int64), np.zeros(n_blocks, np.float64)
    done = np.empty(n_blocks, np.int64)
    sums = np.empty(n_blocks * BOUND_BLOCK, np.float32)
    left_out = np.zeros(n_docs if len(dead) and n_blocks else 0, np.uint8)
    if len(left_out):
        for d in dead:
            left_out[d] = 1

    shares, base = np.empty(0, np.float32), np.empty(0, np.float32)
    n_common = 0
    if form == LOG and len(rows):
        shares = np.zeros(len(rows), np.float32)
        n_common = _common_rows(query_starts, query_terms, query_weights, places, row_of, shares)
        if n_common:
            base = np.zeros(n_docs, np.float32)
            for r in range(len(rows)):
                if shares[r] != 0:
                    _estimate_row(base, rows[r], shares[r] * row_steps[r])
    met = np.zeros(len(shares), np.uint8)

    for q in range(len(query_starts) - 1):
        begin, end = query_starts[q], query_starts[q + 1]
        floor = floor_of(tops[q])
        positive = True
        for x in range(begin, end):
            positive = positive and query_weights[x] > 0

        prune = positive and n_bounds > 0 and seeds * 4 < n_bounds
        if prune and resigned[q] > 0:
            resigned[q] -= 1
            prune = False
        if prune:
            cost = _entries(begin, end, query_terms, places, starts, long_of, long_starts, row_of, n_docs)
            # Bounding blocks costs something too: where there is little to add, everything is.
            prune = cost > (n_docs if floor > 0 else 2 * n_docs) / 2
        if prune:
            # Late rare terms count as frequent: what is called the rest of a block must hold all that comes later.
            split = begin
            while split < end and (places[query_terms[split]] < 0 or bound_of[places[query_terms[split]]] < 0):
                split += 1
            frequent[:] = 0
            add_bounds(
                True,
                split,
                end,
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
                bound_of,
                bound_codes,
                saturations,
                frequent,
            )
            add_bounds(
                False,
                split,
                end,
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
                bound_of,
                bound_codes,
                saturations,
                frequent,
            )
            bounds[:] = frequent
            add_bounds(
                False,
                begin,
                split,
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
                bound_of,
                bound_codes,
                saturations,
                bounds,
            )
            # What float32 can lose or gain in a sum of so many terms, generously.
            slack = np.float32(1e-6) * np.float32(end - begin + 8)
            size = 0
            needed = np.float32(0)
            for turn in range(2):
                if turn == 0:
                    if floor > 0:
                        continue
                    # No threshold yet: the blocks of the highest bounds give one.
                    n = _highest(bounds, seeds, blocks)
                else:
                    least = floor
                    if size == k:
                        one.view(np.int32)[0] = np.int32(heap[0] >> 32)
                        least = max(least, one[0])
                    needed = least * (np.float32(1) - slack)
                    n = 0
                    for low in range(0, n_bounds, LANES):
                        some = bounds[low : low + LANES]
                        reached = 0
                        for b in range(len(some)):
                            reached += some[b] >= needed
                        if reached:
                            for b in range(len(some)):
                                if some[b] >= needed and some[b] > 0:
                                    blocks[n] = low + b
                                    n += 1
                    if n * (end - begin) * LOOKUP > cost:
                        prune = False
                        resigned[q] = RESIGN if floor > 0 else 0
                        break
                for i in range(n):
                    rest[i] = np.float64(frequent[blocks[i]]) * (1 + np.float64(slack))
                sums[: n * BOUND_BLOCK] = 0
                left = sum_blocks(
                    blocks,
                    n,
                    needed,
                    begin,
                    end,
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
                    bound_of,
                    bound_codes,
                    saturations,
                    exception_keys,
                    exception_docs,
                    exception_counts,
                    form,
                    doc_values,
                    log_table,
                    rest,
                    sums,
                )
                size = _offer_blocks(blocks, left, sums, left_out, ranks, floor, heap, size)
                for i in range(left):
                    bounds[blocks[i]] = 0
        if prune:
            drain(heap, size, tops[q], out_docs[q], out_scores[q])
            out_found[q] = size
            continue

        acc[:] = 0
        if form == PRODUCT:
            if share < 1:
                _choose_terms(
                    share, begin, end, query_terms, query_weights, places, starts, long_of, long_starts, steps, taken
                )
            # Where weights are negative, or so small or large that bounds under- or overflow, the weights are added.
            plain = positive
            largest = np.float32(0)
            n = 0
            for x in range(begin, end):
                place = places[query_terms[x]]
                if place < 0:
                    continue
                step = query_weights[x] * steps[place]
                plain = plain and step > SAFE and step < 1 / SAFE
                largest += step * np.float32(255)
                if share < 1 and taken[x - begin] == 0:
                    continue
                kind = np.int64(long_of[place])
                span_long[n] = kind >= 0
                span_begins[n] = starts[place] if kind < 0 else long_starts[kind]
                span_ends[n] = starts[place + 1] if kind < 0 else long_starts[kind + 1]
                rest_weights[n] = step
                n += 1
            if plain:
                add_spans(acc, n, span_begins, span_ends, span_long, rest_weights, docs, codes, gaps, long_codes)
            else:
                for x in range(begin, end):
                    if places[query_terms[x]] >= 0:
                        add_weights(
                            acc,
                            starts,
                            docs,
                            codes,
                            long_of,
                            long_starts,
                            gaps,
                            long_codes,
                            fine,
                            long_fine,
                            steps,
                            exception_keys,
                            exception_docs,
                            exception_counts,
                            places[query_terms[x]],
                            query_weights[x],
                        )
            for d in dead:
                acc[d] = 0
            if not plain:
                size = select(acc, ranks, floor, maxima, heap)
                drain(heap, size, tops[q], out_docs[q], out_scores[q])
                out_found[q] = size
                continue
            block_maxima(acc.view(np.int32), maxima)
            slack = np.float32(1.2e-7) * np.float32(end - begin + 2) * largest
            bits = acc.view(np.int32)
            size = 0
            n_done = 0
            for turn in range(2):
                if turn == 0:
                    if floor > 0 or share < 1:
                        continue
                    # No threshold yet: the documents of the highest bounds give one.
                    bar = threshold(maxima, k)
                elif share < 1:
                    bar = float_bits(floor_of(parts[q])) if parts[q, 0] > 0 else threshold(maxima, parts.shape[1])
                else:
                    needed = floor
                    if size == k:
                        one.view(np.int32)[0] = np.int32(heap[0] >> 32)
                        needed = max(needed, one[0])
                    needed -= slack
                    bar = float_bits(needed) if needed > 0 else np.int32(1)
                n = 0
                for b in range(len(maxima)):
                    if maxima[b] < bar:
                        continue
                    first = b // LANES * STRETCH
                    for d in range(first + b % LANES, min(first + STRETCH, n_docs), LANES):
                        if bits[d] < bar:
                            continue
                        if share < 1:
                            raise_to(parts[q], acc[d])
                        if rest[d // BOUND_BLOCK] == 0:
                            rest[d // BOUND_BLOCK] = 1
                            blocks[n] = d // BOUND_BLOCK
                            n += 1
                blocks[:n] = np.sort(blocks[:n])
                done[n_done : n_done + n] = blocks[:n]
                n_done += n
                sums[: n * BOUND_BLOCK] = 0
                n = sum_blocks(
                    blocks,
                    n,
                    np.float32(0),
                    begin,
                    end,
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
                    bound_of,
                    bound_codes,
                    saturations,
                    exception_keys,
                    exception_docs,
                    exception_counts,
                    form,
                    doc_values,
                    log_table,
                    rest,
                    sums,
                )
                size = _offer_blocks(blocks, n, sums, left_out, ranks, floor, heap, size)
            for i in range(n_done):
                rest[done[i]] = 0
            drain(heap, size, tops[q], out_docs[q], out_scores[q])
            out_found[q] = size
            continue

        split = end
        if form == LOG:
            for x in range(begin, end):
                place = places[query_terms[x]]
                if place >= 0 and row_of[place] >= 0:
                    split = x
                    break
        for x in range(begin, split):
            _prefetch_term(
                x + AHEAD, end, query_terms, places, starts, docs, codes, long_of, long_starts, gaps, long_codes
            )
            place, weight = places[query_terms[x]], query_weights[x]
            if place < 0:
                continue
            if row_of[place] >= 0:
                add_row(
                    acc,
                    rows[row_of[place]],
                    exception_keys,
                    exception_docs,
                    exception_counts,
                    place,
                    weight,
                    doc_values,
                )
                continue
            add_list(
                acc,
                starts,
                docs,
                codes,
                long_of,
                long_starts,
                gaps,
                long_codes,
                place,
                weight,
                form,
                doc_values,
                log_table,
                table,
            )
            if len(exception_keys):
                add_exceptions(
                    acc,
                    exception_keys,
                    exception_docs,
                    exception_counts,
                    place,
                    weight,
                    form,
                    doc_values,
                    log_table,
                )
        if split == end:
            if form in (LOG, SCALED):
                for d in range(n_docs):
                    acc[d] *= doc_values[d]
            for d in dead:
                acc[d] = 0
            size = select(acc, ranks, floor, maxima, heap)
            drain(heap, size, tops[q], out_docs[q], out_scores[q])
            out_found[q] = size
            continue

        # Logarithms with plain rows among the terms from `split` on: estimate, bound, then sum the candidates exactly.
        n_rest = 0
        lists = False
        # Of what the batch's queries have in common, this one takes the sum, and takes off again what it does not ask.
        unit = _last_row_weight(begin, end, query_terms, query_weights, places, row_of)
        missing = 0
        if n_common:
            met[:] = 0
            for x in range(split, end):
                place = places[query_terms[x]]
                if place >= 0 and row_of[place] >= 0 and shares[row_of[place]] != 0:
                    met[row_of[place]] = _as_shared(query_weights[x], shares[row_of[place]] * unit)
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
                error += abs(weight) * row_errors[r]
            else:
                lists = True
        if shared:
            # Ten steps of rounding for each shared weight, and those of what is taken off.
            for r in range(len(shares)):
                scale += np.float32(10) * abs(unit * shares[r])
        # ln(1 + 2^32) < 23 bounds any part; 2^-23 a step of rounding in either sum.
        error = error * np.float32(1.001) + np.float32(1.2e-7) * np.float32(end - begin + 2) * scale * np.float32(23)
        if lists:
            estimate[:] = acc
            for i in range(n_rest):
                if rest_rows[i] < 0:
                    place, weight = rest_places[i], rest_weights[i]
                    add_list(
                        estimate,
                        starts,
                        docs,
                        codes,
                        long_of,
                        long_starts,
                        gaps,
                        long_codes,
                        place,
                        weight,
                        form,
                        doc_values,
                        log_table,
                        table,
                    )
                    add_exceptions(
                        estimate,
                        exception_keys,
                        exception_docs,
                        exception_counts,
                        place,
                        weight,
                        form,
                        doc_values,
                        log_table,
                    )
        # What a document scores at least (0 if that is below 0, so that the bits order as the numbers do), in stretches
        # that stay in the first-level cache while the rows go by.
        for low in range(0, n_docs, STRETCH):
            high = min(low + STRETCH, n_docs)
            part = estimate[low:high]
            if not lists:
                part[:] = acc[low:high]
            if shared:
                most = base[low:high]
                for d in range(len(part)):
                    part[d] += unit * most[d]
                if missing:
                    for r in range(len(shares)):
                        if shares[r] != 0 and met[r] == 0:
                            _estimate_row(part, rows[r, low:high], -unit * shares[r] * row_steps[r])
            for i in range(n_rest):
                r = rest_rows[i]
                if r >= 0 and not (shared and met[r] == 1):
                    _estimate_row(part, rows[r, low:high], rest_weights[i] * row_steps[r])
            norms = doc_values[low:high]
            for d in range(len(part)):
                part[d] = max((part[d] - error) * norms[d], np.float32(0))
            block_maxima(part.view(np.int32), maxima[low // STRETCH * LANES : (low // STRETCH + 1) * LANES])
        if len(dead):
            for d in dead:
                estimate[d] = -np.inf
            block_maxima(estimate.view(np.int32), maxima)
        # The k-th best block is what a hit must be able to reach.
        bar = max(threshold(maxima, k), float_bits(floor))
        one.view(np.int32)[0] = bar if bar > 1 else 0
        needed = one[0]
        twice = np.float32(2.00001) * error
        size = 0
        for b in range(len(maxima)):
            one.view(np.int32)[0] = maxima[b]
            if one[0] + twice * factors.view(np.float32)[b] < needed:
                continue
            first_doc = b // LANES * STRETCH
            for d in range(first_doc + b % LANES, min(first_doc + STRETCH, n_docs), LANES):
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
                        j = entry_of(starts, docs, long_of, long_starts, gaps, skip_starts, skips, place, d)
                        if j < 0:
                            continue
                        count = np.int64(codes[j] if long_of[place] < 0 else long_codes[j])
                        if count == ESCAPE:
                            held = exception_of(exception_keys, exception_docs, exception_counts, place, d)
                            total += rest_weights[i] * log_of(held, log_table)
                        elif count > 0:
                            total += rest_weights[i] * log_table[count]
                total *= doc_values[d]
                if total > 0 and total >= floor:
                    size = offer(heap, size, pack(float_bits(total), ranks[d], d))
                    if size == k:
                        one.view(np.int32)[0] = np.int32(heap[0] >> 32)
                        needed = max(needed, one[0])
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size
