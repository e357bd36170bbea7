"""Sparse vectors as users get them: compressed sparse rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SparseVectors"]


@dataclass(frozen=True, slots=True)
class SparseVectors:
    """Rows of a sparse matrix (n, dim), row r in [indptr[r], indptr[r + 1]).

    indptr: int64 (n + 1). indices: uint32, ascending in each row. values: float32.
    `scipy.sparse.csr_array((v.values, v.indices, v.indptr), v.shape)` is the same matrix.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    values: NDArray[np.float32]
    dim: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), self.dim
