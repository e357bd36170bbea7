"""Add one term's parts to the scores of a segment's documents: the loops in which a search spends its time.

table, s: the segment (numen.kernels.part). place: the key's place in it. acc: float32 (n_docs), added to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE, LOG, RATIO
from numen.kernels.jit import piece
from numen.kernels.lookup import first_of, log_of
from numen.kernels.part import part_at
from numen.kernels.prefetch import prefetch_list
from numen.kernels.weights import weight_at

__all__ = ["add_codes", "add_exceptions", "add_list", "add_row", "add_weights"]

AHEAD = 6
"""How many lists before its turn one is asked for."""


@piece
def add_list(
    acc: NDArray[np.float32],
    table: NDArray[np.int64],
    s: int,
    place: int,
    weight: np.float32,
    form: int,
    levels: NDArray[np.float32],
) -> None:
    """Add the parts of the key at `place`; codes of ESCAPE add nothing (`add_exceptions` does).

    levels: float32 (256), scratch.
    """
    p = part_at(table, s)
    docs, codes, gaps, long_codes, doc_values = p.docs, p.codes, p.gaps, p.long_codes, p.doc_values
    i = p.long_of[place]
    if form == LOG:
        for c in range(ESCAPE):
            levels[c] = weight * p.log_table[c]
        levels[ESCAPE] = 0
    if i < 0:
        begin, end = p.starts[place], p.starts[place + 1]
        if form == RATIO:
            for j in range(np.uint64(begin), np.uint64(end)):
                d = docs[j]
                if codes[j] != ESCAPE:
                    f = np.float32(codes[j])
                    acc[d] += weight * (f / (f + doc_values[d]))
        elif form == LOG:
            for j in range(np.uint64(begin), np.uint64(end)):
                acc[docs[j]] += levels[np.uint8(codes[j])]
        else:
            for j in range(np.uint64(begin), np.uint64(end)):
                acc[docs[j]] += weight * np.float32(codes[j])
        return
    begin, end = p.long_starts[i], p.long_starts[i + 1]
    at = np.uint64(0)
    if form == RATIO:
        for j in range(np.uint64(begin), np.uint64(end)):
            at += np.uint64(gaps[j])
            if long_codes[j] != ESCAPE:
                f = np.float32(long_codes[j])
                acc[at] += weight * (f / (f + doc_values[at]))
    elif form == LOG:
        for j in range(np.uint64(begin), np.uint64(end)):
            at += np.uint64(gaps[j])
            acc[at] += levels[np.uint8(long_codes[j])]
    else:
        for j in range(np.uint64(begin), np.uint64(end)):
            at += np.uint64(gaps[j])
            acc[at] += weight * np.float32(long_codes[j])


@piece
def add_codes(
    acc: NDArray[np.uint16],
    begin: int,
    end: int,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    factors: NDArray[np.uint32],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
) -> None:
    """Add factor * code / 256, rounded down, for the entries of the lists in [begin, end).

    begins, ends: the entries of a short list; -1 - i and anything for the long list i. factors: 0 leaves a list out.
    Where the lists lie is looked up before, so that waits for memory overlap; each is asked for AHEAD of its turn.
    """
    for x in range(begin - AHEAD, end):
        y = x + AHEAD
        if y < end and factors[y] > 0:
            if begins[y] < 0:
                prefetch_list(gaps, long_codes, long_starts[-1 - begins[y]], long_starts[-begins[y]])
            else:
                prefetch_list(docs, codes, begins[y], ends[y])
        if x < begin or factors[x] == 0:
            continue
        factor = factors[x]
        if begins[x] < 0:
            at = np.uint64(0)
            for j in range(np.uint64(long_starts[-1 - begins[x]]), np.uint64(long_starts[-begins[x]])):
                at += np.uint64(gaps[j])
                acc[at] += np.uint16(factor * np.uint32(long_codes[j]) >> np.uint32(8))
        else:
            for j in range(np.uint64(begins[x]), np.uint64(ends[x])):
                acc[docs[j]] += np.uint16(factor * np.uint32(codes[j]) >> np.uint32(8))


@piece
def add_weights(acc: NDArray[np.float32], table: NDArray[np.int64], s: int, place: int, weight: np.float32) -> None:
    """Add the parts of the key at `place` from its weights themselves (product)."""
    p = part_at(table, s)
    i = np.int64(p.long_of[place])
    some = (p.exception_keys, p.exception_docs, p.exception_counts)
    if i < 0:
        for j in range(p.starts[place], p.starts[place + 1]):
            d: Any = np.int64(p.docs[j])
            acc[d] += weight * weight_at(p.codes, p.fine, j, p.steps[place], *some, place, d)
        return
    d = 0
    for j in range(p.long_starts[i], p.long_starts[i + 1]):
        d += np.int64(p.gaps[j])
        if p.long_codes[j] != 0:
            acc[d] += weight * weight_at(p.long_codes, p.long_fine, j, p.steps[place], *some, place, d)


@piece
def add_exceptions(
    acc: NDArray[np.float32], table: NDArray[np.int64], s: int, place: int, weight: np.float32, form: int
) -> None:
    """Add the parts of the documents whose count of the key at `place` no code holds."""
    p = part_at(table, s)
    e = first_of(p.exception_keys, place) if len(p.exception_keys) else 0
    while e < len(p.exception_keys) and np.int64(p.exception_keys[e]) == place:
        d = p.exception_docs[e]
        if form == RATIO:
            f = np.float32(p.exception_counts[e])
            acc[d] += weight * (f / (f + p.doc_values[d]))
        else:
            acc[d] += weight * log_of(p.exception_counts[e], p.log_table)
        e += 1


@piece
def add_row(acc: NDArray[np.float32], table: NDArray[np.int64], s: int, place: int, weight: np.float32) -> None:
    """Add the ratios of a plain row. It holds every document; those whose count is an exception are put right after."""
    p = part_at(table, s)
    first = first_of(p.exception_keys, place) if len(p.exception_keys) else 0
    last = first
    while last < len(p.exception_keys) and np.int64(p.exception_keys[last]) == place:
        last += 1
    before = np.empty(last - first, np.float32)
    for j in range(last - first):
        before[j] = acc[p.exception_docs[first + j]]
    row, doc_values = p.rows[p.row_of[place]], p.doc_values
    for d in range(len(row)):
        f = np.float32(row[d])
        acc[d] += weight * (f / (f + doc_values[d]))
    for j in range(last - first):
        doc = np.int64(p.exception_docs[first + j])
        f = np.float32(p.exception_counts[first + j])
        acc[doc] = before[j] + weight * (f / (f + doc_values[doc]))
