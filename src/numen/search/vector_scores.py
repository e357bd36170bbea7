"""Scores of documents in a leg of vectors that are named one by one, and the final scores of hits.

Most legs' scores are inner products, and final as they are found. Some encoders know their score better from the two
vectors than their inner product tells it: their hits are scored again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.encode.dense_vectors import DenseVectors
from numen.encode.vector_encoder import VectorEncoder
from numen.search.ranking import Ranking
from numen.search.snapshot import Snapshot

__all__ = ["MORE", "rescored", "scores_of", "vectors_at"]

MORE = 16
"""Hits beyond those asked for that are scored again too: the inner product may have two of nearly one score in the
other order."""


def scores_of(
    snapshot: Snapshot, leg: str, encoder: VectorEncoder, query: DenseVectors, keys: NDArray[np.int64]
) -> NDArray[np.float32]:
    """float32 (len(keys)): a single query's scores of documents by catalog key, 0 where one has no vector here."""
    from numen.kernels.flat import products

    vector = np.ascontiguousarray(query.rows[0])
    out = np.zeros(len(keys), np.float32)
    for live in snapshot.segments:
        docs = live.segment.docs_of(keys)
        here = np.flatnonzero(docs >= 0)
        here = here[live.dead_mask[docs[here]] == 0]
        if len(here):
            flat = live.segment.flats[leg]
            found = products(flat.rows, flat.halves, flat.codes, flat.scales, vector, docs[here])
            if encoder.rescores and vector.any():
                found = encoder.rescore(query, flat.matrix(docs[here]), found)
            out[here] = np.where(flat.norms[docs[here]] > 0, found, 0)
    return out


def vectors_at(snapshot: Snapshot, leg: str, keys: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (len(keys), dim): the vectors of living documents by catalog key; zeros for one that is not there."""
    dim = snapshot.segments[0].segment.flats[leg].dim
    out = np.zeros((len(keys), dim), np.float32)
    for live in snapshot.segments:
        docs = live.segment.docs_of(keys)
        here = np.flatnonzero(docs >= 0)
        here = here[live.dead_mask[docs[here]] == 0]
        out[here] = live.segment.flats[leg].matrix(docs[here])
    return out


def rescored(
    snapshot: Snapshot, leg: str, encoder: VectorEncoder, queries: DenseVectors, found: Ranking, k: int
) -> Ranking:
    """The k best of each query's hits by the encoder's own score, then by id."""
    order, scores, counts = [], np.empty_like(found.scores), []
    for query, (begin, end) in enumerate(zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True)):
        if begin < end:
            rows = vectors_at(snapshot, leg, found.keys[begin:end])
            scores[begin:end] = encoder.rescore(queries[query : query + 1], rows, found.scores[begin:end])
        best = sorted(range(begin, end), key=lambda at: (-scores[at], found.ids[at]))[:k]
        order += best
        counts.append(len(best))
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    chosen = np.array(order, np.int64)
    return Ranking(starts, found.ids[chosen], scores[chosen], found.keys[chosen], found.recall, found.signed)
