"""What the words near a word of a query are worth: the weights of its class, and how rare the class is.

A word that the collection has stands for itself (weight 1) and for its forms: words that begin alike, by the square of
their cosine, and words that one of the two ends, with little in front of it. A word that the collection lacks stands
for what it may be a misspelling of, relative to the closest. All numbers were chosen once, on six collections together
(docs/AUTO.md), and hold for every language.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALIKE_MOST", "FAMILY_MOST", "SHORTEST_MISSPELT", "alike_weights", "family_weights"]

CLOSE = 0.4
"""Cosine from which on a word with the same beginning is a form of another."""

SAME_END = 0.5
"""Weight of a form that differs by what stands in front of it."""

FAMILY_MOST = 50
"""Forms of a word, at most, itself included."""

ALIKE_MOST = 20
"""Words that a misspelt one may stand for, at most."""

SHORTEST_MISSPELT = 4
"""A shorter word that the collection lacks stands for nothing: too many words are one edit away."""

ONE_EDIT, TWO_EDITS = 0.15, 0.05
"""Added to the cosine of a word that is one edit or two away."""

LEAST_SHARE = 0.4
"""Of the closest word's likeness, what another must have to take part."""

ALIKE_POWER = 2.5
"""A misspelt word's neighbours weigh by their share of the closest one's likeness to this power."""

LEAST_WEIGHT = 0.05
"""Forms that weigh less take no part."""


def family_weights(cosines: NDArray[np.float64], ends: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64: the weights of a word's forms (numen.encode.near), 0 for words that are none; 1 for what equals it."""
    weights = np.where(cosines >= CLOSE, cosines * cosines, 0.0)
    weights = np.where(ends == 1, np.maximum(weights, SAME_END), weights)
    weights[weights < LEAST_WEIGHT] = 0.0
    return weights


def alike_weights(of: NDArray[np.int64], cosines: NDArray[np.float64], edits: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64: the weights of what misspelt words may stand for, 1 for the closest, 0 for words too far from it.

    of: which misspelt word, ascending; cosines, edits: between it and the word that may be meant.
    """
    likeness = cosines + np.where(edits <= 1, ONE_EDIT, np.where(edits == 2, TWO_EDITS, 0.0))
    closest = np.zeros(int(of.max(initial=-1)) + 1)
    np.maximum.at(closest, of, likeness)
    share = likeness / closest[of]
    weights: NDArray[np.float64] = np.where(share >= LEAST_SHARE, share**ALIKE_POWER, 0.0)
    return weights
