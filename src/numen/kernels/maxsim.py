"""Late interaction, exactly: for each token of a query the most alike token of a document, added up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.flat import TILE, estimate_tile, widen
from numen.kernels.jit import kernel

__all__ = ["maxsim", "maxsim_about"]

AT_ONCE = 4
"""Dimensions added in one pass over the query's tokens: a fourth of the loads and stores."""


@kernel
def maxsim(
    query: NDArray[np.float32], rows: NDArray[np.float32], starts: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    """Write each document's score to `out`: the sum over the query's tokens of the largest inner product with its own.

    query: float32 (dim, n_query), a column a token, so that the loop over its tokens vectorises while each product is
    added dimension by dimension: scores are the same bits wherever a document stands. dim must be a multiple of four
    (fill up with zeros). rows: float32 (n_tokens, dim), document d's in [starts[d], starts[d + 1]). A document without
    tokens has minus infinity.
    """
    dim, n_query = query.shape
    sums, best = np.empty(n_query, np.float32), np.empty(n_query, np.float32)
    for d in range(len(starts) - 1):
        best[:] = -np.inf
        for t in range(starts[d], starts[d + 1]):
            sums[:] = 0
            for c in range(0, dim, AT_ONCE):
                a, b, e, f = rows[t, c], rows[t, c + 1], rows[t, c + 2], rows[t, c + 3]
                for i in range(n_query):
                    sums[i] = (((sums[i] + query[c, i] * a) + query[c + 1, i] * b) + query[c + 2, i] * e) + query[
                        c + 3, i
                    ] * f
            for i in range(n_query):
                best[i] = max(best[i], sums[i])
        total = np.float32(0)
        for i in range(n_query):
            total += best[i]
        out[d] = total


@kernel
def maxsim_about(
    queries: NDArray[np.float32],
    n_query: int,
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    starts: NDArray[np.int64],
    docs: NDArray[np.int64],
    out: NDArray[np.float32],
) -> None:
    """Write to `out` about the score of each of the documents `docs`: as `maxsim`, each product added in any order.

    queries: float32 (n_query filled up with zeros to a multiple of four, dim). rows, halves, codes, scales: the tokens
    as numen.index.flat keeps them, document d's in [starts[d], starts[d + 1]), at least one.
    """
    dim = queries.shape[1]
    tile, found = np.zeros((TILE, dim), np.float32), np.empty((len(queries), TILE), np.float32)
    best = np.empty(len(queries), np.float32)
    for d in range(len(docs)):
        best[:] = -np.inf
        end = starts[docs[d] + 1]
        for begin in range(starts[docs[d]], end, TILE):
            here = min(TILE, end - begin)
            for t in range(here):
                if len(rows):
                    tile[t] = rows[begin + t]
                elif len(halves):
                    widen(halves[begin + t], tile[t])
                else:
                    for j in range(dim):
                        tile[t, j] = np.float32(codes[begin + t, j]) * scales[begin + t]
            estimate_tile(tile, queries, (here + 3) // 4 * 4, found)
            for i in range(n_query):
                largest = best[i]
                for t in range(here):
                    largest = max(largest, found[i, t])
                best[i] = largest
        total = np.float32(0)
        for i in range(n_query):
            total += best[i]
        out[d] = total
