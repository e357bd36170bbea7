"""What the kernels over codes and token vectors compute, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["maxsim", "nearest_bits", "sum_tables", "widen_rows"]


def nearest_bits(
    queries: NDArray[np.uint64], documents: NDArray[np.uint64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(places, distances) of the k documents that differ from each query in the fewest bits: by distance, place."""
    differ = (queries[:, None] ^ documents[None]).view(np.uint8).reshape(len(queries), len(documents), -1)
    distances = np.unpackbits(differ, axis=2).sum(axis=2, dtype=np.int32)
    places = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return places, np.take_along_axis(distances, places, axis=1)


def sum_tables(tables: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 (n): for each row of codes, the sum over blocks of tables[block, code], in the order of blocks."""
    out = np.zeros(len(codes), np.float32)
    for table, column in zip(tables, codes.T, strict=True):
        out += table[column]
    return out


def maxsim(query: NDArray[np.float32], rows: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (n_docs): the sum over the query's tokens (columns) of the largest product with any token of a document.

    Products are added dimension by dimension, in float32; a document without tokens has minus infinity.
    """
    out = np.full(len(starts) - 1, -np.inf, np.float32)
    for d in np.flatnonzero(np.diff(starts)).tolist():
        products = np.zeros((starts[d + 1] - starts[d], query.shape[1]), np.float32)
        for c in range(len(query)):
            products += rows[starts[d] : starts[d + 1], c, None] * query[c]
        total = np.float32(0)
        for value in products.max(axis=0):
            total += value
        out[d] = total
    return out


def widen_rows(halves: NDArray[np.uint16]) -> NDArray[np.float32]:
    """float32 (n, dim): the float16 numbers whose bits these are."""
    return halves.view(np.float16).astype(np.float32)
