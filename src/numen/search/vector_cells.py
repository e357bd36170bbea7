"""Documents that may be the nearest of a leg of dense vectors: those of the cells around the query (faiss's IVF).

A segment's vectors are shared out among cells by k-means when they are first asked for, in memory, and the cells are
kept as long as the segment is. What is found is scored by the one kernel that gives all scores (numen.kernels.flat).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import MissingExtra
from numen.index.flat import Flat
from numen.index.segment import Segment

__all__ = ["LEAST", "cells_of", "nearest_in_cells", "number_of_cells"]

LEAST = 4_096
"""A segment of fewer documents is searched exactly: that takes no longer."""

SAMPLE = 64
"""Vectors that centres are made from, for each cell."""

ITERATIONS = 10
"""Of k-means."""


def number_of_cells(n: int) -> int:
    """How many cells n vectors have: the square root, so that centres and a cell take as long to read."""
    return max(1, int(np.sqrt(n)))


def cells_of(segment: Segment, leg: str) -> Any:
    """A segment's cells, a faiss index with documents' numbers as ids; made when first asked for. MissingExtra."""
    known = segment.near.get(leg)
    if known is None:
        faiss = _faiss()
        flat = segment.flats[leg]
        with _one_thread(faiss):
            there = np.flatnonzero(flat.norms > 0)
            cells = number_of_cells(len(there))
            centres = faiss.IndexFlatIP(flat.dim)
            known = faiss.IndexIVFFlat(centres, flat.dim, cells, faiss.METRIC_INNER_PRODUCT)
            known.cp.niter, known.cp.max_points_per_centroid, known.cp.seed = ITERATIONS, SAMPLE, 1
            known.cp.min_points_per_centroid = 1
            rng = np.random.default_rng(0)
            some = np.sort(rng.choice(there, min(SAMPLE * cells, len(there)), replace=False))
            known.train(np.ascontiguousarray(flat.matrix(some)))
            for at in range(0, len(there), LEAST):
                part = there[at : at + LEAST]
                known.add_with_ids(np.ascontiguousarray(flat.matrix(part)), part)
        segment.near[leg] = known
    return known


def nearest_in_cells(
    segment: Segment, leg: str, queries: NDArray[np.float32], k: int, probes: int, skip: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.float32]]:
    """(query, document, exact score) of the about k nearest of each query, by query, in no other order.

    queries: float32 (n, dim). probes: cells that are read for each, where all documents take part: the fewer do, the
    further the k nearest of them lie, and the more cells are read; twice as many for a query that finds fewer than k.
    skip: uint8 (n_docs), 1 for documents that take no part. A query of zeros has nothing near it.
    """
    from numen.kernels.flat import products

    faiss = _faiss()
    flat, cells = segment.flats[leg], cells_of(segment, leg)
    asked = np.flatnonzero(queries.any(axis=1))
    some = np.ascontiguousarray(queries[asked])
    n_there = int(((skip == 0) & (flat.norms > 0)).sum())
    k = min(k, n_there)
    found = np.full((len(asked), k), -1, np.int64)
    bits = np.packbits(skip == 0, bitorder="little")
    chosen = {"sel": faiss.IDSelectorBitmap(bits)} if skip.any() else {}
    read = min(cells.nlist, -(-probes * flat.n_docs // max(n_there, 1)))
    short = np.arange(len(asked)) if k else np.empty(0, np.int64)
    with _one_thread(faiss):
        while len(short):
            how = faiss.SearchParametersIVF(nprobe=read, **chosen)
            found[short] = cells.search(some[short], k, params=how)[1]
            short = short[(found[short] < 0).any(axis=1)] if read < cells.nlist else short[:0]
            read = min(2 * read, cells.nlist)
    of, docs, scores = [], [], []
    for query, row in zip(asked.tolist(), found, strict=True):
        own = row[row >= 0]
        of.append(np.full(len(own), query, np.int64))
        docs.append(own.astype(np.uint16))
        scores.append(_scores(products, flat, queries[query], own))
    nothing = np.empty(0, np.int64)
    return (
        np.concatenate([nothing, *of]),
        np.concatenate([nothing.astype(np.uint16), *docs]),
        np.concatenate([nothing.astype(np.float32), *scores]),
    )


def _scores(products: Any, flat: Flat, query: NDArray[np.float32], docs: NDArray[np.int64]) -> NDArray[np.float32]:
    out: NDArray[np.float32] = products(flat.rows, flat.halves, flat.codes, flat.scales, query, docs)
    return out


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise MissingExtra("faiss-cpu", "approximate", "approximate search of a large leg of dense vectors") from error
    return faiss


@contextmanager
def _one_thread(faiss: Any) -> Iterator[None]:
    """faiss works in the calling thread alone: how many threads there are is for the search to say."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
