"""One leg's exact top-k over all segments of a snapshot, for a batch of queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, QueryCounts
from numen.search.class_leg import rank_classes
from numen.search.queries import Queryable, texts_of
from numen.search.ranking import Ranking
from numen.search.snapshot import Kept, Snapshot

__all__ = ["rank"]

FEW = 128
"""Where a filter keeps at most one document in FEW of a segment, those are scored one by one instead of all at once: at
one in 75, hashed legs were slower for it."""

SPARE = 4
"""In an approximate search, documents scored for each that is asked for."""

BATCH_CELLS = 1 << 22
"""Hits (queries times k) answered at once: bounds the memory of a batch (10 bytes a cell and segment)."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """A batch of weighted queries, each one's terms in the order of summing: rarest first, then by key.

    The order follows from what is alive, not from how it lies in segments; so do the scores, to the last bit.
    """

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    weights: NDArray[np.float32]
    constants: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one segment gives: for query q its n[q] best, docs uint16 and scores float32 (n_queries, width)."""

    n: NDArray[np.int64]
    docs: NDArray[np.uint16]
    scores: NDArray[np.float32]

    @classmethod
    def of(cls, n_queries: int, width: int) -> _Found:
        """Room for at most `width` documents a query; none found yet."""
        return cls(
            np.zeros(n_queries, np.int64),
            np.empty((n_queries, width), np.uint16),
            np.zeros((n_queries, width), np.float32),
        )


def rank(
    snapshot: Snapshot,
    leg: str,
    encoder: Encoder,
    queries: Queryable,
    k: int,
    *,
    bm25: BM25 | None = None,
    kept: Sequence[Kept] | None = None,
    threads: int = 1,
    share: float = 1.0,
) -> Ranking:
    """The k best documents for each query: score positive, by score, then by id.

    share: below 1, of product legs only the most telling terms choose the documents that are scored
    (numen.search.approximate); scores stay exact.
    kept: of each segment, the documents that take part; None for all living ones. Statistics stay those of all.
    """
    if isinstance(encoder, AutoEncoder):
        return rank_classes(snapshot, leg, encoder, texts_of(queries), k, bm25=bm25, kept=kept, threads=threads)
    total = snapshot.statistics(leg, encoder).documents
    k = min(k, total)
    step = max(1, BATCH_CELLS // max(k, 1))
    parts = [
        _rank_batch(snapshot, leg, encoder, queries[at : at + step], k, bm25, kept, threads, share)
        for at in range(0, len(queries), step)
    ]
    return Ranking.joined(parts)


def _rank_batch(
    snapshot: Snapshot,
    leg: str,
    encoder: Encoder,
    queries: Queryable,
    k: int,
    bm25: BM25 | None,
    kept: Sequence[Kept] | None,
    threads: int,
    share: float,
) -> Ranking:
    query = queries.counts(leg, encoder)
    places = [live.segment.legs[leg].keys.find(query.keys) for live in snapshot.segments]  # type: ignore[arg-type]
    frequencies = np.zeros(len(query.keys), np.int64)
    for live, at in zip(snapshot.segments, places, strict=True):
        frequencies += live.frequencies(leg, at)
    terms = _weighted(query, frequencies, snapshot, leg, encoder, bm25)
    n_queries = len(queries)
    found = [
        _Found.of(n_queries, min(k, live.n_alive if kept is None else len(kept[place].docs)))
        for place, live in enumerate(snapshot.segments)
    ]
    arguments = [
        _arguments(snapshot, place, leg, encoder, bm25, None if kept is None else kept[place])
        for place in range(len(snapshot.segments))
    ]

    best = np.zeros((n_queries, k), np.float32)

    def work(begin: int, end: int) -> None:
        """Search all segments for some consecutive queries, each from the k-th best score of those before it on."""
        tops = best[begin:end]
        resigned = np.zeros(end - begin, np.uint8)
        parts = np.zeros((end - begin, SPARE * k if share < 1 else 0), np.float32)
        query = (terms.starts[begin : end + 1], terms.terms, terms.weights)
        for at, (search, lists), out in zip(places, arguments, found, strict=True):
            if out.docs.shape[1]:
                search(
                    *query,
                    at,
                    *lists,
                    tops,
                    resigned,
                    share,
                    parts,
                    out.docs[begin:end],
                    out.scores[begin:end],
                    out.n[begin:end],
                )

    if threads <= 1 or n_queries < 2:
        work(0, n_queries)
    else:
        # More parts than threads, so that one slow query does not keep the others waiting.
        cuts = np.linspace(0, n_queries, min(n_queries, 4 * threads) + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, cuts[:-1], cuts[1:]))
    floors = best[:, 0] if k else np.zeros(n_queries, np.float32)
    return _merged(snapshot, found, floors, terms.constants, k)


