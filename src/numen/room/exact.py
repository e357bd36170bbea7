"""Dense vectors ranked by brute force: the k documents of the largest inner products, ties by document id."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

__all__ = ["milliseconds", "rank_dense", "ranks_of"]

_CELLS = 1 << 24
"""Scores held at a time: 64 MB."""


def rank_dense(
    queries: NDArray[np.float32], documents: NDArray[np.float32], ids: Sequence[str], k: int
) -> list[list[tuple[str, float]]]:
    """For each query its k best (id, score), best first."""
    names = np.array(ids, dtype=object)
    order = np.argsort(names, kind="stable")  # so that of equal scores the smaller id comes first
    sorted_documents, sorted_names = documents[order], names[order]
    k = min(k, len(ids))
    out: list[list[tuple[str, float]]] = []
    rows = max(1, _CELLS // len(ids))
    for start in range(0, len(queries), rows):
        scores = queries[start : start + rows] @ sorted_documents.T
        for row in scores:
            best = _best(row, k)
            out.append([(str(name), float(score)) for name, score in zip(sorted_names[best], row[best], strict=True)])
    return out


def ranks_of(
    queries: NDArray[np.float32], documents: NDArray[np.float32], relevant: Sequence[Sequence[int]]
) -> list[list[int]]:
    """For each query how many documents that are not relevant to it score at least as much as each relevant one."""
    out: list[list[int]] = []
    rows = max(1, _CELLS // len(documents))
    for start in range(0, len(queries), rows):
        scores = queries[start : start + rows] @ documents.T
        for row, some in zip(scores, relevant[start : start + rows], strict=True):
            mine = row[list(some)]
            others = np.sort(np.delete(row, list(some)))
            out.append([int(n) for n in len(others) - np.searchsorted(others, mine, side="left")])
    return out


def milliseconds(queries: NDArray[np.float32], documents: NDArray[np.float32], k: int, calls: int = 50) -> float:
    """How long one query takes by itself, the median of some."""
    times = []
    for query in queries[:calls]:
        start = perf_counter()
        _ = _best(documents @ query, min(k, len(documents)))
        times.append((perf_counter() - start) * 1e3)
    return float(np.median(times))


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The places of the k largest, by score, then by place."""
    if k < len(scores):
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        above = np.flatnonzero(scores > bar)
        chosen = np.concatenate([above, np.flatnonzero(scores == bar)[: k - len(above)]])
        chosen.sort()
    else:
        chosen = np.arange(len(scores))
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")], np.int64)
