"""Which of some chosen documents each document of a segment is most like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import kernel

__all__ = ["nearest_seed", "rows_of"]


@kernel
def rows_of(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    keys: NDArray[np.int64],
    number: NDArray[np.int64],
    n_rows: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Some documents as rows, from lists: (starts int64 (n_rows + 1), keys int64, values float32), by key in each row.

    keys: which lists to read, ascending. number: int64 (n_docs), the row of each document, -1 for one to leave out.
    """
    row_starts = np.zeros(n_rows + 1, np.int64)
    for key in keys:
        for j in range(starts[key], starts[key + 1]):
            row = number[docs[j]]
            if row >= 0:
                row_starts[row + 1] += 1
    for row in range(n_rows):
        row_starts[row + 1] += row_starts[row]
    cursor = row_starts[:-1].copy()
    row_keys = np.empty(row_starts[-1], np.int64)
    row_values = np.empty(row_starts[-1], np.float32)
    for key in keys:
        for j in range(starts[key], starts[key + 1]):
            row = number[docs[j]]
            if row >= 0:
                row_keys[cursor[row]] = key
                row_values[cursor[row]] = values[j]
                cursor[row] += 1
    return row_starts, row_keys, row_values


@kernel
def nearest_seed(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    weights: NDArray[np.float32],
    row_starts: NDArray[np.int64],
    row_keys: NDArray[np.int64],
    row_values: NDArray[np.float32],
    n_docs: int,
) -> NDArray[np.int64]:
    """int64 (n_docs): the seed with which each document has the largest inner product; as many as seeds: with none.

    weights: float32 (n_keys), what a product of two values of a key counts. row_*: the seeds (`rows_of`); a seed's
    products are divided by its length.
    """
    best = np.zeros(n_docs, np.float32)
    nearest = np.full(n_docs, len(row_starts) - 1, np.int64)
    acc = np.zeros(n_docs, np.float32)
    for s in range(len(row_starts) - 1):
        square = np.float32(0)
        for x in range(row_starts[s], row_starts[s + 1]):
            square += weights[row_keys[x]] * row_values[x] * row_values[x]
        if square <= 0:
            continue
        scale = np.float32(1) / np.sqrt(square)
        for x in range(row_starts[s], row_starts[s + 1]):
            key = row_keys[x]
            w = weights[key] * row_values[x] * scale
            for j in range(starts[key], starts[key + 1]):
                acc[docs[j]] += w * np.float32(values[j])
        for d in range(n_docs):
            if acc[d] > best[d]:
                best[d] = acc[d]
                nearest[d] = s
            acc[d] = 0
    return nearest
