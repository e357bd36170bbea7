"""How often one document has one key: what the kernels that score documents share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline

__all__ = ["code_of", "exception_of", "first_of", "log_of"]


@inline
def log_of(count: np.uint32, log_table: NDArray[np.float32]) -> np.float32:
    """ln(1 + count), from the table where it reaches."""
    if count < len(log_table):
        known: np.float32 = log_table[count]
        return known
    return np.float32(np.log1p(np.float64(count)))


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
def code_of(docs: NDArray[np.uint16], codes: NDArray[np.uint8], low: int, stop: int, d: int) -> int:
    """The code of document d in the list [low, stop), 0 where it is not."""
    high = stop
    while low < high:
        middle = (low + high) >> 1
        if np.int64(docs[middle]) < d:
            low = middle + 1
        else:
            high = middle
    if low < stop and np.int64(docs[low]) == d:
        return int(codes[low])
    return 0


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
