"""Sparse vectors in a folder, as ../shared/bench/learned_sparse.py writes them: rows of (term, weight)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yardstick import Yardstick

__all__ = ["DIMENSIONS", "Rows", "load"]

DIMENSIONS = 30_522
"""How many terms the script draws from: BERT's vocabulary, as SPLADE has it."""


@dataclass(frozen=True)
class Rows:
    """Compressed sparse rows: row r has [indptr[r], indptr[r + 1]) of indices (uint32, rising) and data (float32)."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    data: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, dimensions): with it, what numen takes for sparse vectors."""
        return len(self.indptr) - 1, DIMENSIONS

    @property
    def entries(self) -> int:
        """Entries of all rows: the postings of an index."""
        return int(self.indptr[-1])

    def part(self, begin: int, end: int) -> Rows:
        """Rows begin to end."""
        first, last = self.indptr[begin], self.indptr[end]
        return Rows(self.indptr[begin : end + 1] - first, self.indices[first:last], self.data[first:last])

    @cached_property
    def each(self) -> list[Rows]:
        """Every row as rows of one."""
        return [self.part(row, row + 1) for row in range(self.shape[0])]

    def rounded(self) -> Rows:
        """The rows with each row's values rounded to 255 steps from 0 to its largest: numen's precision=8bit."""
        filled = np.flatnonzero(np.diff(self.indptr))
        steps = np.ones(self.shape[0], np.float32)
        steps[filled] = np.maximum.reduceat(self.data, self.indptr[filled]) / np.float32(255)
        each = np.repeat(steps, np.diff(self.indptr))
        return Rows(self.indptr, self.indices, np.clip(np.rint(self.data / each), 1, 255) * each)

    def yardstick(self) -> Yardstick:
        """The plain inverted lists of these rows."""
        return Yardstick.of(self.indptr, self.indices, self.data, DIMENSIONS)


def load(folder: Path, name: str) -> Rows:
    """The rows called `name` (documents or queries); the documents' entries stay on disk until they are looked at."""
    rows = Rows(*(np.load(folder / f"{name}.{part}.npy", mmap_mode="r") for part in ("indptr", "indices", "values")))
    return rows if name == "documents" else Rows(np.array(rows.indptr), np.array(rows.indices), np.array(rows.data))
