"""Very wide binary codes: of many random directions, the few that a vector points along most, each with the weight 1.

Jang et al., "Ultra-High Dimensional Sparse Representations with Binarization for Efficient Text Retrieval" (UHD-BERT,
EMNLP 2021), with random instead of trained directions (Dasgupta, Stevens and Navlakha, Science 2017). Several buckets
are several independent codes side by side, each with its share of the dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.matrix import as_rows
from numen.encode.projection import RandomProjection
from numen.encode.top_codes import joined_rows, top_entries
from numen.encode.vectors import SparseVectors
from numen.errors import InputError, OptionError

__all__ = ["WideCodes"]

CELLS = 1 << 22
"""Products with directions held at once, as float32: 16 MB."""


@dataclass(frozen=True, eq=False)
class WideCodes:
    """directions: float32 (buckets, size, width). k: of each bucket, how many of its width are set."""

    directions: NDArray[np.float32]
    k: int

    @classmethod
    def make(cls, size: int, width: int, k: int, *, buckets: int = 1, seed: int = 0) -> WideCodes:
        """Codes for vectors of `size` dimensions: `buckets` times `width` dimensions, of which `buckets` times k are 1.

        Each bucket's directions are at right angles in blocks (RandomProjection, orthogonal).
        """
        for name, value, most in (("k", k, width), ("buckets", buckets, 1 << 16)):
            if type(value) is not int or not 1 <= value <= most:
                raise OptionError(f"{name} is {value!r}; it must be a whole number, 1 to {most}")
        made = [RandomProjection.make(size, width, kind="orthogonal", seed=seed + b).matrix for b in range(buckets)]
        return cls(np.stack(made), k)

    @property
    def dim(self) -> int:
        """Dimensions of the codes."""
        return int(self.directions.shape[0] * self.directions.shape[2])

    def transform(self, vectors: Any, starts: NDArray[np.int64] | None = None) -> SparseVectors:
        """The codes of dense vectors, for a leg made with given:DIM; the score is how many dimensions are shared.

        starts: int64 (n_texts + 1): vectors [starts[t], starts[t + 1]) are the tokens of text t, whose code has what
        the code of any of its tokens has.
        """
        rows = as_rows(vectors, self.directions.shape[1])
        buckets, _, width = self.directions.shape
        step = max(1, CELLS // width)
        parts = []
        for at in range(0, len(rows), step):
            found = [top_entries(rows[at : at + step] @ self.directions[b], self.k) for b in range(buckets)]
            row = np.concatenate([np.repeat(np.arange(len(one)), np.diff(one.indptr)) for one in found])
            number = np.concatenate([one.indices.astype(np.int64) + b * width for b, one in enumerate(found)])
            parts.append(_binary(row, number, len(found[0]), self.dim))
        codes = joined_rows(parts, self.dim)
        if starts is None:
            return codes
        if len(starts) < 1 or starts[0] != 0 or starts[-1] != len(rows) or (np.diff(starts) < 0).any():
            raise InputError(f"starts must rise from 0 to the {len(rows)} vectors")
        text = np.repeat(np.arange(len(starts) - 1), np.diff(codes.indptr[starts]))
        return _binary(text, codes.indices.astype(np.int64), len(starts) - 1, self.dim)

    def save(self, path: str | Path) -> None:
        """Write it to a file ending in .npz."""
        save_arrays(path, "wide codes", {"directions": self.directions, "k": np.array([self.k])})

    @classmethod
    def load(cls, path: str | Path) -> WideCodes:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "wide codes")
        return cls(arrays["directions"], int(arrays["k"][0]))


def _binary(row: NDArray[np.int64], number: NDArray[np.int64], n: int, dim: int) -> SparseVectors:
    """Ones at (row, number), each place once."""
    cells = np.unique(row * dim + number)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(cells // dim, minlength=n), out=starts[1:])
    return SparseVectors(starts, (cells % dim).astype(np.uint32), np.ones(len(cells), np.float32), dim)
