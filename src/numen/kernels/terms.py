"""Lists of terms: sorted and joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel, piece

__all__ = ["compare", "order_terms", "unite_terms"]

FEW = 16
"""So many terms that begin alike are put in order one by one."""

WINDOW = 8
"""Bytes of a term that are looked at at a time, as one number."""


@inline
def compare(a: NDArray[np.uint8], a_from: int, a_to: int, b: NDArray[np.uint8], b_from: int, b_to: int) -> int:
    """Below 0 if a's bytes come before b's, above 0 if after, 0 if they are the same."""
    for j in range(min(a_to - a_from, b_to - b_from)):
        x, y = a[a_from + j], b[b_from + j]
        if x != y:
            return -1 if x < y else 1
    return (a_to - a_from) - (b_to - b_from)


@inline
def _pass(
    windows: NDArray[np.uint64],
    digits: NDArray[np.uint8],
    order: NDArray[np.int64],
    other: NDArray[np.int64],
    begin: int,
    end: int,
    byte: int,
) -> bool:
    """Write order[begin:end] to `other` by one byte of the windows (-1: by `digits`); False if it is alike in all."""
    counts = np.zeros(256, np.int64)
    for i in range(begin, end):
        t = order[i]
        counts[digits[t] if byte < 0 else (windows[t] >> np.uint64(8 * byte)) & np.uint64(255)] += 1
    at = begin
    for value in range(256):
        n = counts[value]
        if n == end - begin:
            return False
        counts[value] = at
        at += n
    for i in range(begin, end):
        t = order[i]
        digit = np.int64(digits[t] if byte < 0 else (windows[t] >> np.uint64(8 * byte)) & np.uint64(255))
        other[counts[digit]] = t
        counts[digit] += 1
    return True


@piece
def _order(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """`order_terms`: a radix sort of windows of the terms, then of what follows where those are the same."""
    n = len(starts) - 1
    order, other = np.arange(n), np.empty(n, np.int64)
    windows, digits = np.empty(n, np.uint64), np.empty(n, np.uint8)
    # Groups that begin alike: where they begin and end in `order`, and in how many bytes. No two of them overlap.
    due = np.empty((n // FEW + 2, 3), np.int64)
    due[0, 0], due[0, 1], due[0, 2] = 0, n, 0
    n_due = 1
    while n_due:
        n_due -= 1
        begin, end, depth = due[n_due, 0], due[n_due, 1], due[n_due, 2]
        for i in range(begin, end):
            t = order[i]
            left = starts[t + 1] - starts[t] - depth
            window = np.uint64(0)
            for j in range(WINDOW):
                window <<= np.uint64(8)
                if j < left:
                    window |= np.uint64(blob[starts[t] + depth + j])
            # A term that ends is padded with zeros: of two that differ in nothing else the shorter one comes first.
            windows[t], digits[t] = window, min(max(left, 0), WINDOW + 1)
        for byte in range(-1, WINDOW):
            if _pass(windows, digits, order, other, begin, end, byte):
                order[begin:end] = other[begin:end]
        i = begin
        while i < end:
            first = order[i]
            j = i + 1
            while j < end and windows[order[j]] == windows[first] and digits[order[j]] == digits[first]:
                j += 1
            if digits[first] > WINDOW and j - i > FEW:
                due[n_due, 0], due[n_due, 1], due[n_due, 2] = i, j, depth + WINDOW
                n_due += 1
            elif digits[first] > WINDOW:
                skip = depth + WINDOW
                for k in range(i + 1, j):
                    x = order[k]
                    to = k
                    while to > i:
                        y = order[to - 1]
                        if compare(blob, starts[y] + skip, starts[y + 1], blob, starts[x] + skip, starts[x + 1]) <= 0:
                            break
                        order[to] = y
                        to -= 1
                    order[to] = x
            i = j
    return order


@kernel
def order_terms(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The terms' numbers in the order of their bytes, equal ones in the order they have.

    Term t is blob[starts[t]:starts[t + 1]].
    """
    return _order(blob, starts)


@kernel
def unite_terms(
    blob: NDArray[np.uint8], starts: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """(blob, starts) of all different terms in the order of their bytes, and the place of each given term among them.

    Term t is blob[starts[t]:starts[t + 1]], given in any order, as often as you like.
    """
    order = _order(blob, starts)
    n = len(order)
    out = np.empty(len(blob), np.uint8)
    out_starts = np.zeros(n + 1, np.int64)
    places = np.empty(n, np.int64)
    at, k = 0, -1
    for i in range(n):
        t = order[i]
        begin, size = starts[t], starts[t + 1] - starts[t]
        same = k >= 0 and out_starts[k + 1] - out_starts[k] == size
        if same:
            for j in range(size):
                if out[out_starts[k] + j] != blob[begin + j]:
                    same = False
                    break
        if not same:
            for j in range(size):
                out[at + j] = blob[begin + j]
            at += size
            k += 1
            out_starts[k + 1] = at
        places[t] = k
    return out[:at].copy(), out_starts[: k + 2].copy(), places
