"""Random projections: inner products survive a product with a random matrix, the better the more columns it has.

Johnson and Lindenstrauss (1984); with entries of one size and random sign, Achlioptas (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.matrix import as_rows, unit_rows
from numen.errors import OptionError, nearest

__all__ = ["RandomProjection"]

KINDS = ("gaussian", "sign", "orthogonal")


@dataclass(frozen=True, eq=False)
class RandomProjection:
    """matrix: float32 (size, dim); products with it keep inner products in the mean."""

    matrix: NDArray[np.float32]

    @classmethod
    def make(cls, size: int, dim: int, *, kind: str = "gaussian", seed: int = 0) -> RandomProjection:
        """A matrix for vectors of `size` dimensions.

        kind: "gaussian" entries, entries of random "sign", or "orthogonal" columns (blocks of `size` columns that are
        at right angles: the least error for as many dimensions).
        """
        for name, value in (("size", size), ("dim", dim)):
            if type(value) is not int or value < 1:
                raise OptionError(f"{name} is {value!r}; it must be a whole number of dimensions, 1 or more")
        rng = np.random.default_rng(seed)
        if kind == "gaussian":
            matrix = rng.standard_normal((size, dim)) / np.sqrt(dim)
        elif kind == "sign":
            matrix = (2.0 * rng.integers(0, 2, (size, dim)) - 1.0) / np.sqrt(dim)
        elif kind == "orthogonal":
            blocks = [_rotation(rng, size) for _ in range(-(-dim // size))]
            matrix = np.concatenate(blocks, axis=1)[:, :dim] * np.sqrt(size / dim)
        else:
            raise OptionError(f"kind is {kind!r}; {nearest(str(kind), KINDS)}")
        return cls(np.ascontiguousarray(matrix, np.float32))

    @property
    def dim(self) -> int:
        return int(self.matrix.shape[1])

    def transform(self, vectors: Any, *, normalise: bool = False) -> NDArray[np.float32]:
        """float32 (n, dim): the vectors' products with the matrix; of length 1 with `normalise`."""
        rows = as_rows(vectors, self.matrix.shape[0]) @ self.matrix
        return unit_rows(rows) if normalise else rows

    def save(self, path: str | Path) -> None:
        """Write it to a file ending in .npz."""
        save_arrays(path, "projection", {"matrix": self.matrix})

    @classmethod
    def load(cls, path: str | Path) -> RandomProjection:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "projection")
        return cls(arrays["matrix"])


def _rotation(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """float64 (n, n): a rotation or reflection drawn evenly from all (Q of a Gaussian matrix, signs set by R)."""
    q, r = np.linalg.qr(rng.standard_normal((n, n)))
    out: NDArray[np.float64] = q * np.sign(np.diag(r))
    return out
