"""Exact top-k over all segments of a leg of rounded weights (scaled): a document's scale times a sum of codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.accumulate import add_list
from numen.kernels.codes import SCALED
from numen.kernels.jit import kernel, piece
from numen.kernels.part import part_at
from numen.kernels.prefetch import prefetch_term
from numen.kernels.topk import blocks_of, drain, floor_of, select

__all__ = ["search_scaled"]

AHEAD = 4
"""How many terms before its turn a list is asked for."""


@piece
def _search(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    s: int,
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """One segment's part of `search_scaled`."""
    p = part_at(table, s)
    n_docs = len(p.doc_values)
    acc, levels = np.empty(n_docs, np.float32), np.empty(256, np.float32)
    maxima, heap = np.empty(blocks_of(n_docs), np.int32), np.empty(out_docs.shape[1], np.int64)
    scales = p.doc_values
    for q in range(len(query_starts) - 1):
        end = query_starts[q + 1]
        acc[:] = 0
        for x in range(query_starts[q], end):
            if x + AHEAD < end:
                prefetch_term(p, places[query_terms[x + AHEAD]])
            if places[query_terms[x]] >= 0:
                add_list(acc, table, s, places[query_terms[x]], query_weights[x], SCALED, levels)
        for d in range(n_docs):
            acc[d] *= scales[d]
        for d in p.dead:
            acc[d] = 0
        size = select(acc, p.ranks, floor_of(tops[q]), maxima, heap)
        drain(heap, size, tops[q], out_docs[q], out_scores[q])
        out_found[q] = size


@kernel
def search_scaled(
    query_starts: NDArray[np.int64],
    query_terms: NDArray[np.int64],
    query_weights: NDArray[np.float32],
    places: NDArray[np.int64],
    table: NDArray[np.int64],
    tops: NDArray[np.float32],
    out_docs: NDArray[np.uint16],
    out_scores: NDArray[np.float32],
    out_found: NDArray[np.int64],
) -> None:
    """The best documents of all segments for each query of a batch; the arguments are those of `search_ratios`."""
    out_found[:] = 0
    for s in range(len(table) if out_docs.shape[2] else 0):
        _search(
            query_starts,
            query_terms,
            query_weights,
            places[s],
            table,
            s,
            tops,
            out_docs[s],
            out_scores[s],
            out_found[s],
        )
