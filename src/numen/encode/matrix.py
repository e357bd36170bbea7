"""Dense vectors as conversions take them: checked once, as float32 rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["as_rows", "best", "unit_rows"]


def as_rows(vectors: Any, dim: int | None = None) -> NDArray[np.float32]:
    """float32 (n, dim), C order: the vectors as a matrix.

    InputError unless they are finite numbers, and `dim` columns if that is given; it names the first row that is not.
    """
    try:
        rows = np.ascontiguousarray(vectors, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"vectors are no matrix of numbers: {error}") from None
    if rows.ndim != 2 or not rows.shape[1]:
        raise InputError(f"vectors have the shape {rows.shape}; they must be a matrix, one row a vector")
    if dim is not None and rows.shape[1] != dim:
        raise InputError(f"vectors have {rows.shape[1]} dimensions; this takes vectors of {dim}")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise InputError(f"vector {bad[0]} has a number that is none (NaN or infinite)")
    return rows


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32: the rows, each of length 1; a row of zeros stays one."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    out = np.empty_like(rows)
    np.divide(rows, np.where(lengths > 0, lengths, 1.0).astype(np.float32)[:, None], out=out)
    return out


def best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """int64: the places of the k largest scores, the largest first, of equal ones the first; all if they are fewer."""
    if k <= 0:
        return np.empty(0, np.int64)
    if k >= len(scores):
        return np.argsort(-scores, kind="stable").astype(np.int64)
    bar = np.partition(scores, len(scores) - k)[len(scores) - k]
    found = np.flatnonzero(scores >= bar)
    return found[np.argsort(-scores[found], kind="stable")][:k].astype(np.int64)
