"""The k nearest of a matrix of vectors: estimates by loops that vectorise, exact sums of what could be a hit.

A score is a float32 inner product summed in one order (`product`), whatever found the document. Estimates come from
the fastest way to about the same number: float32 rows added up in any order, four documents by four queries at a time,
or one-byte codes against a query of two bytes. What an estimate may be wrong by is bounded (numen.index.flat), and a
document is summed exactly where estimate and bound together reach the k-th best score so far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel, loose, piece
from numen.kernels.topk import offer

__all__ = [
    "LANES",
    "TILE",
    "estimate_tile",
    "product",
    "products",
    "search_flat",
    "search_flat_few",
    "widen",
    "widen_rows",
]

LANES = 64
"""Partial sums of a score: dimension j is added to sum j mod LANES, and then halves of the sums are added up."""

TILE = 32
"""Documents whose rows stay in the first and second level of the cache while the queries of a batch meet them."""

DIRECT, HALVES, CODES = 0, 1, 2
"""What is read first of each document: its float32 row, its float16 row, or its codes."""


@inline
def product(row: NDArray[np.float32], query: NDArray[np.float32], lanes: NDArray[np.float32]) -> np.float32:
    """The inner product, in the one order of summing. lanes: float32 (LANES), scratch."""
    dim = len(row)
    whole = dim // LANES * LANES
    lanes[:] = 0
    for j in range(0, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += row[j + lane] * query[j + lane]
    for lane in range(dim - whole):
        lanes[lane] += row[whole + lane] * query[whole + lane]
    half = LANES // 2
    while half > 0:
        for lane in range(half):
            lanes[lane] += lanes[lane + half]
        half //= 2
    total: np.float32 = lanes[0] + np.float32(0)
    return total


@piece
def widen(halves: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """Write the float16 numbers whose bits these are as float32; all finite, both of the same shape (dim)."""
    bits, signed = out.view(np.int32), halves.view(np.int16)
    for j in range(len(halves)):
        # The sign is spread over the upper half; the exponent, with a bias that is 112 too small, begins at bit 23.
        bits[j] = np.int32((np.int32(signed[j]) << 13) & np.int32(-0x70002000))
    for j in range(len(halves)):
        out[j] *= np.float32(2.0**112)


@kernel
def widen_rows(halves: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """Write the float16 numbers whose bits these are as float32; all finite, both of the same shape (n, dim).

    numpy converts them one by one.
    """
    for i in range(len(halves)):
        widen(halves[i], out[i])


@loose
def _estimate(row: NDArray[np.float32], query: NDArray[np.float32]) -> np.float32:
    total = np.float32(0)
    for j in range(len(row)):
        total += row[j] * query[j]
    return total


@loose
def estimate_tile(rows: NDArray[np.float32], queries: NDArray[np.float32], n: int, out: NDArray[np.float32]) -> None:
    """Write to out[q, d] the products of the queries and the first n rows, multiples of four both, in any order."""
    dim = rows.shape[1]
    for a in range(0, len(queries), 4):
        q0, q1, q2, q3 = queries[a], queries[a + 1], queries[a + 2], queries[a + 3]
        for d in range(0, n, 4):
            r0, r1, r2, r3 = rows[d], rows[d + 1], rows[d + 2], rows[d + 3]
            zero = np.float32(0)
            s00, s01, s02, s03 = zero, zero, zero, zero
            s10, s11, s12, s13 = zero, zero, zero, zero
            s20, s21, s22, s23 = zero, zero, zero, zero
            s30, s31, s32, s33 = zero, zero, zero, zero
            for j in range(dim):
                x0, x1, x2, x3 = r0[j], r1[j], r2[j], r3[j]
                y0, y1, y2, y3 = q0[j], q1[j], q2[j], q3[j]
                s00 += x0 * y0
                s01 += x0 * y1
                s02 += x0 * y2
                s03 += x0 * y3
                s10 += x1 * y0
                s11 += x1 * y1
                s12 += x1 * y2
                s13 += x1 * y3
                s20 += x2 * y0
                s21 += x2 * y1
                s22 += x2 * y2
                s23 += x2 * y3
                s30 += x3 * y0
                s31 += x3 * y1
                s32 += x3 * y2
                s33 += x3 * y3
            out[a, d], out[a + 1, d], out[a + 2, d], out[a + 3, d] = s00, s01, s02, s03
            out[a, d + 1], out[a + 1, d + 1], out[a + 2, d + 1], out[a + 3, d + 1] = s10, s11, s12, s13
            out[a, d + 2], out[a + 1, d + 2], out[a + 2, d + 2], out[a + 3, d + 2] = s20, s21, s22, s23
            out[a, d + 3], out[a + 1, d + 3], out[a + 2, d + 3], out[a + 3, d + 3] = s30, s31, s32, s33


@loose
def _estimate_rows(rows: NDArray[np.float32], query: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """out[d] for one query and each row, summed in any order."""
    n, dim = rows.shape
    for d in range(n):
        total = np.float32(0)
        for j in range(dim):
            total += rows[d, j] * query[j]
        out[d] = total


@piece
def _estimate_codes(
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    query: NDArray[np.int16],
    step: np.float32,
    out: NDArray[np.float32],
) -> None:
    """out[d] for one query, rounded to whole steps, and each row of codes."""
    n, dim = codes.shape
    for d in range(n):
        total = np.int32(0)
        for j in range(dim):
            total += np.int32(codes[d, j]) * np.int32(query[j])
        # Cut to 32 bits, so that the sum is made in those: what they hold was seen to (numen.search.vector_leg).
        out[d] = np.float32(np.int32(total)) * step * scales[d]


@inline
def _score(
    doc: int,
    query: NDArray[np.float32],
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    row: NDArray[np.float32],
    lanes: NDArray[np.float32],
) -> np.float32:
    """The score of one document; row: float32 (dim), scratch for what is not kept as float32."""
    if len(rows):
        return product(rows[doc], query, lanes)
    if len(halves):
        widen(halves[doc], row)
        return product(row, query, lanes)
    for j in range(len(row)):
        row[j] = np.float32(codes[doc, j])
    total: np.float32 = product(row, query, lanes) * scales[doc] + np.float32(0)
    return total


@inline
def _ordered(score: np.float32) -> np.int64:
    """An integer that orders as the scores do, those below zero too."""
    bits = np.int32(np.float32(score).view(np.int32))
    return np.int64(bits) if bits >= 0 else np.int64(bits ^ np.int32(0x7FFFFFFF))


@inline
def _offered(heap: NDArray[np.int64], size: int, score: np.float32, rank: np.uint16, doc: int) -> int:
    """The heap's size with this document in it, if it is among the best: by score, then by rank."""
    return offer(heap, size, (_ordered(score) << 32) | ((np.int64(65535) - np.int64(rank)) << 16) | np.int64(doc))


