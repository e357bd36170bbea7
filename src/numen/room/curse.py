"""The curse of low dimensions: the more documents, the likelier that one that is nothing but noise outranks the answer.

Source: Reimers and Gurevych, "The Curse of Dense Low-Dimensional Information Retrieval for Large Index Sizes", ACL
2021, arXiv 2012.14210. A vector drawn evenly from the unit sphere of d dimensions is nearer to the query than an answer
of cosine s with probability p, the share of the sphere's surface in a cap: p = I(1 - s^2; (d - 1) / 2, 1 / 2) / 2, with
I the regularised incomplete beta function; of N such documents at least one is with probability 1 - (1 - p)^N.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1, inf, isinf, lgamma, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["ASSUMPTION", "documents_at", "log_cap", "outranked", "similarity_for", "simulate"]

ASSUMPTION = (
    "Assumes documents that have nothing to do with the query and lie evenly on the sphere; real ones crowd together, "
    "so that a model's effective dimensions, not its printed ones, count."
)

_BLOCK = 1 << 20


def log_cap(similarity: float, dim: int) -> float:
    """ln p: the chance that a random vector of `dim` dimensions has a cosine above `similarity`."""
    if dim < 2:
        raise InputError(f"dim is {dim}; on a line there are only two directions: it must be at least 2")
    if not -1 <= similarity <= 1:
        raise InputError(f"similarity is {similarity}; a cosine is from -1 to 1")
    if similarity < 0:
        return log1p(-exp(log_cap(-similarity, dim)))
    if similarity == 1:
        return -inf
    return _log_beta_cdf(1 - similarity**2, (dim - 1) / 2, 0.5) - log(2)


def outranked(similarity: float, dim: int, documents: int) -> float:
    """The probability that at least one of `documents` random vectors outranks an answer of this cosine."""
    chance = log_cap(similarity, dim)
    if isinf(chance):
        return 0.0
    return -expm1(documents * log1p(-exp(chance)))


def documents_at(similarity: float, dim: int, probability: float = 0.5) -> float:
    """The number of random documents at which the answer is outranked with this probability."""
    chance = log_cap(similarity, dim)
    return inf if isinf(chance) or chance < -700 else log1p(-probability) / log1p(-exp(chance))


def similarity_for(dim: int, documents: int, probability: float = 0.5) -> float:
    """The cosine that an answer needs so as to be outranked with no more than this probability."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if outranked(middle, dim, documents) > probability else (low, middle)
    return high


def simulate(dim: int, sizes: Sequence[int], trials: int, seed: int = 0) -> NDArray[np.float64]:
    """The largest cosine among the first N random vectors, for each N of `sizes` (rising): (trials, len(sizes)).

    Exact, not an approximation: the sphere looks the same from every side, so that only a vector's part along the query
    matters, and that is g / sqrt(g^2 + c), g normal and c chi-squared with d - 1 degrees of freedom.
    """
    if list(sizes) != sorted(set(sizes)) or not sizes or sizes[0] < 1:
        raise InputError(f"sizes are {list(sizes)}; give numbers of documents that rise, from 1 on")
    random = np.random.default_rng([seed, dim])
    out = np.empty((trials, len(sizes)))
    for trial in range(trials):
        best, done = -1.0, 0
        for at, size in enumerate(sizes):
            while done < size:
                count = min(_BLOCK, size - done)
                normal = random.standard_normal(count)
                others = random.chisquare(dim - 1, count)
                # The largest of a block: only above it need the root be taken.
                ratio = normal / np.sqrt(normal * normal + others)
                best = max(best, float(ratio.max()))
                done += count
            out[trial, at] = best
    return out


def _log_beta_cdf(x: float, a: float, b: float) -> float:
    """ln I(x; a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    if x <= 0:
        return -inf
    if x >= 1:
        return 0.0
    front = a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)
    if x > (a + 1) / (a + b + 2):
        return log1p(-exp(front + log(_fraction(1 - x, b, a)) - log(b)))
    return front + log(_fraction(x, a, b)) - log(a)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction's value, by Lentz's method."""
    tiny = sqrt(5e-324)
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            value *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return value
