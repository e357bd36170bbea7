"""What a search does once its queries, its documents and its options are known: rank legs, feed back, fuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder
from numen.encode.multi import LateInteraction
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import OptionError
from numen.search.approximate import EXACT, approximation
from numen.search.document_terms import Texts
from numen.search.expand import expand
from numen.search.expanded import Expanded, Reweighed
from numen.search.feedback import Feedback
from numen.search.fuse import Fusion, fuse
from numen.search.leg import rank
from numen.search.queries import DenseQueries, Queries, Queryable
from numen.search.ranking import Ranking
from numen.search.rerank import Rerank, rerank
from numen.search.snapshot import Kept, Snapshot
from numen.search.token_approximate import token_approximation
from numen.search.token_leg import rank_tokens
from numen.search.vector_approximate import vector_approximation
from numen.search.vector_feedback import move
from numen.search.vector_leg import rank_vectors

__all__ = ["Answer", "Request", "answer"]

FED_AT_ONCE = 256
"""Queries with feedback or reranking that are answered at once: the texts of their first hits are in memory."""


@dataclass(frozen=True, slots=True)
class Request:
    """How to search: the k best, of which legs, fused how. threads: at least 1. approximate: a recall, or None."""

    k: int
    legs: Sequence[str]
    fusion: Fusion
    feedback: Feedback | None
    bm25: BM25 | None
    approximate: float | None
    threads: int
    rerank: Rerank | None = None

    @property
    def hits(self) -> int:
        """How many hits there are before they are reranked, if they are."""
        return self.k if self.rerank is None or not self.k else max(self.k, self.rerank.documents)

    @property
    def depth(self) -> int:
        """How deep each leg is ranked."""
        return self.hits if len(self.legs) == 1 or self.k == 0 else max(self.hits, self.fusion.deep)


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranking, that of each leg that it was made from, and what feedback had these asked in the place of the query.

    One leg is not fused: its ranking is the answer. What was asked is left out for batches beyond FED_AT_ONCE.
    """

    ranking: Ranking
    by_leg: dict[str, Ranking]
    expanded: dict[str, Expanded | DenseQueries]


def answer(
    snapshot: Snapshot,
    encoders: Mapping[str, Encoder],
    queries: Queries,
    request: Request,
    kept: Sequence[Kept] | None,
    texts: Texts,
) -> Answer:
    """The answers to a batch of queries. kept: what a filter keeps of each segment, None without one. texts: from
    documents' keys to their texts as encoders see them, for feedback."""
    if (request.feedback is not None or request.rerank is not None) and len(queries) > FED_AT_ONCE:
        parts = [
            answer(snapshot, encoders, queries[at : at + FED_AT_ONCE], request, kept, texts)
            for at in range(0, len(queries), FED_AT_ONCE)
        ]
        legs_of = {leg: Ranking.joined([part.by_leg[leg] for part in parts]) for leg in parts[0].by_leg}
        return Answer(Ranking.joined([part.ranking for part in parts]), legs_of, {})

    def ranked(leg: str, encoder: Encoder, asked: Queryable, depth: int) -> Ranking:
        read, recall = EXACT.depth, None
        if request.approximate:
            tried = approximation
            if isinstance(encoder, LateInteraction | VectorEncoder):
                tried = token_approximation if isinstance(encoder, LateInteraction) else vector_approximation
            how = tried(snapshot, leg, encoder, asked, depth, request.approximate)
            read, recall = how.depth, how.recall if how.depth > 0 else None
        if isinstance(encoder, LateInteraction):
            found = rank_tokens(
                snapshot, leg, encoder, asked, depth, kept=kept, threads=request.threads, candidates=int(read)
            )
            found.recall = recall
            return found
        if isinstance(encoder, VectorEncoder):
            found = rank_vectors(
                snapshot, leg, encoder, asked, depth, kept=kept, threads=request.threads, probes=int(read)
            )
            found.recall = recall
            return found
        found = rank(
            snapshot,
            leg,
            encoder,
            asked,
            depth,
            bm25=request.bm25,
            kept=kept,
            threads=request.threads,
            depth=read,
        )
        found.recall = recall
        return found

    feedback, legs = request.feedback, request.legs
    depth = request.depth if feedback is None or not request.k else max(request.depth, feedback.documents)
    by_leg = {leg: ranked(leg, encoders[leg], queries, depth) for leg in legs}
    expanded: dict[str, Expanded | DenseQueries] = {}
    if feedback is not None and request.k:
        together = feedback.interpolate != "after" and len(legs) > 1
        first = fuse(by_leg, request.fusion, feedback.documents) if together else None
        again = legs[:1] if feedback.interpolate == "before" else legs
        for leg in again:
            hits = by_leg[leg] if first is None else first
            encoder = encoders[leg]
            if isinstance(encoder, LateInteraction):
                raise OptionError(
                    f"leg {leg!r} is made with {encoder.spec!r} and cannot be fed back: its queries are neither terms "
                    f"nor one vector; name the other legs, or search without feedback"
                )
            expanded[leg] = (
                move(snapshot, leg, encoder, queries, hits, feedback)
                if isinstance(encoder, VectorEncoder)
                else expand(snapshot, leg, encoder, queries, hits, feedback, texts, request.bm25)
            )
        depth = request.depth if len(again) > 1 else request.hits
        by_leg = {leg: ranked(leg, _weighing(encoders[leg]), expanded[leg], depth) for leg in again}
    found = next(iter(by_leg.values())) if len(by_leg) == 1 else fuse(by_leg, request.fusion, request.hits)
    if request.rerank is not None and request.k:
        found = rerank(found, queries.texts, request.rerank, request.k, texts)
    return Answer(found, by_leg, expanded)


def _weighing(encoder: Encoder) -> Encoder:
    """The encoder of a leg that feedback has asked again: one of terms takes their weights from the query."""
    return encoder if isinstance(encoder, VectorEncoder) else Reweighed(encoder)
