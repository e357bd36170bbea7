"""Add one term's parts to the scores of a segment's documents: the loops in which a search spends its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE, LOG, RATIO
from numen.kernels.jit import piece
from numen.kernels.lookup import first_of, log_of
from numen.kernels.prefetch import prefetch_list
from numen.kernels.weights import weight_at

__all__ = ["add_exceptions", "add_list", "add_row", "add_spans", "add_weights"]


AHEAD = 4
"""How many lists before its turn one is asked for."""


@piece
def add_list(
    acc: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    place: int,
    weight: np.float32,
    form: int,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
    table: NDArray[np.float32],
) -> None:
    """Add the parts of the key at `place`; codes of ESCAPE add nothing (`add_exceptions` does).

    table: float32 (256), scratch.
    """
    i = long_of[place]
    if form == LOG:
        for c in range(ESCAPE):
            table[c] = weight * log_table[c]
        table[ESCAPE] = 0
    if i < 0:
        begin, end = starts[place], starts[place + 1]
        if form == RATIO:
            for j in range(np.uint64(begin), np.uint64(end)):
                d = docs[j]
                if codes[j] != ESCAPE:
                    f = np.float32(codes[j])
                    acc[d] += weight * (f / (f + doc_values[d]))
        elif form == LOG:
            for j in range(np.uint64(begin), np.uint64(end)):
                acc[docs[j]] += table[np.uint8(codes[j])]
        else:
            for j in range(np.uint64(begin), np.uint64(end)):
                acc[docs[j]] += weight * np.float32(codes[j])
        return
    begin, end = long_starts[i], long_starts[i + 1]
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
            acc[at] += table[np.uint8(long_codes[j])]
    else:
        for j in range(np.uint64(begin), np.uint64(end)):
            at += np.uint64(gaps[j])
            acc[at] += weight * np.float32(long_codes[j])


@piece
def add_spans(
    acc: NDArray[np.float32],
    n: int,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    long: NDArray[np.uint8],
    weights: NDArray[np.float32],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
) -> None:
    """Add weight * code for the entries of n lists, each in [begins[i], ends[i]) of its kind; long: 1 for a long list.

    Where the lists lie is looked up before, so that waits for memory overlap; each is asked for AHEAD of its turn.
    """
    for i in range(-AHEAD, n):
        if i + AHEAD < n:
            if long[i + AHEAD]:
                prefetch_list(gaps, long_codes, begins[i + AHEAD], ends[i + AHEAD])
            else:
                prefetch_list(docs, codes, begins[i + AHEAD], ends[i + AHEAD])
        if i < 0:
            continue
        weight = weights[i]
        if long[i]:
            at = np.uint64(0)
            for j in range(np.uint64(begins[i]), np.uint64(ends[i])):
                at += np.uint64(gaps[j])
                acc[at] += weight * np.float32(long_codes[j])
        else:
            for j in range(np.uint64(begins[i]), np.uint64(ends[i])):
                acc[docs[j]] += weight * np.float32(codes[j])


@piece
def add_weights(
    acc: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    fine: NDArray[np.uint8],
    long_fine: NDArray[np.uint8],
    steps: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    weight: np.float32,
) -> None:
    """Add the parts of the key at `place` from its weights themselves (product)."""
    i = np.int64(long_of[place])
    if i < 0:
        for j in range(starts[place], starts[place + 1]):
            d: Any = np.int64(docs[j])
            acc[d] += weight * weight_at(
                codes, fine, j, steps[place], exception_keys, exception_docs, exception_counts, place, d
            )
        return
    d = 0
    for j in range(long_starts[i], long_starts[i + 1]):
        d += np.int64(gaps[j])
        if long_codes[j] != 0:
            acc[d] += weight * weight_at(
                long_codes, long_fine, j, steps[place], exception_keys, exception_docs, exception_counts, place, d
            )


@piece
def add_exceptions(
    acc: NDArray[np.float32],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    weight: np.float32,
    form: int,
    doc_values: NDArray[np.float32],
    log_table: NDArray[np.float32],
) -> None:
    """Add the parts of the documents whose count of the key at `place` no code holds."""
    e = first_of(exception_keys, place) if len(exception_keys) else 0
    while e < len(exception_keys) and np.int64(exception_keys[e]) == place:
        d = exception_docs[e]
        if form == RATIO:
            f = np.float32(exception_counts[e])
            acc[d] += weight * (f / (f + doc_values[d]))
        else:
            acc[d] += weight * log_of(exception_counts[e], log_table)
        e += 1


@piece
def add_row(
    acc: NDArray[np.float32],
    row: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    weight: np.float32,
    doc_values: NDArray[np.float32],
) -> None:
    """Add the ratios of a plain row. It holds every document; those whose count is an exception are put right after."""
    first = first_of(exception_keys, place) if len(exception_keys) else 0
    last = first
    while last < len(exception_keys) and np.int64(exception_keys[last]) == place:
        last += 1
    before = np.empty(last - first, np.float32)
    for j in range(last - first):
        before[j] = acc[exception_docs[first + j]]
    for d in range(len(row)):
        f = np.float32(row[d])
        acc[d] += weight * (f / (f + doc_values[d]))
    for j in range(last - first):
        doc = np.int64(exception_docs[first + j])
        f = np.float32(exception_counts[first + j])
        acc[doc] = before[j] + weight * (f / (f + doc_values[doc]))
