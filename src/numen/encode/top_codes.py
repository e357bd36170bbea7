"""The k largest entries of wide rows as sparse vectors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from numen.encode.vectors import SparseVectors

__all__ = ["joined_rows", "top_entries"]


def top_entries(rows: NDArray[np.float32], k: int) -> SparseVectors:
    """Of each row, the k largest entries that are above 0; of equal ones the first. rows: float32 (n, width)."""
    n, width = rows.shape
    k = min(k, width)
    chosen = (
        np.argpartition(-rows, k - 1, axis=1)[:, :k] if k < width else np.broadcast_to(np.arange(width), rows.shape)
    )
    bar = np.take_along_axis(rows, chosen, axis=1).min(axis=1, keepdims=True)
    # argpartition takes any of the entries that are equal to the k-th largest: take the first of them.
    above, level = rows > bar, rows == bar
    room = k - above.sum(axis=1, keepdims=True)
    kept = (above | (level & (np.cumsum(level, axis=1) <= room))) & (rows > 0)
    row, column = np.nonzero(kept)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=starts[1:])
    return SparseVectors(starts, column.astype(np.uint32), rows[row, column], width)


def joined_rows(parts: Iterable[SparseVectors], dim: int) -> SparseVectors:
    """The rows of all parts, one part after the other."""
    found = list(parts)
    ends = np.cumsum([0, *(int(part.indptr[-1]) for part in found)])
    starts = [part.indptr[1:] + end for part, end in zip(found, ends, strict=False)]
    return SparseVectors(
        np.concatenate([np.zeros(1, np.int64), *starts]),
        np.concatenate([np.empty(0, np.uint32), *(part.indices for part in found)]),
        np.concatenate([np.empty(0, np.float32), *(part.values for part in found)]),
        dim,
    )
