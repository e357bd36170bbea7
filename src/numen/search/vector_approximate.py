"""How few cells of a leg of dense vectors must be read to find what was asked for: found by trying."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numen.encode.dense_vectors import DenseVectors
from numen.encode.encoder import Encoder
from numen.encode.vector_encoder import VectorEncoder
from numen.search import vector_cells
from numen.search.approximate import EXACT, Approximation
from numen.search.queries import DenseQueries, Queryable
from numen.search.ranking import Ranking
from numen.search.snapshot import Snapshot
from numen.search.vector_leg import rank_vectors

__all__ = ["vector_approximation"]

PROBES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""What is tried: cells that are read in each segment."""

SAMPLE = 128
"""Queries on which recall is measured: each is searched exactly too."""

ENOUGH = 32
"""A call with fewer queries is measured on documents of the collection, as queries of their own."""

MARGIN = 0.25
"""How far above the target the sample's recall must be, as a part of what is left to 1: other queries differ."""


def vector_approximation(
    snapshot: Snapshot, leg: str, encoder: Encoder, queries: Queryable, k: int, target: float
) -> Approximation:
    """The fewest cells to read, as `depth`, whose recall at k reaches the target on a sample; kept for the commit.

    EXACT where none of PROBES does, and where no segment has vector_cells.LEAST documents. Queries that are vectors of
    another kind than documents (Gaussians) have no stand-ins: fewer than ENOUGH of them are searched exactly.
    """
    large = [live for live in snapshot.segments if live.segment.n_docs >= vector_cells.LEAST]
    if not isinstance(encoder, VectorEncoder) or k == 0 or target == 1 or not large:
        return EXACT
    own = len(queries) >= ENOUGH
    if not own and not encoder.symmetric:
        return EXACT
    known = snapshot.tuned.get((leg, k, target, own)) or snapshot.tuned.get((leg, k, target, True))
    if known is None:
        sample, keys = (queries[: min(len(queries), SAMPLE)], None) if own else _documents(snapshot, leg)
        snapshot.tuned[leg, k, target, own] = known = _tried(snapshot, leg, encoder, sample, keys, k, target)
    return Approximation(*known)


def _tried(
    snapshot: Snapshot,
    leg: str,
    encoder: VectorEncoder,
    sample: Queryable,
    keys: Sequence[int] | None,
    k: int,
    target: float,
) -> tuple[float, float]:
    deep = k if keys is None else k + 1
    wanted = _found(rank_vectors(snapshot, leg, encoder, sample, deep), keys)
    number = max(sum(map(len, wanted)), 1)
    most = vector_cells.number_of_cells(max(live.segment.n_docs for live in snapshot.segments)) // 3
    for probes in PROBES:
        if probes > most:
            break
        found = _found(rank_vectors(snapshot, leg, encoder, sample, deep, probes=probes), keys)
        recall = sum(len(one & other) for one, other in zip(wanted, found, strict=True)) / number
        if recall >= target + MARGIN * (1 - target):
            return float(probes), recall
    return EXACT.depth, EXACT.recall


def _found(ranking: Ranking, keys: Sequence[int] | None) -> list[set[int]]:
    """The keys of each query's hits; without its own, where it is a document."""
    found = ranking.key_sets()
    return found if keys is None else [one - {key} for one, key in zip(found, keys, strict=True)]


def _documents(snapshot: Snapshot, leg: str) -> tuple[DenseQueries, list[int]]:
    """(documents spread over the largest segment, as queries; their keys)."""
    live = max(snapshot.segments, key=lambda one: one.n_alive)
    flat = live.segment.flats[leg]
    alive: NDArray[np.int64] = np.flatnonzero((live.dead_mask == 0) & (flat.norms > 0))
    chosen = alive[np.linspace(0, len(alive) - 1, min(SAMPLE, len(alive))).astype(np.int64)] if len(alive) else alive
    return DenseQueries(DenseVectors.of(flat.matrix(chosen))), live.segment.doc_keys[chosen].tolist()
