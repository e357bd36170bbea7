"""What the segments found, as one list a query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import kernel
from numen.kernels.part import part_at
from numen.kernels.sort import sort_numbers
from numen.kernels.topk import float_bits

__all__ = ["order_hits"]


@kernel
def order_hits(
    table: NDArray[np.int64],
    found: NDArray[np.int64],
    docs: NDArray[np.uint16],
    scores: NDArray[np.float32],
    floors: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16], NDArray[np.float32]]:
    """(starts, segments, docs, scores): each query's hits of all segments that reach its floor, by score.

    table: the segments (numen.kernels.part). found: int64 (n_segments, n_queries): how many hits each has; docs,
        scores: (n_segments, n_queries, k).
    starts: int64 (n_queries + 1): query q has [starts[q], starts[q + 1]). Equal scores stand in the order of segments,
        and in one segment in that of the ids.
    """
    n_segments, n_queries, k = docs.shape
    starts = np.zeros(n_queries + 1, np.int64)
    for s in range(n_segments):
        for q in range(n_queries):
            for i in range(found[s, q]):
                starts[q + 1] += int(scores[s, q, i] >= floors[q])
    for q in range(n_queries):
        starts[q + 1] += starts[q]
    n = starts[n_queries]
    out_segments, out_docs, out_scores = np.empty(n, np.int64), np.empty(n, np.uint16), np.empty(n, np.float32)
    order = np.empty(n, np.int64)
    for q in range(n_queries):
        begin = end = starts[q]
        for s in range(n_segments):
            for i in range(found[s, q]):
                score = scores[s, q, i]
                if score >= floors[q]:
                    # Positive floats order as their bits do: one number holds what to sort by and where it came from.
                    order[end] = (np.int64(0x7FFFFFFF) - np.int64(float_bits(score))) << 32 | np.int64(s * k + i)
                    end += 1
        sort_numbers(order[begin:end])
        for at in range(begin, end):
            s, i = divmod(order[at] & 0xFFFFFFFF, k)
            out_segments[at], out_docs[at], out_scores[at] = s, docs[s, q, i], scores[s, q, i]
            ranks = part_at(table, s).ranks
            j = at
            while (
                j > begin
                and out_segments[j - 1] == s
                and out_scores[j - 1] == out_scores[j]
                and ranks[out_docs[j - 1]] > ranks[out_docs[j]]
            ):
                out_docs[j - 1], out_docs[j] = out_docs[j], out_docs[j - 1]
                j -= 1
    return starts, out_segments, out_docs, out_scores
