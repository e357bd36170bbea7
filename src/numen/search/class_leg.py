"""One leg's exact top-k where words stand for classes: the same contract as `numen.search.leg`, with its own kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder, check_form
from numen.encode.bm25 import BM25
from numen.encode.related import FIRST
from numen.search.classes import Asked, asked
from numen.search.expanded import Expanded
from numen.search.queries import Queryable, texts_of
from numen.search.ranking import Ranking
from numen.search.related import fed_back, related
from numen.search.snapshot import Kept, Snapshot

__all__ = ["all_rounds", "rank_classes"]

BATCH = 64
"""Queries whose classes and pairs are found together, at most."""

CELLS = 1 << 22
"""Scores (queries times documents) that are kept from the first round to the second: 16 MB."""

_Found: TypeAlias = tuple[NDArray[np.uint16], NDArray[np.float32], NDArray[np.int64]]


def rank_classes(
    snapshot: Snapshot,
    leg: str,
    encoder: AutoEncoder,
    queries: Queryable,
    k: int,
    *,
    bm25: BM25 | None = None,
    kept: Sequence[Kept] | None = None,
    threads: int = 1,
) -> Ranking:
    """The k best documents for each query: score positive, by score, then by id. As numen.search.leg.rank."""
    if bm25 is not None:
        check_form(bm25)
    k = min(k, snapshot.statistics(leg, encoder).documents)
    documents = sum(live.segment.n_docs for live in snapshot.segments)
    step = min(BATCH, max(1, CELLS // max(documents, 1)))
    parts = [queries[at : at + step] for at in range(0, len(queries), step)]

    def work(part: Queryable) -> Ranking:
        return _Rounds(snapshot, leg, encoder, part, bm25, kept).ranking(k)

    if threads <= 1 or len(parts) < 2:
        return Ranking.joined([work(part) for part in parts])
    with ThreadPoolExecutor(threads) as pool:
        return Ranking.joined(list(pool.map(work, parts)))


def all_rounds(
    snapshot: Snapshot,
    leg: str,
    encoder: AutoEncoder,
    queries: Queryable,
    bm25: BM25 | None,
    kept: Sequence[Kept] | None,
) -> Sequence[Asked]:
    """The terms of the queries, the words that join them, those of feedback: scores are summed in this order."""
    return _Rounds(snapshot, leg, encoder, queries, bm25, kept).rounds


class _Rounds:
    """A batch of queries, searched with their own terms; then again with what the first hits bring, and feedback."""

    def __init__(
        self,
        snapshot: Snapshot,
        leg: str,
        encoder: AutoEncoder,
        queries: Queryable,
        bm25: BM25 | None,
        kept: Sequence[Kept] | None,
    ) -> None:
        self._snapshot, self._leg, self._kept = snapshot, leg, kept
        self._saturations = snapshot.tabled_values(leg, encoder, bm25)
        self._scores = [np.zeros((len(queries), live.segment.n_docs), np.float32) for live in snapshot.segments]
        own = asked(snapshot, leg, encoder, texts_of(queries), bm25)
        if isinstance(queries, Expanded):
            shares = np.repeat(queries.shares, np.diff(own.query_starts))
            own = replace(own, term_weights=(own.term_weights * shares).astype(np.float32))
        joining = related(snapshot, leg, encoder, self._search(own, FIRST), bm25)
        self.rounds = [own, joining]
        if isinstance(queries, Expanded):
            self.rounds.append(fed_back(snapshot, leg, encoder, queries, bm25))

    def ranking(self, k: int) -> Ranking:
        """The k best of each query; may be asked once."""
        for query in self.rounds[1:-1]:
            self._search(query, 1)
        return self._search(self.rounds[-1], k)

    def _search(self, query: Asked, k: int) -> Ranking:
        """The k best once the terms of `query` have been added to the scores."""
        from numen.kernels.classes import search_classes

        search: Callable[..., None] = search_classes
        n_queries = len(query.query_starts) - 1
        best = np.zeros((n_queries, k), np.float32)
        found: list[_Found] = []
        for place, live in enumerate(self._snapshot.segments):
            kept = None if self._kept is None else self._kept[place]
            width = min(k, live.n_alive if kept is None else len(kept.docs))
            docs = np.empty((n_queries, width), np.uint16)
            scores = np.zeros((n_queries, width), np.float32)
            n = np.zeros(n_queries, np.int64)
            if width:
                search(
                    *_terms(query, place),
                    *_lists(self._snapshot, place, self._leg),
                    self._saturations[place],
                    live.dead if kept is None else kept.left_out,
                    live.segment.ranks,
                    self._scores[place],
                    best,
                    docs,
                    scores,
                    n,
                )
            found.append((docs, scores, n))
        return _merged(self._snapshot, found, n_queries, k)


def _terms(query: Asked, place: int) -> tuple[Any, ...]:
    pairs = query.pairs[place]
    return (
        query.query_starts,
        query.term_starts,
        query.term_weights,
        query.members,
        query.member_weights,
        query.places[place],
        pairs.starts,
        pairs.docs,
        pairs.counts,
    )


def _lists(snapshot: Snapshot, place: int, leg: str) -> tuple[Any, ...]:
    part = snapshot.segments[place].segment.legs[leg]
    exceptions = part.exceptions
    return (
        *part.lists[:7],
        part.row_of,
        part.rows,
        exceptions.keys,
        exceptions.docs,
        exceptions.counts,
    )


def _merged(snapshot: Snapshot, found: Sequence[_Found], n_queries: int, k: int) -> Ranking:
    """The segments' answers as one: by score, then by id, at most k a query."""
    if len(found) == n_queries == 1:
        (docs, scores, n), segment = found[0], snapshot.segments[0].segment
        chosen = docs[0, : n[0]]
        return Ranking(np.append(0, n), segment.ids_of(chosen), scores[0, : n[0]], segment.doc_keys[chosen])
    columns = []
    for live, (docs, scores, n) in zip(snapshot.segments, found, strict=True):
        taken = np.arange(docs.shape[1]) < n[:, None]
        chosen = docs[taken]
        ids = live.segment.ids_of(chosen)
        columns.append(
            (np.repeat(np.arange(n_queries), taken.sum(axis=1)), scores[taken], ids, live.segment.doc_keys[chosen])
        )
    if not columns:
        return Ranking(
            np.zeros(n_queries + 1, np.int64), np.empty(0, object), np.empty(0, np.float32), np.empty(0, np.int64)
        )
    of, all_scores, all_ids, keys = (np.concatenate([column[i] for column in columns]) for i in range(4))
    if len(columns) > 1:
        rows = zip(of.tolist(), (-all_scores).tolist(), all_ids.tolist(), range(len(of)), strict=True)
        order = np.array([row[3] for row in sorted(rows)], np.int64)
        begins = np.searchsorted(of[order], np.arange(n_queries))
        order = order[np.arange(len(order)) - begins[of[order]] < k]
        of, all_scores, all_ids, keys = of[order], all_scores[order], all_ids[order], keys[order]
    starts = np.zeros(n_queries + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=n_queries), out=starts[1:])
    return Ranking(starts, all_ids, all_scores, keys)
