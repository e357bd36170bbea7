"""Sorting within kernels, by code that is the same in all of them.

numba's own `np.sort` and `np.argsort` are made of functions of one and the same name and type that do different things.
Kernels that were compiled by different processes, and kept, can then come together in one process with each other's:
a crash, at the best.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel, piece

__all__ = ["order_of", "sort_numbers", "sorted_copy", "sorted_numbers"]

SHORT = 16
"""Stretches of so many or fewer are sorted by insertion."""

DEEP = 64
"""Stretches put off at once: the shorter part is always sorted first, so there are no more than bits in a place."""


@inline
def _exchange(keys: NDArray[Any], carried: NDArray[np.int64], i: int, j: int) -> None:
    keys[i], keys[j] = keys[j], keys[i]
    if len(carried):
        carried[i], carried[j] = carried[j], carried[i]


@inline
def _middle(keys: NDArray[Any], low: int, high: int) -> Any:
    """The one of the first, the middle and the last key that is neither least nor largest."""
    a, b, c = keys[low], keys[(low + high) >> 1], keys[high]
    if a > b:
        a, b = b, a
    if b > c:
        b = c
    return a if a > b else b


@inline
def _sort(keys: NDArray[Any], carried: NDArray[np.int64]) -> None:
    """Quicksort (Hoare, 1962), with the median of three as the pivot; carried, unless empty, moves along."""
    lows, highs = np.empty(DEEP, np.int64), np.empty(DEEP, np.int64)
    put_off = 0
    low, high = 0, len(keys) - 1
    while True:
        while high - low >= SHORT:
            pivot = _middle(keys, low, high)
            i, j = low, high
            while i <= j:
                while keys[i] < pivot:
                    i += 1
                while keys[j] > pivot:
                    j -= 1
                if i <= j:
                    _exchange(keys, carried, i, j)
                    i += 1
                    j -= 1
            if j - low < high - i:
                lows[put_off], highs[put_off] = i, high
                high = j
            else:
                lows[put_off], highs[put_off] = low, j
                low = i
            put_off += 1
        for i in range(low + 1, high + 1):
            j = i
            while j > low and keys[j - 1] > keys[j]:
                _exchange(keys, carried, j - 1, j)
                j -= 1
        if put_off == 0:
            return
        put_off -= 1
        low, high = lows[put_off], highs[put_off]


@piece
def sort_numbers(keys: NDArray[Any]) -> None:
    """Put numbers (not NaN) in ascending order, in place."""
    _sort(keys, np.empty(0, np.int64))


@piece
def sorted_copy(keys: NDArray[Any]) -> NDArray[Any]:
    """Numbers in ascending order, as a new array."""
    out = keys.copy()
    _sort(out, np.empty(0, np.int64))
    return out


@piece
def order_of(keys: NDArray[Any]) -> NDArray[np.int64]:
    """int64: the places of numbers in ascending order; of equal ones in any order."""
    order = np.arange(len(keys))
    _sort(keys.copy(), order)
    return order


@kernel
def sorted_numbers(keys: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """(the numbers in ascending order, their places before)."""
    return sorted_copy(keys), order_of(keys)