def _weighted(
    query: QueryCounts,
    frequencies: NDArray[np.int64],
    snapshot: Snapshot,
    leg: str,
    encoder: Encoder,
    bm25: BM25 | None,
) -> _Terms:
    weights, constants = encoder.weigh(query, frequencies, snapshot.statistics(leg, encoder), bm25)
    n_queries, n_keys = len(query.starts) - 1, len(query.keys)
    order = np.empty(n_keys, np.int64)
    order[np.argsort(frequencies, kind="stable")] = np.arange(n_keys)
    of = np.repeat(np.arange(n_queries), np.diff(query.starts))
    used = np.flatnonzero((frequencies[query.terms] > 0) & (weights != 0))
    used = used[np.argsort(of[used] * n_keys + order[query.terms[used]], kind="stable")]
    starts = np.zeros(n_queries + 1, np.int64)
    np.cumsum(np.bincount(of[used], minlength=n_queries), out=starts[1:])
    return _Terms(starts, query.terms[used], weights[used], constants)


def _arguments(
    snapshot: Snapshot, place: int, leg: str, encoder: Encoder, bm25: BM25 | None, kept: Kept | None
) -> tuple[Callable[..., None], tuple[Any, ...]]:
    """The kernel that searches one segment, and what it takes between the queries and the results."""
    from numen.kernels.few import search_few
    from numen.kernels.score import search_lists

    live = snapshot.segments[place]
    ranks = live.segment.ranks
    some, all_ = snapshot.arguments(leg, place, encoder, bm25)
    if kept is None:
        return search_lists, (*all_, live.dead, ranks)
    if len(kept.docs) * FEW <= live.segment.n_docs:
        return search_few, (*some, kept.docs, ranks)
    return search_lists, (*all_, kept.left_out, ranks)


def _merged(
    snapshot: Snapshot,
    found: Sequence[_Found],
    floors: NDArray[np.float32],
    constants: NDArray[np.float32],
    k: int,
) -> Ranking:
    """The segments' answers as one: by score, then by id, at most k a query; floors: the k-th best score of each."""
    n_queries = len(constants)
    columns = []
    for live, one in zip(snapshot.segments, found, strict=True):
        if not one.n.any():
            continue
        taken = (np.arange(one.docs.shape[1]) < one.n[:, None]) & (one.scores >= floors[:, None])
        segment = live.segment
        chosen = one.docs[taken]
        few = len(chosen) < segment.n_docs // 8 and "ids" not in segment.__dict__
        ids = np.empty(len(chosen), object)
        ids[:] = [segment.id_of(doc) for doc in chosen.tolist()] if few else segment.ids[chosen]
        columns.append(
            (np.repeat(np.arange(n_queries), taken.sum(axis=1)), one.scores[taken], ids, segment.doc_keys[chosen])
        )
    if not columns:
        return Ranking(
            np.zeros(n_queries + 1, np.int64), np.empty(0, object), np.empty(0, np.float32), np.empty(0, np.int64)
        )
    of, all_scores, all_ids, keys = columns[0]
    if len(columns) > 1:
        of, all_scores, all_ids, keys = (np.concatenate([column[i] for column in columns]) for i in range(4))
        order = np.lexsort((-all_scores, of))
        order = _ties_by_id(order, of, all_scores, all_ids)
        begins = np.searchsorted(of[order], np.arange(n_queries))
        order = order[np.arange(len(order)) - begins[of[order]] < k]
        of, all_scores, all_ids, keys = of[order], all_scores[order], all_ids[order], keys[order]
    starts = np.zeros(n_queries + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=n_queries), out=starts[1:])
    return Ranking(starts, all_ids, all_scores + constants[of], keys)


def _ties_by_id(
    order: NDArray[np.int64], of: NDArray[np.int64], scores: NDArray[np.float32], ids: NDArray[np.object_]
) -> NDArray[np.int64]:
    """The order with runs of one query and one score sorted by id."""
    same = (np.diff(of[order]) == 0) & (np.diff(scores[order]) == 0)
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    for begin, end in zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) + 1).tolist(), strict=True):
        order[begin:end] = sorted(order[begin:end].tolist(), key=ids.__getitem__)
    return order
