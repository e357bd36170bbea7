"""Documents that may be among the best of a leg of token vectors, by inverted lists of the anchors of their tokens.

The lists are made in memory when they are first asked for, and kept as long as the segment is; the engine of sparse
legs searches them, filters and deleted documents included.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.given import GivenEncoder
from numen.encode.token_anchors import TokenAnchors, sample_size
from numen.encode.token_vectors import TokenVectors
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.packing import pack
from numen.index.rows import Rows
from numen.index.segment import LiveSegment, Segment
from numen.index.tokens import Tokens
from numen.search.leg import rank
from numen.search.queries import Queries
from numen.search.ranking import Ranking
from numen.search.snapshot import Kept, Snapshot

__all__ = ["candidates_of", "named"]


class _ByRarity(GivenEncoder):
    """Sparse vectors whose weights in a query count by how few documents have them, as terms do."""

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weights, constants = super().weigh(query, frequencies, statistics, bm25)
        rarity = np.log(max(statistics.documents, 1) / np.maximum(frequencies, 1))
        return (weights * np.maximum(rarity, 0)[query.terms]).astype(np.float32), constants


LEG = "anchors"
"""What the leg of the lists is called, where it is searched."""

RUN = 1_024
"""Documents whose tokens are compared with the anchors at a time."""


def candidates_of(
    snapshot: Snapshot, leg: str, queries: TokenVectors, n: int, kept: Sequence[Kept] | None, threads: int
) -> list[list[NDArray[np.int64]]]:
    """For each query the about n documents whose anchors promise most: for each segment, their numbers, ascending.

    kept: of each segment, the documents that take part; None for all living ones.
    """
    found = named(snapshot, leg, queries, n, kept=kept, threads=threads)
    out = []
    for begin, end in zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True):
        docs = [live.segment.docs_of(found.keys[begin:end]) for live in snapshot.segments]
        out.append([np.sort(some[some >= 0]) for some in docs])
    return out


def named(
    snapshot: Snapshot,
    leg: str,
    queries: TokenVectors,
    n: int,
    *,
    kept: Sequence[Kept] | None = None,
    threads: int = 1,
) -> Ranking:
    """For each query the n documents whose anchors promise most, the most promising first."""
    anchors = _anchors(snapshot, leg)
    listed = _listed(snapshot, leg, anchors)
    asked = Queries([""] * len(queries), {LEG: anchors.queries(queries)})
    return rank(listed, LEG, _ByRarity(), asked, n, kept=kept, threads=threads)


def _anchors(snapshot: Snapshot, leg: str) -> TokenAnchors:
    """Those that the largest segment with lists has; else new ones, from tokens of all segments."""
    known = [live.segment for live in snapshot.segments if leg in live.segment.near]
    if known:
        anchors: TokenAnchors = max(known, key=lambda one: one.n_docs).near[leg][0]
        return anchors
    parts = [live.segment.tokens[leg] for live in snapshot.segments]
    total = sum(part.n_tokens for part in parts)
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.choice(total, min(sample_size(total), total), replace=False))
    ends = np.cumsum([0, *(part.n_tokens for part in parts)])
    rows = [
        part.flat.matrix(chosen[(chosen >= begin) & (chosen < begin + part.n_tokens)] - begin)
        for part, begin in zip(parts, ends[:-1], strict=True)
    ]
    return TokenAnchors.fit(np.concatenate(rows), total)


def _listed(snapshot: Snapshot, leg: str, anchors: TokenAnchors) -> Snapshot:
    """The same documents, with lists of anchors as their only leg."""
    known: Snapshot | None = snapshot.derived.get(leg)
    if known is not None:
        return known
    segments = []
    for live in snapshot.segments:
        one = live.segment
        if leg not in one.near or one.near[leg][0] is not anchors:
            one.near[leg] = (anchors, _lists(one.tokens[leg], anchors))
        lists: Inverted = one.near[leg][1]
        made = Segment(one.number, one.doc_keys, one.id_blob, one.id_starts, one.ranks, {LEG: lists})
        segments.append(LiveSegment(made, live.dead))
    snapshot.derived[leg] = made_now = Snapshot(snapshot.generation, segments)
    return made_now


def _lists(part: Tokens, anchors: TokenAnchors) -> Inverted:
    builder = LegBuilder("product")
    for at in range(0, part.n_docs, RUN):
        starts = part.starts[at : min(at + RUN, part.n_docs) + 1]
        vectors = anchors.documents(starts - starts[0], part.between(int(starts[0]), int(starts[-1])))
        lengths = np.diff(vectors.starts).astype(np.uint32)
        builder.append(Rows(vectors.starts, vectors.numbers, vectors.values, lengths))
    return pack(builder.finish(None))
