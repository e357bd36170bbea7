"""One leg's exact top-k over all segments of a snapshot, for a batch of queries."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, QueryCounts
from numen.encode.vector_encoder import VectorEncoder
from numen.kernels.codes import LOG, PRODUCT, RATIO
from numen.search.class_leg import rank_classes
from numen.search.expanded import Reweighed
from numen.search.queries import Queryable
from numen.search.ranking import Ranking
from numen.search.snapshot import FORMS, Kept, Snapshot
from numen.search.vector_leg import rank_vectors

__all__ = ["rank"]

FEW = 128
"""Where a filter keeps at most one document in FEW of a segment, those are scored one by one instead of all at once: at
one in 75, hashed legs were slower for it."""

SPARE = 32
"""Of float32 weights, documents scored at most beyond k or beyond half as many again, before giving up on bounds."""

SPARE_SHARE = 12
"""In an approximate search, documents scored for each that is asked for."""

A_FEW = 64
"""Hits whose ids are looked up one by one."""

BATCH_CELLS = 1 << 24
"""Hits (queries times segments times k) answered at once: bounds the memory of a batch (6 bytes a cell)."""


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
class _Asked:
    """Queries as kernels take them. places: int64 (n_segments, n_keys), where each term's key is in each segment."""

    terms: _Terms
    places: NDArray[np.int64]


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
    depth: float = 0.0,
) -> Ranking:
    """The k best documents for each query: score positive (but in a leg of dense vectors), by score, then by id.

    depth: above 0, of product legs only parts of at least this share of what a query could score choose the documents
    that are scored (numen.search.approximate); scores stay exact.
    kept: of each segment, the documents that take part; None for all living ones. Statistics stay those of all.
    """
    if isinstance(encoder, VectorEncoder):
        return rank_vectors(snapshot, leg, encoder, queries, k, kept=kept, threads=threads)
    alone = encoder.encoder if isinstance(encoder, Reweighed) else encoder
    if isinstance(alone, AutoEncoder):
        return rank_classes(snapshot, leg, alone, queries, k, bm25=bm25, kept=kept, threads=threads)
    k = min(k, snapshot.statistics(leg, encoder).documents)
    step = max(1, BATCH_CELLS // max(k * len(snapshot.segments), 1))

    def prepared(at: int) -> _Asked:
        return _asked(snapshot, leg, encoder, queries[at : at + step], bm25)

    def work(asked: _Asked) -> Ranking:
        return _rank_batch(snapshot, leg, encoder, asked, k, bm25, kept, depth)

    if threads <= 1 or len(queries) < 2:
        return Ranking.joined([work(prepared(at)) for at in range(0, len(queries), step)])
    step = min(step, -(-len(queries) // threads))
    with ThreadPoolExecutor(threads) as pool:
        # What Python does for a part, one thread does while others are in kernels: they would wait for its lock.
        turns = [pool.submit(work, prepared(at)) for at in range(0, len(queries), step)]
        return Ranking.joined([turn.result() for turn in turns])


def _asked(snapshot: Snapshot, leg: str, encoder: Encoder, queries: Queryable, bm25: BM25 | None) -> _Asked:
    query = queries.counts(leg, encoder)
    places, frequencies = snapshot.located(leg, snapshot.table(leg, encoder, bm25), query.keys)
    return _Asked(_weighted(query, frequencies, snapshot, leg, encoder, bm25), places)


def _rank_batch(
    snapshot: Snapshot,
    leg: str,
    encoder: Encoder,
    asked: _Asked,
    k: int,
    bm25: BM25 | None,
    kept: Sequence[Kept] | None,
    depth: float,
) -> Ranking:
    table = snapshot.table(leg, encoder, bm25)
    if depth > 0:
        table = snapshot.heavy_table(leg, table)
    terms, n = asked.terms, len(asked.terms.starts) - 1
    groups = _groups(table, kept)
    form = FORMS[encoder.form]
    tops = np.zeros((n, k), np.float32)
    found = []
    for group in groups:
        out = _Found(
            group.segments,
            np.empty((len(group.segments), n), np.int64),
            np.empty((len(group.segments), n, k), np.uint16),
            np.empty((len(group.segments), n, k), np.float32),
        )
        _search(group, terms, asked.places, form, depth, tops, out)
        found.append(out)
    return _merged(snapshot, table, found, tops[:, 0].copy() if k else np.zeros(n, np.float32), terms.constants, k)


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
    used = used[np.argsort(of[used] * n_keys + order[query.terms[used]])]  # all different: any sort will do
    starts = np.zeros(n_queries + 1, np.int64)
    np.cumsum(np.bincount(of[used], minlength=n_queries), out=starts[1:])
    return _Terms(starts, query.terms[used], weights[used], constants)


@dataclass(frozen=True, slots=True)
class _Group:
    """Segments that are searched by one kernel: their places in the snapshot, and as the kernel reads them.

    few: only a few documents of each take part.
    """

    segments: list[int]
    table: NDArray[np.int64]
    few: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What a group of segments gives: for segment s and query q its n[s, q] best.

    n: int64 (n_segments, n_queries). docs uint16, scores float32 (n_segments, n_queries, k).
    """

    segments: list[int]
    n: NDArray[np.int64]
    docs: NDArray[np.uint16]
    scores: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence[_Found], n_queries: int, k: int) -> _Found:
        """What several groups give, as one group's; parts may be none."""
        return cls(
            [s for part in parts for s in part.segments],
            np.concatenate([np.empty((0, n_queries), np.int64), *(part.n for part in parts)]),
            np.concatenate([np.empty((0, n_queries, k), np.uint16), *(part.docs for part in parts)]),
            np.concatenate([np.empty((0, n_queries, k), np.float32), *(part.scores for part in parts)]),
        )


def _groups(table: NDArray[np.int64], kept: Sequence[Kept] | None) -> list[_Group]:
    """The segments in the groups in which they are searched: those of which a filter keeps few come first."""
    from numen.kernels.part import row_with

    if kept is None:
        return [_Group(list(range(len(table))), table, False)]
    few = [s for s, some in enumerate(kept) if len(some.docs) and len(some.docs) * FEW <= some.n_docs]
    many = [s for s, some in enumerate(kept) if len(some.docs) * FEW > some.n_docs]
    groups = []
    if few:
        groups.append(_Group(few, np.stack([row_with(table[s], dead=kept[s].docs) for s in few]), True))
    if many:
        groups.append(_Group(many, np.stack([row_with(table[s], dead=kept[s].left_out) for s in many]), False))
    return groups


def _search(
    group: _Group,
    terms: _Terms,
    places: NDArray[np.int64],
    form: int,
    depth: float,
    tops: NDArray[np.float32],
    out: _Found,
) -> None:
    """Write what a group of segments has for the queries to `out`, and their best scores to `tops`."""
    some = places if len(group.segments) == len(places) else places[group.segments]
    query = (terms.starts, terms.terms, terms.weights, some, group.table)
    results = (tops, out.docs, out.scores, out.n)
    if group.few:
        from numen.kernels.few import search_few

        search_few(*query, form, *results)
    elif form == PRODUCT:
        from numen.kernels.product import search_products

        k = tops.shape[1]
        search_products(*query, depth, k + max(SPARE, k // 2) if depth == 0 else SPARE + SPARE_SHARE * k, *results)
    elif form == RATIO:
        from numen.kernels.ratio import search_ratios

        search_ratios(*query, *results)
    elif form == LOG:
        from numen.kernels.logarithm import search_logs

        search_logs(*query, *results)
    else:
        from numen.kernels.scaled import search_scaled

        search_scaled(*query, *results)


def _merged(
    snapshot: Snapshot,
    table: NDArray[np.int64],
    found: Sequence[_Found],
    floors: NDArray[np.float32],
    constants: NDArray[np.float32],
    k: int,
) -> Ranking:
    """The groups' answers as one: by score, then by id, at most k a query; floors: the k-th best score of each."""
    from numen.kernels.hits import order_hits

    # A group's hits of a query are of segments of its own, so groups follow each other as segments do.
    one = found[0] if len(found) == 1 else _Found.joined(found, len(constants), k)
    numbers = np.array(one.segments, np.int64)
    starts, places, docs, scores = order_hits(table[numbers], one.n, one.docs, one.scores, floors)
    segments = numbers[places]
    ids, keys = _named(snapshot, segments, docs)
    tied = (scores[1:] == scores[:-1]) & (segments[1:] != segments[:-1])
    if np.diff(starts).max(initial=0) > k or tied.any():
        order = _ties_by_id(starts, scores, segments, ids)
        cut = [order[a : min(a + k, b)] for a, b in itertools.pairwise(starts.tolist())]
        order = np.concatenate([np.empty(0, np.int64), *cut])
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(one) for one in cut], dtype=np.int64)])
        ids, scores, keys = ids[order], scores[order], keys[order]
    if constants.any():
        scores = scores + np.repeat(constants, np.diff(starts))
    return Ranking(starts, ids, scores, keys)


def _named(
    snapshot: Snapshot, segments: NDArray[np.int64], docs: NDArray[np.uint16]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """(ids, catalog keys) of documents, each given by its segment and its number there."""
    ids, keys = np.empty(len(docs), object), np.empty(len(docs), np.int64)
    if len(docs) <= A_FEW:
        for i, (s, doc) in enumerate(zip(segments.tolist(), docs.tolist(), strict=True)):
            segment = snapshot.segments[s].segment
            ids[i], keys[i] = segment.id_of(doc), segment.doc_keys[doc]
        return ids, keys
    hits = np.bincount(segments, minlength=len(snapshot.segments))
    for s in np.flatnonzero(hits).tolist():
        segment = snapshot.segments[s].segment
        if hits[s] == len(docs):
            return segment.ids_of(docs), segment.doc_keys[docs]
        which = np.flatnonzero(segments == s)
        ids[which] = segment.ids_of(docs[which])
        keys[which] = segment.doc_keys[docs[which]]
    return ids, keys


def _ties_by_id(
    starts: NDArray[np.int64], scores: NDArray[np.float32], segments: NDArray[np.int64], ids: NDArray[np.object_]
) -> NDArray[np.int64]:
    """int64: the hits' places, with runs of one query and one score that are of several segments sorted by id."""
    order = np.arange(len(scores))
    same = scores[1:] == scores[:-1]
    edges = starts[1:-1]
    same[edges[(edges > 0) & (edges < len(scores))] - 1] = False
    turns = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    begins, ends = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1) + 1
    mixed = segments[begins] != segments[ends - 1]
    for begin, end in zip(begins[mixed].tolist(), ends[mixed].tolist(), strict=True):
        order[begin:end] = sorted(range(begin, end), key=ids.__getitem__)
    return order
