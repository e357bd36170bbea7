"""Which words of the first hits join a query of `auto`, and with what weight.

The documents that answer a query best say in other words what it asks for. So the words that they share join the query,
each worth little: what they add to a score moves documents that the query's own words rank alike, and finds others.
(Pseudo relevance feedback as Rocchio's: 1971, without negative documents.) All numbers were chosen once, on six
collections together (docs/AUTO.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST", "LEAST_FREQUENT", "LONGEST", "MOST_SHARE", "Held", "related_words", "shares_of"]

FIRST = 5
"""Hits whose words are looked at."""

LONGEST = 2_048
"""Words of a hit that are looked at, from its beginning: bounds the work."""

WORDS = 100
"""Words that join a query, at most."""

LEAST_FREQUENT = 2
"""A word of fewer documents tells nothing of others."""

MOST_SHARE = 0.1
"""A word of more documents than this share of all tells little."""

POWER = 8
"""A hit counts by its share of the best score to this power: where one stands out, it alone counts."""

WEIGHT = 0.7
"""What the words that join give to the hit that has most of them, in the best score's measure."""


class Held:
    """The words of some documents, document d's in [starts[d], starts[d + 1]).

    words: int64, ascending in each document. values: float64, count / (count + saturation) of each.
    """

    def __init__(self, starts: NDArray[np.int64], words: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        self.starts, self.words, self.values = starts, words, values

    def rows(self, documents: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(which of `documents`, where in `words`) of every word of them, document by document."""
        lengths = self.starts[documents + 1] - self.starts[documents]
        of = np.repeat(np.arange(len(documents)), lengths)
        begins = np.cumsum(lengths) - lengths
        return of, np.arange(len(of)) - begins[of] + self.starts[documents][of]


def shares_of(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64: how much each hit counts, from the scores, best first; their sum is 1."""
    likeness = (scores.astype(np.float64) / np.float64(scores[0])) ** POWER
    shares: NDArray[np.float64] = likeness / likeness.sum()
    return shares


def related_words(
    held: Held, documents: NDArray[np.int64], scores: NDArray[np.float32], rarities: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(words, weights) that join the query of these hits, ascending.

    documents: rows of `held`, of the hits, best first, at least one; scores: theirs. rarities: float64, idf of every
    word, 0 for one that may not join. A word weighs its idf times the mean of its values in the hits, each by its
    share; then all weights are scaled so that no hit is given more than WEIGHT times the best score. Sums run in the
    order of the hits and then of the words, so that the same hits give the same weights to the last bit.
    """
    of, at = held.rows(documents)
    words, values = held.words[at], held.values[at]
    weights = np.bincount(words, shares_of(scores)[of] * values, len(rarities)) * rarities
    found = np.flatnonzero(weights)
    best = np.sort(found[np.argsort(-weights[found], kind="stable")[:WORDS]])
    chosen = np.zeros(len(weights))
    chosen[best] = weights[best]
    most = np.bincount(of, chosen[words] * values, len(documents)).max()
    return best, chosen[best] * (WEIGHT * float(scores[0]) / most if len(best) else 0.0)
