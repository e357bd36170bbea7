"""How many dimensions a margin asks for: the bound on telling every k-subset of n documents apart.

Source: Weller et al., arXiv 2508.21038 (v2), main theorem: if for every k of n documents there is a query that scores
each of them at least 2 * gamma above all others, all vectors being of length 1, then
d >= ln C(n, k) / ln(1 + 1 / gamma).
"""

from __future__ import annotations

from math import ceil, exp, lgamma, log, log1p

from numen.errors import InputError

__all__ = ["ASSUMPTION", "log_choose", "margin_at", "margin_dimensions"]

ASSUMPTION = (
    "Assumes vectors of length 1, a query for every set of k documents, and a gap of 2 gamma between the last answer "
    "and the first other document; fewer dimensions cannot do it, more may still fail."
)


def log_choose(n: int, k: int) -> float:
    """ln C(n, k); InputError unless 0 <= k <= n."""
    if not 0 <= k <= n:
        raise InputError(f"k is {k} and there are {n:,} documents; k must be from 0 to {n:,}")
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def margin_dimensions(documents: int, k: int, gamma: float) -> int:
    """The fewest dimensions that the bound allows. gamma: half of the gap between answers and the rest, 0 to 1."""
    if not 0 < gamma < 1:
        raise InputError(f"gamma is {gamma}; it must be above 0 and below 1")
    return max(ceil(log_choose(documents, k) / log1p(1 / gamma) - 1e-9), 1)


def margin_at(documents: int, k: int, dim: int) -> float:
    """The largest gamma that the bound leaves to vectors of `dim` dimensions (at most 1)."""
    if dim < 1:
        raise InputError(f"dim is {dim}; it must be at least 1")
    power = log_choose(documents, k) / dim
    return 1.0 if power <= log(2) else 1 / (exp(power) - 1) if power < 700 else 0.0
