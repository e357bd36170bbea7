"""Postings: turn rows of documents into lists per term, choose which lists become plain rows, and look terms up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import SKIP, WIDEST
from numen.kernels.jit import kernel
from numen.kernels.sort import sort_numbers

__all__ = [
    "count_alive",
    "count_numbers",
    "decode_gaps",
    "densify",
    "encode_gaps",
    "gap_lengths",
    "invert",
    "merge_lists",
    "renumber",
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
    values: NDArray[np.uint8] | NDArray[np.float32],
    first: int,
    cursor: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_values: NDArray[np.uint8] | NDArray[np.float32],
) -> None:
    """Append the rows of documents first, first + 1, ... to the lists of their numbers.

    row_starts, numbers, values: row r in [row_starts[r], row_starts[r + 1]). cursor: for each number the next free
    place of its list in out_docs and out_values, moved on by each posting. Rows given in the order of documents make
    lists in the order of documents.
    """
    for r in range(len(row_starts) - 1):
        for j in range(row_starts[r], row_starts[r + 1]):
            number = numbers[j]
            at = cursor[number]
            cursor[number] = at + 1
            out_docs[at] = first + r
            out_values[at] = values[j]


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
def gap_lengths(starts: NDArray[np.int64], docs: NDArray[np.uint16]) -> NDArray[np.int64]:
    """int64 (n_keys): how many entries each list would have if it were written as gaps (`encode_gaps`)."""
    out = np.zeros(len(starts) - 1, np.int64)
    for key in range(len(out)):
        last: Any = 0
        n = 0
        for j in range(starts[key], starts[key + 1]):
            gap = np.int64(docs[j]) - last
            last = np.int64(docs[j])
            n += 1 + max(gap - 1, 0) // WIDEST
        out[key] = n
    return out


@kernel
def encode_gaps(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    chosen: NDArray[np.uint32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_values: NDArray[np.uint8] | NDArray[np.float32],
    skip_starts: NDArray[np.int64],
    skips: NDArray[np.uint16],
) -> NDArray[np.int64]:
    """Write the lists `chosen` (ascending key numbers) as gaps; what stays is moved to the front of docs and values.

    Chosen list i takes [long_starts[i], long_starts[i + 1]) of gaps and long_values: each entry's document number is
    the one before (0 at first) plus its gap. A gap over WIDEST is led up to by entries of gap WIDEST and value 0.
    skips [skip_starts[i], skip_starts[i + 1]): the document number before each SKIP entries, 0 for the first.
    Returns the starts of what stays, with empty lists at the chosen keys.
    """
    n_keys = len(starts) - 1
    new_starts = np.zeros(n_keys + 1, np.int64)
    at = 0
    i = 0
    for key in range(n_keys):
        if i < len(chosen) and np.int64(chosen[i]) == key:
            to = long_starts[i]
            skip = skip_starts[i]
            last: Any = 0
            for j in range(starts[key], starts[key + 1]):
                gap = np.int64(docs[j]) - last
                while True:
                    if (to - long_starts[i]) % SKIP == 0:
                        skips[skip] = last
                        skip += 1
                    if gap <= WIDEST:
                        break
                    gaps[to] = WIDEST
                    long_values[to] = 0
                    last += WIDEST
                    gap -= WIDEST
                    to += 1
                gaps[to] = gap
                long_values[to] = values[j]
                last = np.int64(docs[j])
                to += 1
            i += 1
        else:
            for j in range(starts[key], starts[key + 1]):
                docs[at] = docs[j]
                values[at] = values[j]
                at += 1
        new_starts[key + 1] = at
    return new_starts


@kernel
def decode_gaps(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    chosen: NDArray[np.uint32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_values: NDArray[np.uint8] | NDArray[np.float32],
    out_starts: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_values: NDArray[np.uint8] | NDArray[np.float32],
) -> None:
    """The inverse of `encode_gaps`: all lists as lists, written to out_docs and out_values at out_starts."""
    i = 0
    for key in range(len(starts) - 1):
        at = out_starts[key]
        if i < len(chosen) and np.int64(chosen[i]) == key:
            d: Any = 0
            for j in range(long_starts[i], long_starts[i + 1]):
                d += np.int64(gaps[j])
                if long_values[j] != 0:
                    out_docs[at] = d
                    out_values[at] = long_values[j]
                    at += 1
            i += 1
        else:
            for j in range(starts[key], starts[key + 1]):
                out_docs[at] = docs[j]
                out_values[at] = values[j]
                at += 1


@kernel
def renumber(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    number: NDArray[np.uint16],
) -> tuple[NDArray[np.uint16], NDArray[np.uint8] | NDArray[np.float32]]:
    """(docs, values) with document number[d] for d, each list by document again."""
    out_docs = np.empty(len(docs), np.uint16)
    out_values = np.empty(len(values), values.dtype)
    n_docs = len(number)
    at_doc = np.empty(n_docs, values.dtype)
    present = np.zeros((n_docs + 63) // 64, np.uint64)
    for key in range(len(starts) - 1):
        a, b = starts[key], starts[key + 1]
        if b - a > n_docs // 64:
            # Long lists: through a set of all documents, which comes out in order.
            for j in range(a, b):
                d = number[docs[j]]
                at_doc[d] = values[j]
                present[d >> 6] |= np.uint64(1) << np.uint64(d & 63)
            at = a
            for w in range(len(present)):
                if present[w] == 0:
                    continue
                for bit in range(64):
                    if present[w] >> np.uint64(bit) & np.uint64(1):
                        out_docs[at] = w * 64 + bit
                        out_values[at] = at_doc[w * 64 + bit]
                        at += 1
                present[w] = 0
        else:
            both = np.empty(b - a, np.uint32)
            for j in range(a, b):
                both[j - a] = np.uint32(number[docs[j]]) << np.uint32(16) | np.uint32(j - a)
            sort_numbers(both)
            for j in range(a, b):
                out_docs[j] = both[j - a] >> np.uint32(16)
                out_values[j] = values[a + np.int64(both[j - a] & np.uint32(65535))]
    return out_docs, out_values


@kernel
def merge_lists(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.uint8] | NDArray[np.float32],
    key_map: NDArray[np.int64],
    doc_map: NDArray[np.int64],
    cursor: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_values: NDArray[np.uint8] | NDArray[np.float32],
    write: bool,
) -> None:
    """Append one segment's lists to merged ones: count them (write False) or copy them (write True).

    key_map: the merged number of each key. doc_map: the new number of each document, -1 for one to leave out. cursor:
    per merged key, the next free place; moved on by every posting kept.
    """
    for key in range(len(starts) - 1):
        to = key_map[key]
        at = cursor[to]
        for j in range(starts[key], starts[key + 1]):
            d = doc_map[docs[j]]
            if d >= 0:
                if write:
                    out_docs[at] = d
                    out_values[at] = values[j]
                at += 1
        cursor[to] = at


@kernel
def count_alive(
    wanted: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_values: NDArray[np.uint8] | NDArray[np.float32],
    dead: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """For each wanted key's list, how many of its documents are not marked in `dead` (uint8 (n_docs))."""
    out = np.zeros(len(wanted), np.int64)
    for i in range(len(wanted)):
        key = wanted[i]
        n = 0
        if long_of[key] >= 0:
            d: Any = 0
            for j in range(long_starts[long_of[key]], long_starts[long_of[key] + 1]):
                d += np.int64(gaps[j])
                n += int(long_values[j] != 0 and dead[d] == 0)
        else:
            for j in range(starts[key], starts[key + 1]):
                n += int(dead[docs[j]] == 0)
        out[i] = n
    return out