@inline
def _least(heap: NDArray[np.int64], size: int, floor: np.float32) -> np.float32:
    """What a score must reach: that of the least of a full heap, or a floor that is known otherwise."""
    if size < len(heap):
        return floor
    high = np.int32(heap[0] >> 32)
    bits = high if high >= 0 else high ^ np.int32(0x7FFFFFFF)
    return max(floor, np.int32(bits).view(np.float32))


@inline
def _drained(heap: NDArray[np.int64], size: int, docs: NDArray[np.uint16], scores: NDArray[np.float32]) -> None:
    """Write what the heap holds, best first; its order is lost."""
    for left in range(size - 1, -1, -1):
        one, last = heap[0], heap[left]
        at = 0
        while True:  # the last one goes down from the top of what is left
            child = 2 * at + 1
            if child >= left:
                break
            if child + 1 < left and heap[child + 1] < heap[child]:
                child += 1
            if heap[child] >= last:
                break
            heap[at] = heap[child]
            at = child
        heap[at] = last
        high = np.int32(one >> 32)
        bits = high if high >= 0 else high ^ np.int32(0x7FFFFFFF)
        docs[left] = np.uint16(one & 0xFFFF)
        scores[left] = np.int32(bits).view(np.float32)


@kernel
def search_flat(
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    norms: NDArray[np.float32],
    residues: NDArray[np.float32],
    queries: NDArray[np.float32],
    n_queries: int,
    rounded: NDArray[np.int16],
    steps: NDArray[np.float32],
    slack: NDArray[np.float32],
    skip: NDArray[np.uint8],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    docs: NDArray[np.uint16],
    scores: NDArray[np.float32],
    found: NDArray[np.int64],
) -> None:
    """Each query's k best of one segment, by score, then by rank, to docs uint16, scores float32 (n_queries, k), found.

    rows, halves, codes (n, dim), scales, norms, residues (n): as numen.index.flat keeps them, what is not kept empty.
    queries: float32 (n_queries filled up with zeros to a multiple of four, dim). rounded, steps: a query is about
    rounded * step; only used of a single query where there are codes. slack: float32 (n_queries, 2): an estimate is
    wrong by at most slack[q, 0] * norms[d] + slack[q, 1] * residues[d]. skip: uint8 (n), 1 for documents that take no
    part. floors: float32 (n_queries), a lower bound of each k-th best score; raised where this segment shows one.
    found: int64 (n_queries), how many there are. A document with the norm 0 has no vector, and is never found.
    """
    n = len(norms)
    dim = queries.shape[1]
    k = docs.shape[1]
    kind = CODES if len(codes) else (HALVES if len(halves) else DIRECT)
    heaps = np.empty((n_queries, k), np.int64)
    found[:] = 0
    lanes, row = np.empty(LANES, np.float32), np.empty(dim, np.float32)
    tile = np.zeros((TILE if kind != DIRECT and n_queries > 1 else 0, dim), np.float32)
    estimates = np.empty((len(queries), TILE), np.float32)
    residual = len(residues) > 0
    for begin in range(0, n, TILE):
        n_here = min(TILE, n - begin)
        if n_queries == 1:
            if kind == CODES:
                _estimate_codes(
                    codes[begin : begin + n_here], scales[begin : begin + n_here], rounded[0], steps[0], estimates[0]
                )
            elif kind == HALVES:
                for i in range(n_here):
                    widen(halves[begin + i], row)
                    estimates[0, i] = _estimate(row, queries[0])
            else:
                _estimate_rows(rows[begin : begin + n_here], queries[0], estimates[0])
        elif kind == DIRECT:
            whole = n_here // 4 * 4
            estimate_tile(rows[begin : begin + n_here], queries, whole, estimates)
            for i in range(whole, n_here):
                for q in range(n_queries):
                    estimates[q, i] = _estimate(rows[begin + i], queries[q])
        else:
            for i in range(n_here):
                if kind == HALVES:
                    widen(halves[begin + i], tile[i])
                else:
                    scale = scales[begin + i]
                    for j in range(dim):
                        tile[i, j] = np.float32(codes[begin + i, j]) * scale
            estimate_tile(tile, queries, (n_here + 3) // 4 * 4, estimates)
        for q in range(n_queries):
            size = found[q]
            least = _least(heaps[q], size, floors[q])
            for i in range(n_here):
                d = begin + i
                reach = estimates[q, i] + slack[q, 0] * norms[d]
                if residual:
                    reach += slack[q, 1] * residues[d]
                if reach >= least and not skip[d] and norms[d] > 0:
                    score = _score(d, queries[q], rows, halves, codes, scales, row, lanes)
                    if score >= least:
                        size = _offered(heaps[q], size, score, ranks[d], d)
                        least = _least(heaps[q], size, floors[q])
            found[q] = size
    for q in range(n_queries):
        floors[q] = _least(heaps[q], found[q], floors[q])
        _drained(heaps[q], found[q], docs[q], scores[q])


@kernel
def search_flat_few(
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    norms: NDArray[np.float32],
    queries: NDArray[np.float32],
    n_queries: int,
    some: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    docs: NDArray[np.uint16],
    scores: NDArray[np.float32],
    found: NDArray[np.int64],
) -> None:
    """As `search_flat`, of the documents `some` alone: each is summed exactly."""
    lanes, row = np.empty(LANES, np.float32), np.empty(queries.shape[1], np.float32)
    for q in range(n_queries):
        heap = np.empty(docs.shape[1], np.int64)
        size = 0
        for i in range(len(some)):
            d = some[i]
            if norms[d] > 0:
                score = _score(d, queries[q], rows, halves, codes, scales, row, lanes)
                if score >= _least(heap, size, floors[q]):
                    size = _offered(heap, size, score, ranks[d], d)
        found[q] = size
        floors[q] = _least(heap, size, floors[q])
        _drained(heap, size, docs[q], scores[q])


@kernel
def products(
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    query: NDArray[np.float32],
    some: NDArray[np.int64],
) -> NDArray[np.float32]:
    """float32 (len(some)): one query's scores of some documents."""
    lanes, row = np.empty(LANES, np.float32), np.empty(len(query), np.float32)
    out = np.empty(len(some), np.float32)
    for i in range(len(some)):
        out[i] = _score(some[i], query, rows, halves, codes, scales, row, lanes)
    return out
