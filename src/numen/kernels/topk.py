"""The k best of an array of scores, ties by rank, without sorting and almost without looking at most of it.

A candidate is one 64-bit number: the bits of its float32 score (for positive floats they order as integers do), then
its rank counted down (the smaller document id is the larger number), then its document number. Comparing two
candidates is comparing two integers, and a heap of them needs no second array.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["BLOCK", "drain", "offer", "pack", "select", "top_k"]

BLOCK = 256
"""Scores looked at together: their maximum is one vector loop, and a block below the threshold costs nothing more."""


@inline
def pack(bits: int, rank: int, doc: int) -> int:
    """One comparable number: score bits (positive float32), rank below 65,536 (smaller is better), document number."""
    return (np.int64(bits) << 32) | ((np.int64(65535) - np.int64(rank)) << 16) | np.int64(doc)


@inline
def offer(heap: NDArray[np.int64], size: int, candidate: int) -> int:
    """Put a candidate into a min-heap of len(heap) places, in place of its least once full; returns the new size."""
    k = len(heap)
    if size < k:
        at = size
        while at > 0:
            parent = (at - 1) >> 1
            if heap[parent] <= candidate:
                break
            heap[at] = heap[parent]
            at = parent
        heap[at] = candidate
        return size + 1
    if candidate <= heap[0]:
        return size
    at = 0
    while True:
        child = 2 * at + 1
        if child >= k:
            break
        if child + 1 < k and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= candidate:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = candidate
    return size


@inline
def select(
    scores: NDArray[np.float32], ranks: NDArray[np.uint16], floor: np.float32, heap: NDArray[np.int64]
) -> int:
    """Offer every score that is positive and at least `floor` to the heap; returns how many it holds.

    scores: float32 (n), n at most 65,536; ranks: uint16 (n), all different.
    """
    bits = scores.view(np.int32)
    size = 0
    k = len(heap)
    least = np.int32(1)
    if floor > 0:
        one = np.empty(1, np.float32)
        one[0] = floor
        least = max(least, one.view(np.int32)[0])
    n = len(bits)
    for begin in range(0, n, BLOCK):
        block = bits[begin : min(begin + BLOCK, n)]
        highest = block[0]
        for b in block:
            highest = max(highest, b)
        if highest < least:
            continue
        for j in range(len(block)):
            if block[j] >= least:
                size = offer(heap, size, pack(block[j], ranks[begin + j], begin + j))
                if size == k:
                    least = max(least, np.int32(heap[0] >> 32))
    return size


@inline
def drain(
    heap: NDArray[np.int64], size: int, docs: NDArray[np.uint16], scores: NDArray[np.float32]
) -> None:
    """Write the heap's candidates, best first, to docs and scores (each at least `size` long)."""
    order = np.sort(heap[:size])
    bits = np.empty(1, np.int32)
    for j in range(size):
        candidate = order[size - 1 - j]
        bits[0] = np.int32(candidate >> 32)
        docs[j] = np.uint16(candidate & 0xFFFF)
        scores[j] = bits.view(np.float32)[0]


@kernel
def top_k(scores: NDArray[np.float32], ranks: NDArray[np.uint16], k: int) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """The k best positive scores, best first, ties by smaller rank: (places uint16, scores float32)."""
    heap = np.empty(k, np.int64)
    size = select(scores, ranks, np.float32(0), heap) if k > 0 else 0
    docs = np.empty(size, np.uint16)
    out = np.empty(size, np.float32)
    drain(heap, size, docs, out)
    return docs, out
