"""Is one run better than another, and are we sure? A paired randomisation test, and queries won and lost.

M. D. Smucker, J. Allan, B. Carterette: A comparison of statistical significance tests for information retrieval
evaluation, CIKM 2007. Under the null hypothesis the two systems are one, so that for each query the sign of the
difference is a coin toss; the p-value is the share of sign patterns whose mean difference is at least as far from 0 as
the one seen. A sample of patterns stands for all 2^n; the seen one is counted among them, (count + 1) / (sample + 1),
which keeps p above 0 and the test valid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError
from numen.evaluate.measure import Measured

__all__ = ["Comparison", "compare", "randomisation_p"]

_CHUNK = 1 << 22  # signs drawn at a time: 4 MB, whatever the numbers of queries and permutations
_EQUAL = 1e-9  # of the sum of the differences' sizes: sums nearer than this are equal but for rounding


@dataclass(frozen=True)
class Comparison:
    """One measure of two runs: `a` and `b` are the means, `difference` is b - a; `won`, `lost` and `tied` count
    queries from the side of b; `p` is the two-sided p-value of the randomisation test."""

    measure: str
    a: float
    b: float
    difference: float
    won: int
    lost: int
    tied: int
    p: float


def compare(a: Measured, b: Measured, seed: int = 0, permutations: int = 10_000) -> list[Comparison]:
    """How b stands to a, for each measure that both have, in the order of a. Same input and seed, same result.

    InputError if they have no measure in common, or were measured on different queries.
    """
    shared = [name for name in a.per_query if name in b.per_query]
    if not shared:
        raise InputError(f"no measure in common: {', '.join(a.per_query)} and {', '.join(b.per_query)}")
    comparisons = []
    for name in shared:
        of_a, of_b = a.per_query[name], b.per_query[name]
        if of_a.keys() != of_b.keys():
            raise InputError(
                f"{name} was measured on different queries ({len(of_a)} and {len(of_b)}, of which "
                f"{len(of_a.keys() & of_b.keys())} are in both); a paired comparison needs the same ones"
            )
        differences = np.array([of_b[query] - of_a[query] for query in of_a], dtype=np.float64)
        comparisons.append(
            Comparison(
                measure=name,
                a=a.means[name],
                b=b.means[name],
                difference=b.means[name] - a.means[name],
                won=int((differences > 0).sum()),
                lost=int((differences < 0).sum()),
                tied=int((differences == 0).sum()),
                p=randomisation_p(differences, seed, permutations),
            )
        )
    return comparisons


def randomisation_p(differences: NDArray[np.float64], seed: int = 0, permutations: int = 10_000) -> float:
    """The two-sided p-value, from 1 / (permutations + 1) to 1, of paired differences: float64 (n_queries,).

    InputError if `permutations` is below 1.
    """
    if permutations < 1:
        raise InputError(f"permutations is {permutations}; it must be at least 1")
    moving = differences[differences != 0]  # a query without a difference has no sign to toss
    if not moving.size:
        return 1.0
    bar = abs(moving.sum()) - _EQUAL * np.abs(moving).sum()
    random = np.random.default_rng(seed)
    rows, count = max(1, _CHUNK // moving.size), 0
    for start in range(0, permutations, rows):
        kept = random.integers(0, 2, size=(min(rows, permutations - start), moving.size), dtype=np.int8)
        sums = 2.0 * (kept @ moving) - moving.sum()
        count += int((np.abs(sums) >= bar).sum())
    return (count + 1) / (permutations + 1)
