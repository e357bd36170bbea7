"""Rows that most queries of a batch ask for with one weight ("who likes" in LIMIT): they are estimated once for all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, piece

__all__ = ["as_shared", "common_rows", "last_row_weight"]

SHARING = 8
"""Queries of a batch, at least, for which the rows that they have in common are estimated once."""


@piece
def common_rows(
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
        last = last_row_weight(query_starts[q], query_starts[q + 1], query_terms, query_weights, places, row_of)
        if last == 0:
            continue
        asking += 1
        for x in range(query_starts[q], query_starts[q + 1]):
            place = places[query_terms[x]]
            if place >= 0 and row_of[place] >= 0:
                r = row_of[place]
                if shares[r] == 0:
                    shares[r] = query_weights[x] / last
                counts[r] += int(as_shared(query_weights[x], shares[r] * last))
    n = 0
    for r in range(len(shares)):
        if asking >= SHARING and counts[r] * 4 > asking * 3:
            n += 1
        else:
            shares[r] = 0
    return n


@inline
def as_shared(weight: np.float32, shared: np.float32) -> np.bool_:
    """Whether a weight is, but for rounding, what most queries have."""
    return abs(weight - shared) <= np.float32(1e-6) * abs(weight)


@piece
def last_row_weight(
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
