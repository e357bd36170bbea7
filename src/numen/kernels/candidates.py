"""The documents of the highest bounds, one by one, summed from their float32 weights: the best of them, or no proof.

A candidate is one number: its sum of codes, the segment, the document. Each waits for memory in every list of it,
so while one is summed the next is looked up and the one after asked of memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, piece
from numen.kernels.lookup import long_entry, near
from numen.kernels.part import Part, part_at
from numen.kernels.prefetch import prefetch_at
from numen.kernels.sort import sorted_copy
from numen.kernels.topk import floor_of, raise_to
from numen.kernels.weights import weight_at

__all__ = ["SLACK", "doc_of", "segment_of", "sum_candidates"]

SLACK = 1.0001
"""Bounds times this hold whatever rounding did: float32 sums of some hundred parts are not off by more."""


@inline
def segment_of(candidate: np.int64) -> int:
    """The segment of a candidate."""
    return int(candidate >> 16 & 0xFFFF)


@inline
def doc_of(candidate: np.int64) -> int:
    """The document of a candidate."""
    return int(candidate & 0xFFFF)


@inline
def _mark_row(p: Part, d: int, keys: NDArray[np.uint16], mark: int) -> None:
    """Write `mark` for each key of a document's row to `keys`, if that has room for any."""
    if len(keys) > 0:
        for j in range(np.uint64(p.forward_starts[d]), np.uint64(p.forward_starts[d + 1])):
            keys[p.forward_keys[j]] = mark


@inline
def _lacks(keys: NDArray[np.uint16], place: np.int64) -> bool:
    """Whether a document whose row is marked in `keys` is known not to have the key at `place`."""
    return len(keys) > 0 and keys[place & (len(keys) - 1)] == 0


@piece
def _ask_for(
    table: NDArray[np.int64],
    candidate: np.int64,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    query_terms: NDArray[np.int64],
    all_begins: NDArray[np.int64],
    all_ends: NDArray[np.int64],
    keys: NDArray[np.uint16],
) -> None:
    """Begin to load the parts of the lists in which a candidate would stand if they were even."""
    s, d = segment_of(candidate), doc_of(candidate)
    p = part_at(table, s)
    share = np.float32(d) / np.float32(len(p.doc_values))
    begins, ends = all_begins[s], all_ends[s]
    _mark_row(p, d, keys, 1)
    for x in range(begin, end):
        if _lacks(keys, places[s, query_terms[x + first]]):
            continue
        if begins[x] < 0:
            i = -1 - begins[x]
            prefetch_at(p.skips, _within(p.skip_starts[i], p.skip_starts[i + 1], share))
            prefetch_at(p.gaps, _within(p.long_starts[i], p.long_starts[i + 1], share))
        elif ends[x] > begins[x]:
            prefetch_at(p.docs, _within(begins[x], ends[x], share))
    _mark_row(p, d, keys, 0)


@inline
def _within(begin: int, end: int, share: np.float32) -> int:
    """About where in [begin, end) a share of the entries lies before."""
    return begin + np.int64(np.float32(end - begin) * share)  # type: ignore[return-value]


@piece
def _find(
    table: NDArray[np.int64],
    candidate: np.int64,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    query_terms: NDArray[np.int64],
    all_begins: NDArray[np.int64],
    all_ends: NDArray[np.int64],
    keys: NDArray[np.uint16],
    entries: NDArray[np.int64],
) -> None:
    """Write the entries of a candidate in the lists of its query, -1 where it has none, and begin to load them."""
    s, d = segment_of(candidate), doc_of(candidate)
    p = part_at(table, s)
    share = np.float32(d) / np.float32(len(p.doc_values))
    begins, ends = all_begins[s], all_ends[s]
    _mark_row(p, d, keys, 1)
    for x in range(begin, end):
        entries[x - begin] = -1
        if _lacks(keys, places[s, query_terms[x + first]]):
            continue
        if begins[x] < 0:
            j = long_entry(p.long_starts, p.gaps, p.skip_starts, p.skips, -1 - begins[x], d)
            if j >= 0:
                entries[x - begin] = j
                prefetch_at(p.long_codes, j)
                prefetch_at(p.long_fine, j)
        elif ends[x] > begins[x]:
            j = near(p.docs, begins[x], ends[x], _within(begins[x], ends[x], share), d)
            if j < ends[x] and np.int64(p.docs[j]) == d:
                entries[x - begin] = j
                prefetch_at(p.codes, j)
                prefetch_at(p.fine, j)
    _mark_row(p, d, keys, 0)


