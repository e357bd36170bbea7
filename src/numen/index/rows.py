"""What an encoder hands to the index for a batch of documents: rows of (key, value)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DocValues", "Form", "Rows"]

Form: TypeAlias = Literal["ratio", "log", "product", "scaled", "flat"]
"""How a document's value v for a term becomes its part of a score, with the query's weight w:

- ratio: v is a count, and the part is w v / (v + saturation of the document): every BM25 formula.
- log: v is a count, the part is w ln(1 + v), and the sum is multiplied by the document's inverse norm: a cosine.
- product: v is a float32 weight, and the part is w v: an inner product with values kept as they were given.
- scaled: the same with values rounded to 8 bits: v is a code 1..255, the part is w v, and the sum is multiplied by the
  document's scale, its largest value / 255.
"""

DocValues: TypeAlias = NDArray[np.float32] | NDArray[np.uint32]
"""The one number that a form needs of each document: float32 inverse norms or scales, or uint32 lengths in terms."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The terms of a batch of documents, document d in [starts[d], starts[d + 1]).

    starts: int64 (n_docs + 1). numbers: uint32, which key (its meaning is the counter's: a bucket, or a number of its
    vocabulary). values: uint32 counts, at least 1; float32 above 0 for product and scaled. doc_values: (n_docs); for
    scaled the index makes its own. trail: for legs that look for neighbouring terms (ratio only), uint16, a hash of
    each term of each document in order, as many a document as its length (numen.kernels.pairs).
    """

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    values: NDArray[np.uint32] | NDArray[np.float32]
    doc_values: DocValues
    trail: NDArray[np.uint16] | None = None
