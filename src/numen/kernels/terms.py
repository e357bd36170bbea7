"""Lists of terms: sorted and joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["compare", "order_terms", "union_terms"]


@inline
def compare(a: NDArray[np.uint8], a_from: int, a_to: int, b: NDArray[np.uint8], b_from: int, b_to: int) -> int:
    """Below 0 if a's bytes come before b's, above 0 if after, 0 if they are the same."""
    for j in range(min(a_to - a_from, b_to - b_from)):
        x, y = a[a_from + j], b[b_from + j]
        if x != y:
            return -1 if x < y else 1
    return (a_to - a_from) - (b_to - b_from)


@kernel
def order_terms(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The terms' numbers in the order of their bytes, equal ones in the order they have; blob, starts as below.

    A merge sort, whose comparisons look at the first eight bytes as one number and rarely further.
    """
    n = len(starts) - 1
    first = np.zeros(n, np.uint64)
    for t in range(n):
        begin, end = starts[t], starts[t + 1]
        for j in range(8):
            first[t] = first[t] << np.uint64(8)
            if begin + j < end:
                first[t] |= np.uint64(blob[begin + j])
    order, other = np.arange(n), np.empty(n, np.int64)
    width = 1
    while width < n:
        for begin in range(0, n, 2 * width):
            i, middle = begin, min(begin + width, n)
            j, end = middle, min(begin + 2 * width, n)
            for k in range(begin, end):
                left = j == end
                if i < middle and j < end:
                    x, y = order[i], order[j]
                    left = first[x] < first[y]
                    if first[x] == first[y]:
                        left = compare(blob, starts[x], starts[x + 1], blob, starts[y], starts[y + 1]) <= 0
                if left:
                    other[k] = order[i]
                    i += 1
                else:
                    other[k] = order[j]
                    j += 1
        order, other = other, order
        width *= 2
    return order


@kernel
def union_terms(
    blob: NDArray[np.uint8], starts: NDArray[np.int64], other: NDArray[np.uint8], other_starts: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(blob, starts) of the terms that are in either list, each once; the lists are sorted by bytes, without repeats.

    Term t of a list is blob[starts[t]:starts[t + 1]].
    """
    n, m = len(starts) - 1, len(other_starts) - 1
    out = np.empty(starts[n] - starts[0] + other_starts[m] - other_starts[0], np.uint8)
    out_starts = np.zeros(n + m + 1, np.int64)
    i, j, at, k = 0, 0, 0, 0
    while i < n or j < m:
        order = 0  # below 0: the first list's term comes first; above: the other's; 0: they are the same
        if i == n or j == m:
            order = 1 if i == n else -1
        else:
            order = compare(blob, starts[i], starts[i + 1], other, other_starts[j], other_starts[j + 1])
        if order <= 0:
            for p in range(starts[i], starts[i + 1]):
                out[at] = blob[p]
                at += 1
            i += 1
        else:
            for p in range(other_starts[j], other_starts[j + 1]):
                out[at] = other[p]
                at += 1
        if order >= 0:
            j += 1
        k += 1
        out_starts[k] = at
    return out[:at].copy(), out_starts[: k + 1].copy()
