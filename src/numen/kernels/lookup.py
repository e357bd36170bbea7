"""One document's value for one key, and what it is worth: what the kernels that score documents share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import ESCAPE, LOG, RATIO, SKIP
from numen.kernels.jit import inline
from numen.kernels.part import Part

__all__ = [
    "count_of",
    "entry_of",
    "exception_of",
    "first_at",
    "first_of",
    "log_of",
    "long_entry",
    "near",
    "part_of",
    "skip_to",
]

WINDOW = 64
"""Entries around a guess that are looked at together."""


@inline
def log_of(count: np.uint32, log_table: NDArray[np.float32]) -> np.float32:
    """ln(1 + count), from the table where it reaches."""
    if count < len(log_table):
        known: np.float32 = log_table[count]
        return known
    return np.float32(np.log1p(np.float64(count)))


@inline
def part_of(
    value: np.float32, weight: np.float32, form: int, saturation: np.float32, log_table: NDArray[np.float32]
) -> np.float32:
    """A term's part of a score, before any factor of the document: w v / (v + s), w ln(1 + v), or w v."""
    if form == RATIO:
        return weight * (value / (value + saturation))
    if form == LOG:
        return weight * log_of(np.uint32(value), log_table)
    return weight * value


@inline
def first_of(keys: NDArray[np.uint32], key: int) -> int:
    """The first place in ascending `keys` that holds `key` or more."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) >> 1
        if np.int64(keys[middle]) < key:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def first_at(docs: NDArray[np.uint16], low: int, stop: int, d: int) -> int:
    """The first place in [low, stop) of ascending `docs` that holds d or more.

    Documents lie nearly evenly in most lists, so it is looked for around where d would then be.
    """
    if low >= stop or np.int64(docs[low]) >= d:
        return low
    first, last = np.int64(docs[low]), np.int64(docs[stop - 1])
    if last < d:
        return stop
    share = np.float32(d - first) / np.float32(last - first)
    return near(docs, low, stop, low + np.int64(share * np.float32(stop - 1 - low)), d)  # type: ignore[arg-type]


@inline
def near(docs: NDArray[np.uint16], low: int, stop: int, guess: int, d: int) -> int:
    """The first place in [low, stop) of ascending `docs` that holds d or more, which is probably near `guess`.

    The numbers below d in a window around the guess are counted, which has no branches to go wrong; only if it is not
    in there it is looked for by halving.
    """
    begin = max(low, min(guess - WINDOW // 2, stop - WINDOW))
    if begin + WINDOW <= stop:
        below, wanted = np.uint16(0), np.uint16(d)
        window = docs[begin : begin + WINDOW]
        for j in range(WINDOW):
            below = np.uint16(below + np.uint16(window[j] < wanted))
        if (below > 0 or begin == low) and (below < WINDOW or begin + WINDOW == stop):
            return begin + np.int64(below)  # type: ignore[return-value]
    high = stop
    while low < high:
        middle = (low + high) >> 1
        if np.int64(docs[middle]) < d:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def skip_to(skips: NDArray[np.uint16], low: int, stop: int, d: int) -> int:
    """The last place in [low, stop) whose document number is below d, or `low`: where to begin to look for d."""
    return max(low, first_at(skips, low, stop, d) - 1)


@inline
def long_entry(
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    skip_starts: NDArray[np.int64],
    skips: NDArray[np.uint16],
    i: int,
    d: int,
) -> int:
    """The entry of document d in long list i, or one of code 0 that leads up to it; -1 if it has none."""
    s = skip_to(skips, skip_starts[i], skip_starts[i + 1], d)
    number = np.int64(skips[s])
    j = long_starts[i] + (s - skip_starts[i]) * SKIP
    while j < long_starts[i + 1]:
        number += np.int64(gaps[j])
        if number >= d:
            return j if number == d else -1
        j += 1
    return -1


@inline
def entry_of(p: Part, place: int, d: int) -> int:
    """The entry of document d in the list of the key at `place`, among those of its kind of list; -1 if it has none."""
    i = np.int64(p.long_of[place])
    if i >= 0:
        return long_entry(p.long_starts, p.gaps, p.skip_starts, p.skips, i, d)  # type: ignore[arg-type]
    j, stop = first_at(p.docs, p.starts[place], p.starts[place + 1], d), p.starts[place + 1]
    return j if j < stop and np.int64(p.docs[j]) == d else -1


@inline
def exception_of(
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    d: int,
) -> np.uint32:
    """The count of the key at `place` in document d, which has an exception for it."""
    e = first_of(exception_keys, place)
    while np.int64(exception_docs[e]) != d:
        e += 1
    count: np.uint32 = exception_counts[e]
    return count


@inline
def count_of(
    value: np.float32,
    form: int,
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    d: int,
) -> np.float32:
    """The value itself, or the count among the exceptions that the code ESCAPE stands for."""
    if value == ESCAPE and form in (RATIO, LOG):
        return np.float32(exception_of(exception_keys, exception_docs, exception_counts, place, d))
    return value
