"""Centroids of vectors by Lloyd's iterations, the same for the same vectors and seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["kmeans", "nearest_centroids"]

CELLS = 1 << 22
"""Products of vectors and centroids held at once: 16 MB."""


def kmeans(
    rows: NDArray[np.float32], k: int, *, iterations: int = 10, seed: int = 0, sample: int | None = None
) -> NDArray[np.float32]:
    """float32 (k, dim): centroids of the rows by squared distance.

    It begins with k different rows; a centroid that loses all its rows takes the row that is farthest from its own.
    sample: rows looked at, at most. InputError for fewer rows than k.
    """
    if not 1 <= k <= len(rows):
        raise InputError(f"{k} centroids of {len(rows)} vectors; there must be at least as many vectors")
    rng = np.random.default_rng(seed)
    if sample is not None and len(rows) > max(sample, k):
        rows = rows[np.sort(rng.choice(len(rows), max(sample, k), replace=False))]
    centroids = rows[np.sort(rng.choice(len(rows), k, replace=False))].astype(np.float32, copy=True)
    for _ in range(iterations):
        of, distances = nearest_centroids(rows, centroids)
        counts = np.bincount(of, minlength=k)
        order = np.argsort(of, kind="stable")
        filled = np.flatnonzero(counts)
        sums = np.add.reduceat(rows[order], (np.cumsum(counts) - counts)[filled], axis=0, dtype=np.float64)
        centroids[filled] = sums / counts[filled, None]
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            centroids[empty] = rows[np.argsort(-distances, kind="stable")[: len(empty)]]
    return centroids


def nearest_centroids(
    rows: NDArray[np.float32], centroids: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(int64 (n): the centroid nearest to each row, of equal ones the first; float32 (n): its squared distance)."""
    half = 0.5 * np.einsum("ij,ij->i", centroids, centroids)
    of = np.empty(len(rows), np.int64)
    near = np.empty(len(rows), np.float32)
    step = max(1, CELLS // len(centroids))
    for at in range(0, len(rows), step):
        some = rows[at : at + step]
        products = some @ centroids.T - half
        of[at : at + step] = products.argmax(axis=1)
        best = np.take_along_axis(products, of[at : at + step, None], axis=1)[:, 0]
        near[at : at + step] = np.einsum("ij,ij->i", some, some) - 2 * best
    return of, np.maximum(near, 0)
