"""Documents as rows of codes: the whole bound of one document from one place in memory, for approximate searches.

A list tells which documents a term has; summing one document from the lists waits for memory in every list. Its row
lies in one piece. A row names its keys by the low 16 bits of their places: where a segment has more keys than that, a
document may seem to have a key of the query that it lacks, which lets it be looked at in vain and changes no score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.candidates import doc_of, segment_of
from numen.kernels.jit import kernel, piece
from numen.kernels.part import part_at
from numen.kernels.prefetch import prefetch_at, prefetch_line
from numen.kernels.sort import sort_numbers

__all__ = ["KEYS", "bound_rows", "rows_by_document"]

KEYS = 1 << 16
"""How many keys a row tells apart."""


@kernel
def rows_by_document(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    out_starts: NDArray[np.int64],
    out_keys: NDArray[np.uint16],
    out_codes: NDArray[np.uint8],
) -> None:
    """Write each document's keys (places modulo KEYS) and codes, in the order of the keys.

    starts ... long_codes: the lists (numen.index.inverted). out_starts: int64 (n_docs + 1), zeros, written to: row d is
    [out_starts[d], out_starts[d + 1]); the others are at least as long as there are postings, written to.
    """
    for filling in range(2):
        for key in range(len(starts) - 1):
            i = np.int64(long_of[key])
            begin, end = (starts[key], starts[key + 1]) if i < 0 else (long_starts[i], long_starts[i + 1])
            some = codes if i < 0 else long_codes
            d: Any = 0
            for j in range(begin, end):
                d = np.int64(docs[j]) if i < 0 else d + np.int64(gaps[j])
                if some[j] == 0:  # it leads up to a wide gap
                    continue
                if filling == 1:
                    at = out_starts[d]
                    out_keys[at], out_codes[at] = np.uint16(key & (KEYS - 1)), some[j]
                out_starts[d] += 1
        # Counts become beginnings; and after the rows are filled each beginning is the next row's.
        total = np.int64(0)
        for d in range(len(out_starts)):
            if filling == 0:
                out_starts[d], total = total, total + out_starts[d]
            else:
                out_starts[d], total = total, out_starts[d]


@piece
def _by_segment(candidates: NDArray[np.int64]) -> None:
    """Sort candidates by segment, then by document."""
    for i in range(len(candidates)):
        candidates[i] = (candidates[i] & 0xFFFFFFFF) << 31 | candidates[i] >> 32
    sort_numbers(candidates)
    for i in range(len(candidates)):
        candidates[i] = (candidates[i] & 0x7FFFFFFF) << 32 | candidates[i] >> 31


@piece
def bound_rows(
    table: NDArray[np.int64],
    places: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    steps: NDArray[np.float32],
    unit: np.float64,
    candidates: NDArray[np.int64],
    factors: NDArray[np.uint16],
) -> None:
    """Put the whole sum of codes of each candidate in the place of what was read of it.

    The arguments are those of `numen.kernels.candidates`. factors: uint16 (KEYS), zeros, and zeros again afterwards.
    """
    _by_segment(candidates)
    at = 0
    while at < len(candidates):
        s = segment_of(candidates[at])
        p = part_at(table, s)
        last = at + 1
        while last < len(candidates) and segment_of(candidates[last]) == s:
            last += 1
        for x in range(begin, end):
            if steps[s, x] > 0:
                factor = np.int64(np.float64(query_weights[x + first] * steps[s, x]) / unit * 256) + 1
                key = places[s, query_terms[x + first]] & (KEYS - 1)
                factors[key] = np.uint16(min(np.int64(65_535), factor + np.int64(factors[key])))
        for i in range(at - 2, last):
            if i + 2 < last:
                prefetch_at(p.forward_starts, doc_of(candidates[i + 2]))
            if i + 1 >= at and i + 1 < last:
                d = doc_of(candidates[i + 1])
                prefetch_line(p.forward_keys, p.forward_starts[d], p.forward_starts[d + 1])
                prefetch_line(p.forward_codes, p.forward_starts[d], p.forward_starts[d + 1])
            if i >= at:
                d = doc_of(candidates[i])
                total = np.uint64(0)
                for j in range(np.uint64(p.forward_starts[d]), np.uint64(p.forward_starts[d + 1])):
                    total += np.uint64(np.uint32(factors[p.forward_keys[j]]) * np.uint32(p.forward_codes[j]))
                candidates[i] = np.int64(total >> np.uint64(8)) << 32 | (candidates[i] & 0xFFFFFFFF)
        for x in range(begin, end):
            if steps[s, x] > 0:
                factors[places[s, query_terms[x + first]] & (KEYS - 1)] = 0
        at = last
