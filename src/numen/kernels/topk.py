"""The k best of an array of scores, ties by rank, without sorting and almost without looking at most of it.

A candidate is one 64-bit number: the bits of its float32 score (for positive floats they order as integers do), then
its rank counted down (the smaller document id is the larger number), then its document number. Comparing two
candidates is comparing two integers, and a heap of them needs no second array.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["BLOCK", "block_maxima", "drain", "float_bits", "offer", "pack", "select", "threshold", "top_k"]

BLOCK = 64
"""Scores looked at together: their maximum is one vector loop, and a block below the threshold costs nothing more.

The k-th largest of the blocks' maxima is a threshold that the k best scores reach, found without looking further.
"""


@inline
def pack(bits: np.int32, rank: np.uint16, doc: int) -> np.int64:
    """One comparable number: score bits (positive float32), rank below 65,536 (smaller is better), document number."""
    return (np.int64(bits) << 32) | ((np.int64(65535) - np.int64(rank)) << 16) | np.int64(doc)


@inline
def offer(heap: NDArray[np.int64], size: int, candidate: np.int64) -> int:
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
def block_maxima(bits: NDArray[np.int32], maxima: NDArray[np.int32]) -> None:
    """The largest of each BLOCK of `bits`, the last one perhaps short; maxima: int32 (ceil(n / BLOCK)), written to."""
    n = len(bits)
    full = n // BLOCK
    for b in range(full):
        # A trip count known to the compiler makes this loop a few vector instructions.
        highest = bits[b * BLOCK]
        for j in range(BLOCK):
            x = bits[b * BLOCK + j]
            highest = x if x > highest else highest
        maxima[b] = highest
    for b in range(full, len(maxima)):
        highest = bits[b * BLOCK]
        for d in range(b * BLOCK, n):
            highest = max(highest, bits[d])
        maxima[b] = highest


@inline
def threshold(maxima: NDArray[np.int32], k: int) -> np.int32:
    """A number that the k-th largest score reaches: the k-th largest of the blocks' maxima; at least 1."""
    if k > len(maxima):
        return np.int32(1)
    kth: np.int32 = np.partition(maxima, len(maxima) - k)[len(maxima) - k]
    return max(np.int32(1), kth)


@inline
def float_bits(value: np.float32) -> np.int32:
    """The bits of a float32 as an integer; for positive floats they order alike."""
    one = np.empty(1, np.float32)
    one[0] = value
    bits: np.int32 = one.view(np.int32)[0]
    return bits


@inline
def select(
    scores: NDArray[np.float32],
    ranks: NDArray[np.uint16],
    floor: np.float32,
    maxima: NDArray[np.int32],
    heap: NDArray[np.int64],
) -> int:
    """Offer every score that is positive and at least `floor` to the heap; returns how many it holds.

    scores: float32 (n), n at most 65,536; ranks: uint16 (n), all different; maxima: int32 (ceil(n / BLOCK)), scratch.
    """
    bits = scores.view(np.int32)
    block_maxima(bits, maxima)
    k = len(heap)
    least = max(threshold(maxima, k), float_bits(floor))
    size = 0
    for b in range(len(maxima)):
        if maxima[b] < least:
            continue
        for d in range(b * BLOCK, min((b + 1) * BLOCK, len(bits))):
            if bits[d] >= least:
                size = offer(heap, size, pack(bits[d], ranks[d], d))
                if size == k:
                    least = max(least, np.int32(heap[0] >> 32))
    return size


@inline
def drain(heap: NDArray[np.int64], size: int, docs: NDArray[np.uint16], scores: NDArray[np.float32]) -> None:
    """Write the heap's candidates, best first, to docs and scores (each at least `size` long)."""
    order = np.sort(heap[:size])
    bits = np.empty(1, np.int32)
    for j in range(size):
        candidate = order[size - 1 - j]
        bits[0] = np.int32(candidate >> 32)
        docs[j] = np.uint16(candidate & 0xFFFF)
        scores[j] = bits.view(np.float32)[0]


@kernel
def top_k(
    scores: NDArray[np.float32], ranks: NDArray[np.uint16], k: int
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """The k best positive scores, best first, ties by smaller rank: (places uint16, scores float32)."""
    heap = np.empty(k, np.int64)
    maxima = np.empty((len(scores) + BLOCK - 1) // BLOCK, np.int32)
    size = select(scores, ranks, np.float32(0), maxima, heap) if k > 0 else 0
    docs = np.empty(size, np.uint16)
    out = np.empty(size, np.float32)
    drain(heap, size, docs, out)
    return docs, out
