"""Principal components: dense vectors in the few directions in which a collection varies most, whitened or not.

Documents and queries are centred by the same mean, that of the documents, and turned by the same basis (Attimonelli et
al., 2025, arXiv 2507.05006). Whitening divides each component by its standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.matrix import as_rows, unit_rows
from numen.errors import InputError, OptionError

__all__ = ["PCA"]

SAMPLE = 100_000
"""Vectors that the components are found from, at most; more change them little."""

LEAST_SHARE = 1e-10
"""A direction with less than this share of the largest variance is rounding noise: whitening would blow it up."""


@dataclass(frozen=True, eq=False)
class PCA:
    """A fitted projection. mean: float32 (input). basis: float32 (input, dim), columns of length 1 (times one over the
    standard deviation where whitened). variances: float64 (input), descending, of all components."""

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    variances: NDArray[np.float64]

    @classmethod
    def fit(cls, vectors: Any, dim: int | float, *, whiten: bool = False, seed: int = 0) -> PCA:
        """The components of document vectors. dim: how many; or below 1.0 the share of the variance to keep.

        seed: which vectors are looked at where they are more than 100,000. Signs are fixed: the largest entry of each
        component is positive.
        """
        rows = as_rows(vectors)
        if len(rows) < 2:
            raise InputError(f"components of {len(rows)} vectors; at least 2 are needed")
        if len(rows) > SAMPLE:
            rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), SAMPLE, replace=False))]
        mean = rows.mean(axis=0, dtype=np.float64)
        centred = rows - mean
        values, turned = np.linalg.eigh(centred.T @ centred / (len(rows) - 1))
        variances, turned = np.maximum(values[::-1], 0.0), turned[:, ::-1]
        turned = turned * np.where(turned[np.abs(turned).argmax(axis=0), np.arange(turned.shape[1])] < 0, -1.0, 1.0)
        kept = _dimensions(dim, variances)
        basis = turned[:, :kept]
        if whiten:
            real = variances[:kept] > LEAST_SHARE * variances[0]
            basis = basis * np.where(real, 1 / np.sqrt(np.where(real, variances[:kept], 1.0)), 0.0)
        return cls(mean.astype(np.float32), np.ascontiguousarray(basis, np.float32), variances)

    @property
    def dim(self) -> int:
        """How many components are kept."""
        return int(self.basis.shape[1])

    @property
    def explained(self) -> NDArray[np.float64]:
        """float64 (input): the share of the variance in the first 1, 2, ... components."""
        total = self.variances.sum()
        out: NDArray[np.float64] = np.cumsum(self.variances) / (total if total > 0 else 1.0)
        return out

    def transform(self, vectors: Any, *, normalise: bool = True) -> NDArray[np.float32]:
        """float32 (n, dim): documents or queries in the components; of length 1 unless `normalise` is false."""
        rows: NDArray[np.float32] = ((as_rows(vectors, len(self.mean)) - self.mean) @ self.basis).astype(np.float32)
        return unit_rows(rows) if normalise else rows

    def save(self, path: str | Path) -> None:
        """Write it to a file ending in .npz."""
        save_arrays(path, "pca", {"mean": self.mean, "basis": self.basis, "variances": self.variances})

    @classmethod
    def load(cls, path: str | Path) -> PCA:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "pca")
        return cls(arrays["mean"], arrays["basis"], arrays["variances"])


def _dimensions(dim: int | float, variances: NDArray[np.float64]) -> int:
    if isinstance(dim, float) and 0 < dim < 1:
        shares = np.cumsum(variances) / max(variances.sum(), np.finfo(np.float64).tiny)
        return min(int(np.searchsorted(shares, dim)) + 1, len(variances))
    if type(dim) is int and 1 <= dim <= len(variances):
        return dim
    raise OptionError(
        f"dim is {dim!r}; name a number of components, 1 to {len(variances)}, or the share of the variance to keep, "
        f"such as 0.95"
    )
