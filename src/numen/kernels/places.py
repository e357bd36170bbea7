"""Where keys stand in segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import SAMPLE
from numen.kernels.jit import inline, kernel
from numen.kernels.part import part_at
from numen.kernels.terms import compare

__all__ = ["find_keys", "find_keys_in_all", "find_terms", "find_terms_in_all"]

MANY = 32
"""Where one term in so many of a segment's is wanted, each is looked for from where the one before it stands."""


@inline
def _find_numbers(keys: NDArray[np.uint32], wanted: NDArray[np.uint32], out: NDArray[np.int64]) -> None:
    """Write the place of each wanted key in ascending `keys` to `out`, -1 where it is not there.

    Each is looked for upwards from where the one before it stands, in steps that double, so that many keys in order
    take a step or two each.
    """
    n = len(keys)
    at = 0
    for i in range(len(wanted)):
        key = wanted[i]
        if at > 0 and keys[at - 1] >= key:
            at = 0
        low, high, step = at, at, 1
        while high < n and keys[high] < key:
            low = high + 1
            high += step
            step *= 2
        high = min(high, n)
        while low < high:
            middle = (low + high) >> 1
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        at = low
        out[i] = low if low < n and keys[low] == key else -1


@inline
def _find_term(
    blob: NDArray[np.uint8], starts: NDArray[np.int64], low: int, high: int, wanted: NDArray[np.uint8], a: int, b: int
) -> int:
    """The first place in [low, high) of a term that is wanted[a:b] or comes after it, else high."""
    while low < high:
        middle = (low + high) >> 1
        if compare(blob, starts[middle], starts[middle + 1], wanted, a, b) < 0:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def _find_terms(
    blob: NDArray[np.uint8],
    starts: NDArray[np.int64],
    wanted: NDArray[np.uint8],
    wanted_starts: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Write the place of each wanted term among terms sorted by their bytes to `out`, -1 where it is none.

    Term t is blob[starts[t]:starts[t + 1]]; wanted likewise, in any order. Each is looked for upwards from where the
    one before it would stand, in steps that double, so that many terms in order take a step or two each.
    """
    n = len(starts) - 1
    at = 0  # where the term before would stand
    for i in range(len(out)):
        a, b = wanted_starts[i], wanted_starts[i + 1]
        if at > 0 and compare(blob, starts[at - 1], starts[at], wanted, a, b) >= 0:
            at = 0
        low, step = at, 1
        high = at
        while high < n and compare(blob, starts[high], starts[high + 1], wanted, a, b) < 0:
            low = high + 1
            high += step
            step *= 2
        low = _find_term(blob, starts, low, min(high, n), wanted, a, b)
        found = low < n and compare(blob, starts[low], starts[low + 1], wanted, a, b) == 0
        out[i] = low if found else -1
        at = low


@inline
def _find_few_terms(
    blob: NDArray[np.uint8],
    starts: NDArray[np.int64],
    samples: NDArray[np.uint64],
    wanted: NDArray[np.uint8],
    wanted_starts: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """As `_find_terms`, each by itself: between which samples it lies (few, so they stay in the cache), then there."""
    n = len(starts) - 1
    for i in range(len(out)):
        a, b = wanted_starts[i], wanted_starts[i + 1]
        first = np.uint64(0)
        for j in range(8):
            first = first << np.uint64(8)
            if a + j < b:
                first |= np.uint64(wanted[a + j])
        low, high = 0, len(samples)
        while low < high:
            middle = (low + high) >> 1
            if samples[middle] < first:
                low = middle + 1
            else:
                high = middle
        after = low
        while after < len(samples) and samples[after] == first:
            after += 1
        begin, end = max(low - 1, 0) * SAMPLE, min(after * SAMPLE, n)
        at = _find_term(blob, starts, begin, end, wanted, a, b)
        out[i] = at if at < n and compare(blob, starts[at], starts[at + 1], wanted, a, b) == 0 else -1


@kernel
def find_keys(keys: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The place of each wanted key in ascending `keys`, -1 where it is not there."""
    out = np.empty(len(wanted), np.int64)
    _find_numbers(keys, wanted, out)
    return out


@kernel
def find_terms(
    blob: NDArray[np.uint8], starts: NDArray[np.int64], wanted: NDArray[np.uint8], wanted_starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The place of each wanted term among terms sorted by their bytes, -1 where it is not there.

    Term t is blob[starts[t]:starts[t + 1]]; wanted likewise, in any order.
    """
    out = np.empty(len(wanted_starts) - 1, np.int64)
    _find_terms(blob, starts, wanted, wanted_starts, out)
    return out


@inline
def _add_frequencies(places: NDArray[np.int64], counts: NDArray[np.int64], frequencies: NDArray[np.int64]) -> None:
    for i in range(len(places)):
        if places[i] >= 0:
            frequencies[i] += counts[places[i]]


@kernel
def find_keys_in_all(
    table: NDArray[np.int64], wanted: NDArray[np.uint32], places: NDArray[np.int64], frequencies: NDArray[np.int64]
) -> None:
    """Write the place of each wanted key in each segment (numen.kernels.part), -1 where it is not there.

    places: int64 (n_segments, len(wanted)), written to. frequencies: int64 (len(wanted)), added to: in how many
    documents of all segments, dead ones included, each key is.
    """
    for s in range(len(table)):
        p = part_at(table, s)
        _find_numbers(p.numbers, wanted, places[s])
        _add_frequencies(places[s], p.frequencies, frequencies)


@kernel
def find_terms_in_all(
    table: NDArray[np.int64],
    wanted: NDArray[np.uint8],
    wanted_starts: NDArray[np.int64],
    places: NDArray[np.int64],
    frequencies: NDArray[np.int64],
) -> None:
    """As `find_keys_in_all`, for terms: term t is wanted[wanted_starts[t]:wanted_starts[t + 1]]."""
    for s in range(len(table)):
        p = part_at(table, s)
        if places.shape[1] * MANY < len(p.term_starts):
            _find_few_terms(p.terms, p.term_starts, p.term_samples, wanted, wanted_starts, places[s])
        else:
            _find_terms(p.terms, p.term_starts, wanted, wanted_starts, places[s])
        _add_frequencies(places[s], p.frequencies, frequencies)
