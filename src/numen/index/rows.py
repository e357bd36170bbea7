"""What an encoder hands to the index for a batch of documents: rows of (key, count)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DocValues", "Rows"]

DocValues: TypeAlias = NDArray[np.float32] | NDArray[np.uint32]
"""The one number that a similarity needs of each document: float32 inverse norms, or uint32 lengths in terms."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The counted terms of a batch of documents, document d in [starts[d], starts[d + 1]).

    starts: int64 (n_docs + 1). numbers: uint32, which key (its meaning is the counter's: a bucket, or a number of its
    vocabulary). counts: uint32, at least 1. doc_values: (n_docs).
    """

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    counts: NDArray[np.uint32]
    doc_values: DocValues
