"""Are these arrays sparse vectors that a leg can take? Whole batches at a time, no Python step an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.given_vectors import GivenVectors

__all__ = ["Checked", "checked"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """Vectors fit to be indexed (GivenVectors, DenseVectors).

    bad: for each row that is not, what is wrong with it. Such a row is empty.
    """

    vectors: Any
    bad: Mapping[int, str]


def checked(
    starts: NDArray[np.int64],
    numbers: Array,
    values: Array,
    *,
    below: int,
    negative: bool,
    name: Callable[[int], str] = "index {}".format,
    terms: tuple[bytes, ...] | None = None,
) -> Checked:
    """Rows in canonical form: numbers below `below` and all different, values float32, finite, positive unless
    `negative`, zeros dropped.

    starts: int64 (n + 1), sound. numbers: integers of any type. values: integers or floats of any type; what is too
    large for float32 is refused, what is too small becomes 0 and is dropped. name: what to call a number in a message.
    """
    batch = _Batch(starts, numbers, values, name)
    if len(numbers) and (int(numbers.min()) < 0 or int(numbers.max()) >= below):
        batch.refuse(batch.numbers < 0, "is below zero")
        batch.refuse(batch.numbers >= below, f"is too large: numbers must be below {below}")
    with np.errstate(over="ignore", under="ignore"):
        floats = batch.values.astype(np.float32)
    if not np.isfinite(floats).all():
        batch.refuse(~np.isfinite(floats), "has the value {}; values must be finite, and fit float32")
        floats = batch.values.astype(np.float32)
    if not negative and len(floats) and floats.min() < 0:
        advice = "values must not be negative, unless the leg is made with the option negative=allow"
        batch.refuse(floats < 0, "has the value {}; " + advice)
    return batch.finished(terms)


class _Batch:
    """The entries not yet refused, and why rows were."""

    def __init__(self, starts: NDArray[np.int64], numbers: Array, values: Array, name: Callable[[int], str]) -> None:
        self.starts, self.numbers, self.values = starts, numbers, values
        self._name = name
        self._bad: dict[int, str] = {}

    def refuse(self, unfit: NDArray[np.bool_], reason: str) -> None:
        """Empty each row that has an unfit entry; its first one goes into the message."""
        entries = np.flatnonzero(unfit)
        rows, first = np.unique(np.searchsorted(self.starts, entries, side="right") - 1, return_index=True)
        for row, entry in zip(rows.tolist(), entries[first].tolist(), strict=True):
            self._bad[row] = f"{self._name(int(self.numbers[entry]))} {reason.format(self.values[entry])}"
        lengths = np.diff(self.starts)
        sound = np.ones(len(lengths), bool)
        sound[rows] = False
        self._keep(np.repeat(sound, lengths))

    def finished(self, terms: tuple[bytes, ...] | None) -> Checked:
        """Sorted in each row, repeated numbers refused, zeros dropped."""
        if not self._ascending().all():
            rows = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
            order = np.lexsort((self.numbers, rows))
            self.numbers, self.values = self.numbers[order], self.values[order]
            ascending = self._ascending()
            if not ascending.all():
                self.refuse(np.concatenate([[False], ~ascending]), "occurs twice; add its values up, or leave one out")
        with np.errstate(under="ignore"):
            self.values = self.values.astype(np.float32)
        if not self.values.all():
            self._keep(self.values != 0)
        return Checked(
            GivenVectors(self.starts, self.numbers.astype(np.uint32), self.values.astype(np.float32), terms), self._bad
        )

    def _ascending(self) -> NDArray[np.bool_]:
        """bool (entries - 1, or 0): is the next number larger, or in the next row?"""
        out: NDArray[np.bool_] = self.numbers[1:] > self.numbers[:-1]
        edges = self.starts[1:-1]
        out[edges[(edges > 0) & (edges < len(self.numbers))] - 1] = True
        return out

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        before = np.zeros(len(kept) + 1, np.int64)
        np.cumsum(kept, out=before[1:])
        self.starts = before[self.starts]
        self.numbers, self.values = self.numbers[kept], self.values[kept]
