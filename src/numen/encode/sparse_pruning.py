"""Fewer entries of sparse vectors: the largest of each row, and none below a threshold."""

from __future__ import annotations

import numpy as np

from numen.encode.given_vectors import GivenVectors

__all__ = ["pruned"]


def pruned(vectors: GivenVectors, top: int | None, threshold: float) -> GivenVectors:
    """The rows with their `top` largest values (all where it is None) of those at least `threshold`.

    Of equal values the smaller number stays. Entries keep their order.
    """
    kept = vectors.values >= np.float32(threshold)
    lengths = np.diff(vectors.starts)
    row = np.repeat(np.arange(len(vectors)), lengths)
    if top is not None and lengths.max(initial=0) > top:
        order = np.lexsort((vectors.numbers, -vectors.values, row))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order)) - vectors.starts[:-1][row[order]]
        kept &= place < top
    if kept.all():
        return vectors
    starts = np.zeros(len(vectors) + 1, np.int64)
    np.cumsum(np.bincount(row[kept], minlength=len(vectors)), out=starts[1:])
    return GivenVectors(starts, vectors.numbers[kept], vectors.values[kept], vectors.terms)
