"""How many documents free vectors of d dimensions can hold: the critical n, its cubic fit, and d for given judgements.

Source: as numen.room.free. For every k-subset of n documents there is one query; critical n is the largest n at which
training still gets every query right. The paper raises n by one until training fails, which is the default here. The
`longer` way is that of its released code: looks ten times as often, gallops up from a guess, searches by halves, and
tries the neighbours from -4 to +5, because training is a little lucky near the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from numen.errors import InputError
from numen.room.free import PUBLISHED, Fitted, Schedule, fit_free

__all__ = ["PAPER_CRITICAL", "Critical", "Cubic", "critical_n", "cubic_fit", "dimension_for"]

PAPER_CRITICAL: Mapping[int, int] = {
    4: 10, 8: 28, 12: 47, 16: 79, 20: 120, 24: 170, 28: 229, 32: 296, 36: 372, 40: 460, 45: 626,
}  # fmt: skip
"""Dimensions -> critical n for k = 2, as published."""


@dataclass(frozen=True)
class Critical:
    """critical n of `dim` dimensions at `k`; `tried`: each n with the accuracy reached and the steps taken, by n."""

    dim: int
    k: int
    n: int
    tried: tuple[tuple[int, float, int], ...]


@dataclass(frozen=True)
class Cubic:
    """n = c0 + c1 d + c2 d^2 + c3 d^3, and how much of the variance it explains."""

    coefficients: tuple[float, float, float, float]
    r2: float

    def __call__(self, dim: float) -> float:
        return sum(c * dim**power for power, c in enumerate(self.coefficients))


def critical_n(
    dim: int,
    k: int = 2,
    *,
    start: int | None = None,
    longer: bool = False,
    seed: int = 42,
    known: Iterable[tuple[int, float, int]] = (),
    told: Callable[[int, Fitted], None] | None = None,
) -> Critical:
    """The largest n for which all k-subsets are told apart. start: where to look first; known: what an earlier run with
    the same arguments `tried`, not to be tried again; told: hears each try.

    As published, n goes up by one from `start` until training fails (first down to an n that is right); `longer` finds
    what is right at all, a few documents more.
    """
    if k < 1 or dim < 1:
        raise InputError(f"dim is {dim} and k is {k}; both must be at least 1")
    fitted = {n: Fitted(dim, accuracy, steps, float("nan")) for n, accuracy, steps in known}
    schedule = Schedule() if longer else PUBLISHED

    def right(n: int) -> bool:
        if n <= k:
            return True  # there is nothing to be told apart
        if n not in fitted:
            fitted[n] = fit_free(list(combinations(range(n), k)), n, dim, schedule, seed)
            if told is not None:
                told(n, fitted[n])
        return fitted[n].perfect

    best = _searched(right, start or 2 * dim + 2, k) if longer else _raised(right, start or dim + 2, k)
    return Critical(dim, k, best, tuple((n, fitted[n].accuracy, fitted[n].steps) for n in sorted(fitted)))


def _raised(right: Callable[[int], bool], start: int, k: int) -> int:
    """The last n before the first one that is not right, from the first right one at `start` or below it."""
    n = max(start, k)
    while not right(n):
        n -= 1
    while right(n + 1):
        n += 1
    return n


def _searched(right: Callable[[int], bool], start: int, k: int) -> int:
    """The largest n that was found right by halves and among its neighbours."""
    low, high = _bracket(right, start, k)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if right(middle) else (low, middle)
    return max(n for n in range(max(low - 4, k), low + 6) if right(n))


def _bracket(right: Callable[[int], bool], start: int, k: int) -> tuple[int, int]:
    """(an n that is right, a larger one that is not), by steps that double away from `start`."""
    low, high, width = k, None, max(start // 8, 2)
    at = max(start, k + 1)
    while high is None or (low == k and high > k + 1 and at > k + 1):
        if right(at):
            low = at
            if high is not None:
                break
            at += width
        else:
            high = at
            if low > k:
                break
            at = max(at - width, k + 1)
            if at == high:
                break
        width *= 2
    return low, high


def cubic_fit(points: Iterable[tuple[int, float]]) -> Cubic:
    """The least-squares cubic through (dimensions, critical n); InputError with fewer than four dimensions."""
    dims, ns = zip(*sorted(dict(points).items()), strict=True)
    if len(dims) < 4:
        raise InputError(f"a cubic needs at least four dimensions; there are {len(dims)}")
    powers = np.vander(np.array(dims, float), 4, increasing=True)
    solved, *_ = np.linalg.lstsq(powers, np.array(ns, float), rcond=None)
    left = np.array(ns) - powers @ solved
    spread = np.array(ns) - np.mean(ns)
    c0, c1, c2, c3 = (float(c) for c in solved)
    return Cubic((c0, c1, c2, c3), float(1 - (left @ left) / (spread @ spread)))


def dimension_for(
    relevant: Sequence[Sequence[int]],
    documents: int,
    dims: Sequence[int],
    *,
    schedule: Schedule | None = None,
    seed: int = 42,
    told: Callable[[Fitted], None] | None = None,
) -> tuple[Fitted, ...]:
    """What free vectors of each dimension reach on these judgements, in rising order, up to the first that is
    perfect."""
    reached: list[Fitted] = []
    for dim in sorted(set(dims)):
        reached.append(fit_free(relevant, documents, dim, schedule, seed))
        if told is not None:
            told(reached[-1])
        if reached[-1].perfect:
            break
    return tuple(reached)
