"""Exact top-k where a term of the query is a class of keys: their counts are summed, weighted, before saturation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE
from numen.kernels.jit import inline, kernel
from numen.kernels.lookup import first_of
from numen.kernels.topk import blocks_of, drain, floor_of, select

__all__ = ["search_classes"]


@inline
def _gather(
    counts: NDArray[np.float32],
    place: int,
    weight: np.float32,
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
) -> None:
    """Add weight * count to every document that has the key at `place`."""
    r, i = row_of[place], long_of[place]
    if r >= 0:
        row = rows[r]
        for d in range(np.uint64(len(counts))):
            code = row[d]
            counts[d] += weight * np.float32(np.uint8(0) if code == ESCAPE else code)
    elif i >= 0:
        at = np.uint64(0)
        for j in range(np.uint64(long_starts[i]), np.uint64(long_starts[i + 1])):
            at += np.uint64(gaps[j])
            if long_codes[j] != ESCAPE:
                counts[at] += weight * np.float32(long_codes[j])
    else:
        for j in range(np.uint64(starts[place]), np.uint64(starts[place + 1])):
            if codes[j] != ESCAPE:
                counts[docs[j]] += weight * np.float32(codes[j])
    if len(exception_keys):
        for j in range(first_of(exception_keys, place), len(exception_keys)):
            if np.int64(exception_keys[j]) != place:
                break
            counts[exception_docs[j]] += weight * np.float32(exception_counts[j])


@inline
def _add(
    acc: NDArray[np.float32],
    place: int,
    weight: np.float32,
    saturations: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
) -> None:
    """Add what the key at `place` gives, alone and whole: as `_gather` and `_settle` would, in one go."""
    r, i = row_of[place], long_of[place]
    if r >= 0:
        row = rows[r]
        for d in range(np.uint64(len(acc))):
            code = row[d]
            f = np.float32(np.uint8(0) if code == ESCAPE else code)
            acc[d] += weight * (f / (f + saturations[d]))
    elif i >= 0:
        at = np.uint64(0)
        for j in range(np.uint64(long_starts[i]), np.uint64(long_starts[i + 1])):
            at += np.uint64(gaps[j])
            if long_codes[j] != ESCAPE:
                f = np.float32(long_codes[j])
                acc[at] += weight * (f / (f + saturations[at]))
    else:
        for j in range(np.uint64(starts[place]), np.uint64(starts[place + 1])):
            if codes[j] != ESCAPE:
                d = docs[j]
                f = np.float32(codes[j])
                acc[d] += weight * (f / (f + saturations[d]))
    if len(exception_keys):
        for j in range(first_of(exception_keys, place), len(exception_keys)):
            if np.int64(exception_keys[j]) != place:
                break
            d = exception_docs[j]
            f = np.float32(exception_counts[j])
            acc[d] += weight * (f / (f + saturations[d]))


@inline
def _settle(
    acc: NDArray[np.float32],
    counts: NDArray[np.float32],
    place: int,
    weight: np.float32,
    saturations: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
) -> None:
    """Turn the counts of the documents in the list at `place` into parts of their scores, once each."""
    i = long_of[place]
    if i >= 0:
        at = np.uint64(0)
        for j in range(np.uint64(long_starts[i]), np.uint64(long_starts[i + 1])):
            at += np.uint64(gaps[j])
            f = counts[at]
            if f > 0:
                acc[at] += weight * (f / (f + saturations[at]))
                counts[at] = 0
    else:
        for j in range(np.uint64(starts[place]), np.uint64(starts[place + 1])):
            d = docs[j]
            f = counts[d]
            if f > 0:
                acc[d] += weight * (f / (f + saturations[d]))
                counts[d] = 0


@kernel
def search_classes(
    query_starts: NDArray[np.int64],
    term_starts: NDArray[np.int64],
    term_weights: NDArray[np.float32],
    members: NDArray[np.int64],
    member_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    pair_starts: NDArray[np.int64],
    pair_docs: NDArray[np.uint16],
    pair_counts: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    saturations: NDArray[np.float32],
    dead: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    scores: NDArray[np.float32],
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best documents of one segment for each query of a batch, and the scores of all.

    query_starts: query q has the terms [query_starts[q], query_starts[q + 1]), each of weight w and with the members
    [term_starts[t], term_starts[t + 1]): keys (place places[m] in the segment, -1 where it has none), or, below zero,
    pair -1 - m of pair_starts, pair_docs and pair_counts. A document's part of a term is w F / (F + saturation), with F
    the sum of its counts of the members times their weights, in the order of the members; its score is the sum of its
    parts in the order of the terms. All sums are float32. The lists are those of numen.index.inverted.

    scores: float32 (n_queries, n_docs), what the documents have already, zeros at first; parts are added in place.
    dead: documents that take no part, and have the score 0 afterwards. tops: float32 (n_queries, k), a heap of the
    best scores so far, zeros at first.
    Written: for query q its out_found[q] best, out_docs and out_scores (n_queries, width), ties by ranks.
    """
    n_docs = len(saturations)
    counts = np.zeros(n_docs, np.float32)
    maxima = np.empty(blocks_of(n_docs), np.int32)
    heap = np.empty(out_docs.shape[1], np.int64)
    for q in range(len(query_starts) - 1):
        acc = scores[q]
        for t in range(query_starts[q], query_starts[q + 1]):
            weight = term_weights[t]
            m = members[term_starts[t]]
            if term_starts[t + 1] == term_starts[t] + 1 and m >= 0 and member_weights[term_starts[t]] == 1:
                if places[m] >= 0:
                    _add(
                        acc,
                        places[m],
                        weight,
                        saturations,
                        starts,
                        docs,
                        codes,
                        long_of,
                        long_starts,
                        gaps,
                        long_codes,
                        row_of,
                        rows,
                        exception_keys,
                        exception_docs,
                        exception_counts,
                    )
                continue
            everywhere = False
            for x in range(term_starts[t], term_starts[t + 1]):
                m = members[x]
                if m < 0:
                    pair = -1 - m
                    for j in range(pair_starts[pair], pair_starts[pair + 1]):
                        counts[pair_docs[j]] += member_weights[x] * pair_counts[j]
                elif places[m] >= 0:
                    everywhere = everywhere or row_of[places[m]] >= 0
                    _gather(
                        counts,
                        places[m],
                        member_weights[x],
                        starts,
                        docs,
                        codes,
                        long_of,
                        long_starts,
                        gaps,
                        long_codes,
                        row_of,
                        rows,
                        exception_keys,
                        exception_docs,
                        exception_counts,
                    )
            if everywhere:
                for d in range(np.uint64(n_docs)):
                    f = counts[d]
                    acc[d] += weight * (f / (f + saturations[d]))
                counts[:] = 0
                continue
            for x in range(term_starts[t], term_starts[t + 1]):
                m = members[x]
                if m < 0:
                    pair = -1 - m
                    for j in range(pair_starts[pair], pair_starts[pair + 1]):
                        d = pair_docs[j]
                        f = counts[d]
                        if f > 0:
                            acc[d] += weight * (f / (f + saturations[d]))
                            counts[d] = 0
                elif places[m] >= 0:
                    _settle(acc, counts, places[m], weight, saturations, starts, docs, long_of, long_starts, gaps)
        for d in dead:
            acc[d] = 0
        size = select(acc, ranks, floor_of(tops[q]), maxima, heap) if len(heap) else 0
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size
