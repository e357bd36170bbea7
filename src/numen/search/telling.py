"""Which terms of a query tell most about where its best documents are, for the time that their lists take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["most_telling"]

BEGIN = 600
"""What it costs to begin with a list, in postings added: it lies elsewhere in memory."""


def most_telling(
    share: float,
    starts: NDArray[np.int64],
    terms: NDArray[np.int64],
    weights: NDArray[np.float32],
    frequencies: NDArray[np.int64],
    largest: NDArray[np.float32],
) -> NDArray[np.uint8]:
    """uint8, one a term of a query: 1 for those that together can add `share` of what the query could score.

    Those that can add the most for their length are taken first. starts, terms, weights: query q has
    [starts[q], starts[q + 1]) of terms (places in frequencies and largest) and weights. frequencies: int64 (n_keys).
    largest: float32 (n_keys), the largest weight of each key in any document, or what is proportional to it.
    """
    of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    most = weights.astype(np.float64) * largest[terms]
    worth = most / (frequencies[terms] + BEGIN)
    order = np.lexsort((-worth, of))
    before = np.cumsum(most[order]) - most[order]
    # What the query's better terms add: the running sum less what it was where the query began.
    begins = np.minimum(starts[:-1], max(len(order) - 1, 0))
    before -= before[begins][of] if len(order) else 0
    totals = np.bincount(of, most, len(starts) - 1)
    taken = np.zeros(len(terms), np.uint8)
    taken[order] = before < share * totals[of]
    return taken
