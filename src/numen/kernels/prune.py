"""Bound what each block of documents can score, and sum exactly only the blocks that can reach the top k.

Documents are bounded BOUND_BLOCK at a time. Frequent keys have their largest count in each block written out, one byte
a block, so that their bounds are added by loops that vectorise; the postings of rarer keys are added to their block as
they are. A block whose bound lies below the k-th best score cannot hold a hit. What is left is summed term by term, in
the order that every score is summed in, and is dropped as soon as its sum so far and the bound of its rest fall short.

The idea is block-max pruning (Mallia, Suel, Tonellotto: Faster Learned Sparse Retrieval with Block-Max Pruning, SIGIR
2024), without rounding queries or scores, and over inverted lists only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import BOUND_BLOCK, ESCAPE, LOG, PRODUCT, SKIP
from numen.kernels.jit import inline, kernel, piece
from numen.kernels.lookup import count_of, first_at, part_of, skip_to
from numen.kernels.part import part_at
from numen.kernels.weights import weight_at

__all__ = ["add_bounds", "bound_blocks", "sum_blocks"]


@kernel
def bound_blocks(
    chosen: NDArray[np.int64],
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    skip_starts: NDArray[np.int64],
    skips: NDArray[np.uint16],
    row_of: NDArray[np.int32],
    rows: NDArray[np.uint8],
    bounds: NDArray[np.uint8],
) -> None:
    """The largest code of each chosen key in each block: bounds, uint8 (len(chosen), n_blocks), zeros, written to."""
    for i in range(len(chosen)):
        place = chosen[i]
        highest = bounds[i]
        if row_of[place] >= 0:
            row = rows[row_of[place]]
            for doc in range(len(row)):
                highest[doc // BOUND_BLOCK] = max(highest[doc // BOUND_BLOCK], row[doc])
        elif long_of[place] >= 0:
            d: Any = 0
            for j in range(long_starts[long_of[place]], long_starts[long_of[place] + 1]):
                d += np.int64(gaps[j])
                highest[d // BOUND_BLOCK] = max(highest[d // BOUND_BLOCK], long_codes[j])
        else:
            for j in range(starts[place], starts[place + 1]):
                b = np.int64(docs[j]) // BOUND_BLOCK
                highest[b] = max(highest[b], codes[j])


@inline
def _bound_of(code: np.uint8, weight: np.float32, saturation: np.float32) -> np.float32:
    """The largest part of a count of at most this code. No code holds what ESCAPE stands for: a ratio is below 1."""
    f = np.float32(code)
    return weight if code == ESCAPE else weight * (f / (f + saturation))


@piece
def add_bounds(
    frequent: bool,
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    bounds: NDArray[np.float32],
) -> None:
    """Add to each block's bound what the terms in [begin, end) can add: the frequent ones, or else all others.

    bounds: float32 (n_blocks), added to. The rounding of sums is left to the caller.
    """
    p = part_at(table, s)
    saturations = p.saturations
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place < 0 or (p.bound_of[place] >= 0) != frequent:
            continue
        weight = query_weights[x]
        i = np.int64(p.long_of[place])
        if frequent:
            row = p.bound_codes[p.bound_of[place]]
            for b in range(len(row)):
                f = np.float32(row[b])
                part = weight * (f / (f + saturations[b]))
                bounds[b] += weight if row[b] == ESCAPE else part
        elif i < 0:
            docs, codes = p.docs, p.codes
            for j in range(np.uint64(p.starts[place]), np.uint64(p.starts[place + 1])):
                b = docs[j] // np.uint16(BOUND_BLOCK)
                bounds[b] += _bound_of(codes[j], weight, saturations[b])
        else:
            gaps, long_codes = p.gaps, p.long_codes
            d = np.uint64(0)
            for j in range(np.uint64(p.long_starts[i]), np.uint64(p.long_starts[i + 1])):
                d += np.uint64(gaps[j])
                block = d // np.uint64(BOUND_BLOCK)
                bounds[block] += _bound_of(long_codes[j], weight, saturations[block])


@piece
def sum_blocks(
    blocks: NDArray[np.int64],
    n_blocks: int,
    needed: np.float32,
    table: NDArray[np.int64],
    s: int,
    places: NDArray[np.int64],
    begin: int,
    end: int,
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    form: int,
    rest: NDArray[np.float64],
    sums: NDArray[np.float32],
) -> int:
    """Add the terms in [begin, end) to the scores of the documents of some blocks, before any factor of the documents.

    Returns how many blocks are left.

    blocks: ascending numbers of blocks in [0, n_blocks), written to: the blocks left come first. needed: a block that
    cannot reach it may be dropped on the way; 0 keeps all. rest: float64, for each block at least what its keys with
    bounds can add; written to. sums: float32 (at least n_blocks * BOUND_BLOCK), added to: block i's documents at
    [i * BOUND_BLOCK, (i + 1) * BOUND_BLOCK).
    """
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    some = (p.exception_keys, p.exception_docs, p.exception_counts)
    active = n_blocks
    for x in range(begin, end):
        place = places[query_terms[x]]
        if place < 0:
            continue
        weight = query_weights[x]
        if needed > 0 and p.bound_of[place] >= 0:
            left = 0
            for i in range(active):
                top = np.float32(0)
                for j in range(BOUND_BLOCK):
                    top = max(top, sums[i * BOUND_BLOCK + j])
                if np.float64(top) + rest[i] < needed:
                    continue
                b = blocks[i]
                part = _bound_of(p.bound_codes[p.bound_of[place], b], weight, p.saturations[b])
                if left < i:
                    blocks[left] = b
                    for j in range(BOUND_BLOCK):
                        sums[left * BOUND_BLOCK + j] = sums[i * BOUND_BLOCK + j]
                rest[left] = rest[i] - np.float64(part)
                left += 1
            active = left
            if active == 0:
                return 0
        r = np.int64(p.row_of[place])
        long = np.int64(p.long_of[place])
        if r >= 0:
            for i in range(active):
                first = blocks[i] * BOUND_BLOCK
                for d in range(first, min(first + BOUND_BLOCK, n_docs)):
                    code = p.rows[r, d]
                    if code == 0:
                        continue
                    at = i * BOUND_BLOCK + d - first
                    if form == LOG:
                        sums[at] += weight * p.row_values[r, code]
                    else:
                        count = count_of(np.float32(code), form, *some, place, d)
                        sums[at] += part_of(count, weight, form, p.doc_values[d], p.log_table)
        elif long >= 0:
            k, last_skip = p.skip_starts[long], p.skip_starts[long + 1]
            j, stop = p.long_starts[long], p.long_starts[long + 1]
            number: Any = -1  # the document of entry j, unknown while -1
            for i in range(active):
                first = blocks[i] * BOUND_BLOCK
                to = skip_to(p.skips, k, last_skip, first)
                if number < 0 or to > k:
                    k = to
                    j = p.long_starts[long] + (k - p.skip_starts[long]) * SKIP
                    number = np.int64(p.skips[k]) + np.int64(p.gaps[j])
                while number < first:
                    j += 1
                    if j == stop:
                        break
                    number += np.int64(p.gaps[j])
                while j < stop and number < first + BOUND_BLOCK:
                    if p.long_codes[j] != 0:
                        if form == PRODUCT:
                            value = weight_at(p.long_codes, p.long_fine, j, p.steps[place], *some, place, number)
                        else:
                            value = np.float32(p.long_codes[j])
                            value = count_of(value, form, *some, place, number)
                        sums[i * BOUND_BLOCK + number - first] += part_of(
                            value, weight, form, p.doc_values[number], p.log_table
                        )
                    j += 1
                    if j < stop:
                        number += np.int64(p.gaps[j])
                        if (j - p.long_starts[long]) % SKIP == 0:
                            k = p.skip_starts[long] + (j - p.long_starts[long]) // SKIP
                if j == stop:
                    break
        else:
            j, stop = p.starts[place], p.starts[place + 1]
            for i in range(active):
                first = blocks[i] * BOUND_BLOCK
                j = first_at(p.docs, j, stop, first)
                while j < stop and np.int64(p.docs[j]) < first + BOUND_BLOCK:
                    doc: Any = np.int64(p.docs[j])
                    if form == PRODUCT:
                        value = weight_at(p.codes, p.fine, j, p.steps[place], *some, place, doc)
                    else:
                        value = count_of(np.float32(p.codes[j]), form, *some, place, doc)
                    sums[i * BOUND_BLOCK + doc - first] += part_of(value, weight, form, p.doc_values[doc], p.log_table)
                    j += 1
                if j == stop:
                    break
    return active
