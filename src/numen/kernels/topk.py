"""The k best of an array of scores, ties by rank, without sorting and almost without looking at most of it.

A candidate is one 64-bit number: the bits of its float32 score (for positive floats they order as integers do), then
its rank counted down (the smaller document id is the larger number), then its document number. Comparing two
candidates is comparing two integers, and a heap of them needs no second array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel, piece
from numen.kernels.sort import sorted_copy

__all__ = [
    "LANES",
    "STRETCH",
    "block_maxima",
    "blocks_of",
    "drain",
    "float_bits",
    "floor_of",
    "offer",
    "pack",
    "raise_to",
    "score_of",
    "select",
    "threshold",
    "top_k",
]

LANES = 64
STRETCH = 4_096
"""Scores are looked at in blocks. In each STRETCH of them (16 KB, half of a first-level cache), block b holds scores
b, b + LANES, b + 2 LANES, ...: so the maxima of all its blocks are found by loops that vectorise, and a block below the
threshold costs nothing more. The k-th largest of the blocks' maxima is a threshold that the k best scores reach, found
without looking further.
"""

MANY = 24
"""From how many on the k-th largest of the maxima is found by halving: a heap of fewer is quicker."""


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
def blocks_of(n: int) -> int:
    """How many blocks n scores have."""
    return (n + STRETCH - 1) // STRETCH * LANES


@piece
def block_maxima(bits: NDArray[Any], maxima: NDArray[Any]) -> None:
    """The largest of each block of `bits`, 0 for a block without any.

    bits: int32 or uint16. maxima: of the same type (blocks_of(len(bits))), written to.
    """
    n = len(bits)
    for s in range(len(maxima) // LANES):
        highest = maxima[s * LANES : (s + 1) * LANES]
        first, end = s * STRETCH, min((s + 1) * STRETCH, n)
        highest[:] = 0
        if end - first < STRETCH:
            for d in range(first, end):
                highest[d % LANES] = max(highest[d % LANES], bits[d])
        else:
            for low in range(first, end, LANES):
                plane = bits[low : low + LANES]
                for b in range(LANES):
                    highest[b] = plane[b] if plane[b] > highest[b] else highest[b]


@piece
def threshold(maxima: NDArray[Any], k: int) -> np.int32:
    """A number that the k-th largest score reaches: the k-th largest of the blocks' maxima; at least 1."""
    if k > len(maxima):
        return np.int32(1)
    if k > MANY:
        # Halving the range and counting what lies above: loops that vectorise, where a heap of many would not.
        low, high = np.int64(1), np.int64(1)
        for b in range(len(maxima)):
            high = max(high, np.int64(maxima[b]))
        while low < high:
            middle = (low + high + 1) >> 1
            n = _at_least(maxima, middle)
            if n >= k:
                low = middle
            else:
                high = middle - 1
        return np.int32(low)
    heap = np.empty(k, np.int64)
    size = 0
    for b in range(len(maxima)):
        size = offer(heap, size, np.int64(maxima[b]))
    return np.int32(max(np.int64(1), heap[0]))


@inline
def _at_least(maxima: NDArray[Any], least: np.int64) -> int:
    """How many are at least so large."""
    bar, n = np.int32(least), np.int32(0)
    for b in range(len(maxima)):
        n = np.int32(n + np.int32(np.int32(maxima[b]) >= bar))
    return np.int64(n)  # type: ignore[return-value]


@inline
def float_bits(value: np.float32) -> np.int32:
    """The bits of a float32 as an integer; for positive floats they order alike."""
    bits: np.int32 = np.float32(value).view(np.int32)
    return bits


@inline
def score_of(candidate: np.int64) -> np.float32:
    """The score of a packed candidate."""
    score: np.float32 = np.int32(candidate >> 32).view(np.float32)
    return score


@piece
def select(
    scores: NDArray[np.float32],
    ranks: NDArray[np.uint16],
    floor: np.float32,
    maxima: NDArray[np.int32],
    heap: NDArray[np.int64],
) -> int:
    """Offer every score that is positive and at least `floor` to the heap; returns how many it holds.

    scores: float32 (n), n at most 65,536; ranks: uint16 (n), all different; maxima: int32 (blocks_of(n)), scratch.
    """
    bits = scores.view(np.int32)
    block_maxima(bits, maxima)
    # A floor that others have set is a threshold good enough.
    least = float_bits(floor) if floor > 0 else threshold(maxima, len(heap))
    size = 0
    for b in range(len(maxima)):
        if maxima[b] < least:
            continue
        first = b // LANES * STRETCH
        for d in range(first + b % LANES, min(first + STRETCH, len(bits)), LANES):
            if bits[d] >= least:
                size = offer(heap, size, pack(bits[d], ranks[d], d))
                if size == len(heap):
                    least = max(least, np.int32(heap[0] >> 32))
    return size


@inline
def floor_of(tops: NDArray[np.float32]) -> np.float32:
    """What a score must reach to be among the best: the least of a heap of them, 0 while it is not full."""
    return tops[0] if len(tops) else np.float32(0)


@inline
def raise_to(tops: NDArray[np.float32], score: np.float32) -> None:
    """Put a score into a min-heap of scores in place of its least, if it is better."""
    k = len(tops)
    if k == 0 or score <= tops[0]:
        return
    at = 0
    while True:
        child = 2 * at + 1
        if child >= k:
            break
        if child + 1 < k and tops[child + 1] < tops[child]:
            child += 1
        if tops[child] >= score:
            break
        tops[at] = tops[child]
        at = child
    tops[at] = score


@piece
def drain(
    heap: NDArray[np.int64],
    size: int,
    tops: NDArray[np.float32],
    docs: NDArray[np.uint16],
    scores: NDArray[np.float32],
) -> None:
    """Write the heap's candidates, best first, to docs and scores (each `size` long at least), their scores to tops.

    tops: float32, a min-heap of the best scores so far, zeros at first.
    """
    order = sorted_copy(heap[:size])
    for j in range(size):
        candidate = order[size - 1 - j]
        score = score_of(candidate)
        docs[j] = np.uint16(candidate & 0xFFFF)
        scores[j] = score
        raise_to(tops, score)


@kernel
def top_k(
    scores: NDArray[np.float32], ranks: NDArray[np.uint16], k: int
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """The k best positive scores, best first, ties by smaller rank: (places uint16, scores float32)."""
    heap = np.empty(k, np.int64)
    maxima = np.empty(blocks_of(len(scores)), np.int32)
    size = select(scores, ranks, np.float32(0), maxima, heap) if k > 0 else 0
    docs = np.empty(size, np.uint16)
    out = np.empty(size, np.float32)
    drain(heap, size, out[:0], docs, out)
    return docs, out
