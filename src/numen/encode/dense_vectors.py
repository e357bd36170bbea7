"""Dense vectors of a batch of texts, and what makes vectors fit to be indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_HALF", "LONGEST", "DenseVectors", "unfit", "unit"]

LONGEST = 1e18
"""Lengths of vectors lie below this: an inner product of two such is still a float32 number."""


LARGEST_HALF = 65_504.0
"""The largest float16."""


@dataclass(frozen=True, slots=True)
class DenseVectors:
    """rows: float32 (n, dim), finite; a row of zeros is no vector.

    truncated: bool (n), texts of which a model read only the beginning. gaussians: float64 (n, 2 k), of Gaussian
    queries the mean and the variance that a row was made from, zeros for a query without a word; else None.
    """

    rows: NDArray[np.float32]
    truncated: NDArray[np.bool_]
    gaussians: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice) -> DenseVectors:
        """Some consecutive vectors, as views."""
        gaussians = None if self.gaussians is None else self.gaussians[rows]
        return DenseVectors(self.rows[rows], self.truncated[rows], gaussians)

    def select(self, rows: Sequence[int]) -> DenseVectors:
        """The vectors at `rows`, in that order; the vectors themselves where that is all of them as they are."""
        chosen = np.asarray(rows, np.int64)
        if np.array_equal(chosen, np.arange(len(self))):
            return self
        gaussians = None if self.gaussians is None else self.gaussians[chosen]
        return DenseVectors(self.rows[chosen], self.truncated[chosen], gaussians)

    @property
    def variance(self) -> NDArray[np.float64] | None:
        """float64 (n): of Gaussian queries how long each one's vector of variances is; else None."""
        if self.gaussians is None:
            return None
        found: NDArray[np.float64] = np.linalg.norm(self.gaussians[:, self.gaussians.shape[1] // 2 :], axis=1)
        return found

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> DenseVectors:
        """Vectors of which nothing else is known."""
        return cls(rows, np.zeros(len(rows), np.bool_))


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (n, dim): the rows at length 1, as near as float32 comes; rows of zeros stay zeros."""
    wide = rows.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    return (wide / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)


def unfit(rows: NDArray[np.float32], precision: str = "float32") -> dict[int, str]:
    """What is wrong with each row that cannot be indexed: a number that is not finite, or too large for the precision,
    or a length past LONGEST."""
    bad: dict[int, str] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    for row in np.flatnonzero(~(squares < LONGEST**2)).tolist():
        wrong = np.flatnonzero(~np.isfinite(rows[row]))
        if len(wrong):
            at = int(wrong[0])
            bad[row] = f"dimension {at} has the value {rows[row, at]}; values must be finite, and fit float32"
        else:
            bad[row] = f"it is {np.sqrt(squares[row]):.3g} long; vectors must be shorter than {LONGEST:g}"
    if precision == "float16":
        for row, at in np.argwhere(np.abs(rows) > LARGEST_HALF).tolist():
            bad.setdefault(row, f"dimension {at} has the value {rows[row, at]:g}, float16 ends at {LARGEST_HALF:g}")
    return bad