@piece
def _sum_of(
    table: NDArray[np.int64],
    candidate: np.int64,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    all_begins: NDArray[np.int64],
    steps: NDArray[np.float32],
    entries: NDArray[np.int64],
) -> np.float32:
    """The exact score of a candidate, whose entries are found."""
    s, d = segment_of(candidate), doc_of(candidate)
    p = part_at(table, s)
    total = np.float32(0)
    for x in range(begin, end):
        j = entries[x - begin]
        if j < 0:
            continue
        long = all_begins[s, x] < 0
        codes, fine = (p.long_codes, p.long_fine) if long else (p.codes, p.fine)
        if codes[j] == 0:  # it leads up to a wide gap
            continue
        total += query_weights[x + first] * weight_at(
            codes,
            fine,
            j,
            steps[s, x],
            p.exception_keys,
            p.exception_docs,
            p.exception_counts,
            places[s, query_terms[x + first]],
            d,
        )
    return total


@piece
def sum_candidates(
    table: NDArray[np.int64],
    q: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    steps: NDArray[np.float32],
    keys: NDArray[np.uint16],
    unit: np.float64,
    thin: bool,
    heap: NDArray[np.int64],
    size: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> bool:
    """Sum a query's candidates, highest bound first, and write the best; False if others could be among them.

    begin, end: its terms, counted from `first`. keys: none for an exact search; else zeros (uint16, 65,536): documents
    have rows, which tell the lists they are in, and there may be others among the best. The arguments are else those of
    `numen.kernels.product`.
    """
    k = out_docs.shape[2]
    candidates = sorted_copy(heap[:size])[::-1]
    scores = np.empty(size, np.float32)
    best = tops.copy()
    n = 0
    exact = len(keys) == 0
    entries = np.empty((2, end - begin), np.int64)
    # Each step of a candidate waits for memory: while one is summed, the next is found, and the one after asked for.
    for i in range(-2, size):
        if i + 2 < size:
            _ask_for(table, candidates[i + 2], places, begin, end, first, query_terms, begins, ends, keys)
        if i + 1 >= 0 and i + 1 < size:
            _find(
                table,
                candidates[i + 1],
                places,
                begin,
                end,
                first,
                query_terms,
                begins,
                ends,
                keys,
                entries[(i + 1) & 1],
            )
        if i < 0:
            continue
        if bound_of(candidates[i], unit, end - begin) < floor_of(best):
            break
        scores[i] = _sum_of(
            table,
            candidates[i],
            places,
            begin,
            end,
            first,
            query_terms,
            query_weights,
            begins,
            steps,
            entries[i & 1],
        )
        raise_to(best, scores[i])
        n = i + 1
    needed = floor_of(best)
    if exact and n == size:
        # Not summed: what the full heap left out, or documents whose parts were all rounded down to nothing.
        left = heap[0] if size == len(heap) else np.int64(0)
        if (size == len(heap) or thin) and bound_of(left, unit, end - begin) >= needed:
            return False
    for i in range(n):
        if scores[i] > 0 and scores[i] >= needed:
            s = segment_of(candidates[i])
            at = out_found[s, q]
            if at == k:
                return False
            out_docs[s, q, at], out_scores[s, q, at] = np.uint16(doc_of(candidates[i])), scores[i]
            out_found[s, q] = at + 1
    tops[:] = best
    return True


@inline
def bound_of(candidate: np.int64, unit: np.float64, terms: int) -> np.float64:
    """What a candidate scores at most: each term's part was rounded down."""
    return np.float64((candidate >> 32) + terms) * unit * SLACK
