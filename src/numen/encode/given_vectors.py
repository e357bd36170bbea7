"""Vectors that a caller gave, checked: the one form in which the index and the kernels ever see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GivenVectors"]


@dataclass(frozen=True, slots=True)
class GivenVectors:
    """Sparse rows, row r in [starts[r], starts[r + 1]).

    starts: int64 (n + 1). numbers: uint32, all different in a row: indices, or places in `terms`. values: float32,
    finite, never 0. terms: UTF-8 terms, all different; None where the numbers are indices.
    """

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    values: NDArray[np.float32]
    terms: tuple[bytes, ...] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, rows: slice) -> GivenVectors:
        """Some consecutive rows, as views."""
        begin, end, step = rows.indices(len(self))
        if step != 1:
            raise ValueError(f"rows {rows} are not consecutive")
        starts = self.starts[begin : max(begin, end) + 1]
        inside = slice(int(starts[0]), int(starts[-1]))
        return GivenVectors(starts - starts[0], self.numbers[inside], self.values[inside], self.terms)

    def select(self, rows: Sequence[int]) -> GivenVectors:
        """The rows at `rows`, in that order; the vectors themselves where that is all of them as they are."""
        chosen = np.asarray(rows, np.int64)
        if np.array_equal(chosen, np.arange(len(self))):
            return self
        lengths = np.diff(self.starts)[chosen]
        starts = np.zeros(len(chosen) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        entries = np.arange(starts[-1]) + np.repeat(self.starts[:-1][chosen] - starts[:-1], lengths)
        return GivenVectors(starts, self.numbers[entries], self.values[entries], self.terms)

    @classmethod
    def empty(cls, n: int, *, terms: bool = False) -> GivenVectors:
        """n rows without entries."""
        return cls(np.zeros(n + 1, np.int64), np.empty(0, np.uint32), np.empty(0, np.float32), () if terms else None)
