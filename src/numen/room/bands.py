"""How sure a mean over queries is: confidence bands by bootstrap.

Source: Efron 1979; for retrieval measures Sakai, SIGIR 2006. Queries are drawn again with replacement, as many as there
are; the band is between percentiles of the means. It speaks of other queries like these, not of other collections.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["LEVEL", "band", "difference_band"]

LEVEL = 0.95
"""The share of the resampled means that a band holds."""

_DRAWS = 2_000
_CHUNK = 1 << 22


def band(values: Mapping[str, float], seed: int = 0) -> tuple[float, float]:
    """(low, high) around the mean of one value a query. The same values and seed give the same band."""
    return _percentiles(np.fromiter(values.values(), float, len(values)), seed)


def difference_band(a: Mapping[str, float], b: Mapping[str, float], seed: int = 0) -> tuple[float, float]:
    """(low, high) around the mean of b - a, query by query; InputError unless both have the same queries."""
    if a.keys() != b.keys():
        raise InputError(f"the two were measured on different queries: {len(a)} and {len(b)}")
    return _percentiles(np.array([b[query] - a[query] for query in a], float), seed)


def _percentiles(values: NDArray[np.float64], seed: int) -> tuple[float, float]:
    if len(values) < 2:
        raise InputError(f"a band needs at least 2 queries; there are {len(values)}")
    random = np.random.default_rng(seed)
    means, rows = [], max(1, _CHUNK // len(values))
    for start in range(0, _DRAWS, rows):
        drawn = random.integers(0, len(values), (min(rows, _DRAWS - start), len(values)))
        means.append(values[drawn].mean(axis=1))
    low, high = np.quantile(np.concatenate(means), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
