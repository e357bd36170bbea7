"""Documents that differ from a query in the fewest bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["nearest_bits"]


@inline
def _set_bits(x: np.uint64) -> np.uint64:
    """How many bits are set; compiled to the processor's own instruction."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def nearest_bits(
    queries: NDArray[np.uint64],
    documents: NDArray[np.uint64],
    out_places: NDArray[np.int64],
    out_distances: NDArray[np.int32],
) -> None:
    """Write the nearest documents of each query, by distance, then by place.

    queries: uint64 (n_queries, words), documents (n, words). out_places int64, out_distances int32 (n_queries, k), k at
    most n. Distances are whole numbers of at most 64 words, so they are counted, and the k nearest need no heap.
    """
    n, words = documents.shape
    k = out_places.shape[1]
    distances = np.empty(n, np.int32)
    counts = np.empty(64 * words + 2, np.int64)
    for q in range(len(queries)):
        counts[:] = 0
        for d in range(n):
            total = np.uint64(0)
            for w in range(words):
                total += _set_bits(queries[q, w] ^ documents[d, w])
            distances[d] = np.int32(total)
            counts[distances[d] + 1] += 1
        for i in range(1, len(counts)):
            counts[i] += counts[i - 1]
        for d in range(n):
            at = counts[distances[d]]
            if at < k:
                out_places[q, at] = d
                out_distances[q, at] = distances[d]
            counts[distances[d]] = at + 1
