"""Postings: turn rows of documents into lists per term, choose which lists become plain rows, and look terms up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = [
    "count_alive",
    "count_numbers",
    "densify",
    "find_keys",
    "find_terms",
    "invert",
    "merge_lists",
    "sparsify",
]


@kernel
def count_numbers(numbers: NDArray[np.uint32], totals: NDArray[np.int64]) -> None:
    """Add to totals[x] how often each number x, below len(totals), occurs."""
    for number in numbers:
        totals[number] += 1


@kernel
def invert(
    row_starts: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    codes: NDArray[np.uint8],
    first: int,
    cursor: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_codes: NDArray[np.uint8],
) -> None:
    """Append the rows of documents first, first + 1, ... to the lists of their numbers.

    row_starts, numbers, codes: row r in [row_starts[r], row_starts[r + 1]). cursor: for each number the next free place
    of its list in out_docs and out_codes, moved on by each posting. Rows given in the order of documents make lists in
    the order of documents.
    """
    for r in range(len(row_starts) - 1):
        for j in range(row_starts[r], row_starts[r + 1]):
            number = numbers[j]
            at = cursor[number]
            cursor[number] = at + 1
            out_docs[at] = first + r
            out_codes[at] = codes[j]


@kernel
def densify(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    chosen: NDArray[np.uint32],
    n_docs: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Move the lists `chosen` (ascending key numbers) into plain rows of one code a document, 0 where absent.

    What stays in lists is moved together at the front of docs and codes, which are written to.
    Returns (starts of what stays, with empty lists at the chosen keys; rows uint8 (len(chosen), n_docs)).
    """
    n_keys = len(starts) - 1
    rows = np.zeros((len(chosen), n_docs), np.uint8)
    new_starts = np.zeros(n_keys + 1, np.int64)
    at = 0
    r = 0
    for key in range(n_keys):
        if r < len(chosen) and np.int64(chosen[r]) == key:
            for j in range(starts[key], starts[key + 1]):
                rows[r, docs[j]] = codes[j]
            r += 1
        else:
            for j in range(starts[key], starts[key + 1]):
                docs[at] = docs[j]
                codes[at] = codes[j]
                at += 1
        new_starts[key + 1] = at
    return new_starts, rows


@kernel
def sparsify(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    chosen: NDArray[np.uint32],
    rows: NDArray[np.uint8],
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]:
    """The inverse of `densify`: all lists as lists, by key, then by document."""
    n_keys = len(starts) - 1
    total = len(docs)
    for r in range(len(chosen)):
        for d in range(rows.shape[1]):
            total += int(rows[r, d] != 0)
    new_starts = np.zeros(n_keys + 1, np.int64)
    new_docs = np.empty(total, np.uint16)
    new_codes = np.empty(total, np.uint8)
    at = 0
    r = 0
    for key in range(n_keys):
        if r < len(chosen) and np.int64(chosen[r]) == key:
            for d in range(rows.shape[1]):
                if rows[r, d] != 0:
                    new_docs[at] = d
                    new_codes[at] = rows[r, d]
                    at += 1
            r += 1
        else:
            for j in range(starts[key], starts[key + 1]):
                new_docs[at] = docs[j]
                new_codes[at] = codes[j]
                at += 1
        new_starts[key + 1] = at
    return new_starts, new_docs, new_codes


@kernel
def merge_lists(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    key_map: NDArray[np.int64],
    doc_map: NDArray[np.int64],
    cursor: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_codes: NDArray[np.uint8],
    write: bool,
) -> None:
    """Append one segment's lists to merged ones: count them (write False) or copy them (write True).

    key_map: the merged number of each key. doc_map: the new number of each document, -1 for one to leave out; ascending
    where not -1. cursor: per merged key, the next free place; moved on by every posting kept.
    """
    for key in range(len(starts) - 1):
        to = key_map[key]
        at = cursor[to]
        for j in range(starts[key], starts[key + 1]):
            d = doc_map[docs[j]]
            if d >= 0:
                if write:
                    out_docs[at] = d
                    out_codes[at] = codes[j]
                at += 1
        cursor[to] = at


@kernel
def count_alive(
    wanted: NDArray[np.int64], starts: NDArray[np.int64], docs: NDArray[np.uint16], dead: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """For each wanted list, how many of its documents are not marked in `dead` (uint8 (n_docs))."""
    out = np.zeros(len(wanted), np.int64)
    for i in range(len(wanted)):
        key = wanted[i]
        n = 0
        for j in range(starts[key], starts[key + 1]):
            n += int(dead[docs[j]] == 0)
        out[i] = n
    return out


@kernel
def find_keys(keys: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The place of each wanted key in ascending `keys`, -1 where it is not there."""
    out = np.empty(len(wanted), np.int64)
    for i in range(len(wanted)):
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) >> 1
            if keys[middle] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        out[i] = low if low < len(keys) and keys[low] == wanted[i] else -1
    return out


@inline
def _compare(a: NDArray[np.uint8], a_from: int, a_to: int, b: NDArray[np.uint8], b_from: int, b_to: int) -> int:
    n = min(a_to - a_from, b_to - b_from)
    for j in range(n):
        x, y = a[a_from + j], b[b_from + j]
        if x != y:
            return -1 if x < y else 1
    return (a_to - a_from) - (b_to - b_from)


@kernel
def find_terms(
    blob: NDArray[np.uint8],
    starts: NDArray[np.int64],
    wanted: NDArray[np.uint8],
    wanted_starts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The place of each wanted term among terms sorted by their bytes, -1 where it is not there.

    blob, starts: term t in blob[starts[t]:starts[t + 1]]; wanted, wanted_starts likewise, in any order.
    """
    out = np.empty(len(wanted_starts) - 1, np.int64)
    for i in range(len(out)):
        low, high = 0, len(starts) - 1
        while low < high:
            middle = (low + high) >> 1
            if _compare(blob, starts[middle], starts[middle + 1], wanted, wanted_starts[i], wanted_starts[i + 1]) < 0:
                low = middle + 1
            else:
                high = middle
        found = low < len(starts) - 1 and (
            _compare(blob, starts[low], starts[low + 1], wanted, wanted_starts[i], wanted_starts[i + 1]) == 0
        )
        out[i] = low if found else -1
    return out
