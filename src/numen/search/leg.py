"""One leg's exact top-k over all segments of a snapshot, for a batch of queries."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, QueryCounts
from numen.kernels.codes import LOG, PRODUCT, RATIO
from numen.search.queries import Queryable
from numen.search.ranking import Ranking
from numen.search.snapshot import FORMS, Kept, Snapshot
from numen.search.telling import most_telling

__all__ = ["rank"]

FEW = 128
"""Where a filter keeps at most one document in FEW of a segment, those are scored one by one instead of all at once: at
one in 75, hashed legs were slower for it."""

SPARE = 32
"""Of float32 weights, documents scored at most beyond k or beyond half as many again, before giving up on bounds."""

SPARE_SHARE = 4
"""In an approximate search, documents scored for each that is asked for."""

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
    k = min(k, snapshot.statistics(leg, encoder).documents)
    step = max(1, BATCH_CELLS // max(k * len(snapshot.segments), 1))
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
    places = snapshot.places(leg, query.keys)
    frequencies = snapshot.frequencies(leg, places)
    terms = _weighted(query, frequencies, snapshot, leg, encoder, bm25)
    taken = np.ones(len(terms.terms), np.uint8)
    if share < 1:
        taken = most_telling(share, terms.starts, terms.terms, terms.weights, frequencies, snapshot.steps(leg, places))
    groups = _groups(snapshot, leg, encoder, bm25, kept)
    form = FORMS[encoder.form]

    def work(begin: int, end: int) -> Ranking:
        """Search all segments for some consecutive queries."""
        n = end - begin
        tops = np.zeros((n, k), np.float32)
        found = []
        for group in groups:
            out = _Found(
                group.segments,
                np.empty((len(group.segments), n), np.int64),
                np.empty((len(group.segments), n, k), np.uint16),
                np.empty((len(group.segments), n, k), np.float32),
            )
            _search(group, terms, begin, end, places, form, taken, share, tops, out)
            found.append(out)
        return _merged(snapshot, found, tops[:, 0] if k else tops, terms.constants[begin:end], k)

    n_queries = len(queries)
    if threads <= 1 or n_queries < 2:
        return work(0, n_queries)
    # More parts than threads, so that one slow query does not keep the others waiting.
    cuts = np.linspace(0, n_queries, min(n_queries, 4 * threads) + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return Ranking.joined(list(pool.map(work, cuts[:-1], cuts[1:])))


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


def _groups(
    snapshot: Snapshot, leg: str, encoder: Encoder, bm25: BM25 | None, kept: Sequence[Kept] | None
) -> list[_Group]:
    """The segments in the groups in which they are searched: those of which a filter keeps few come first."""
    from numen.kernels.part import row_with

    table = snapshot.table(leg, encoder, bm25)
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
    begin: int,
    end: int,
    places: NDArray[np.int64],
    form: int,
    taken: NDArray[np.uint8],
    share: float,
    tops: NDArray[np.float32],
    out: _Found,
) -> None:
    """Write what a group of segments has for the queries in [begin, end) to `out`, and their best scores to `tops`."""
    some = places if len(group.segments) == len(places) else places[group.segments]
    query = (terms.starts[begin : end + 1], terms.terms, terms.weights, some, group.table)
    results = (tops, out.docs, out.scores, out.n)
    if group.few:
        from numen.kernels.few import search_few

        search_few(*query, form, *results)
    elif form == PRODUCT:
        from numen.kernels.product import search_products

        k = tops.shape[1]
        width = k + max(SPARE, k // 2) if share == 1 else SPARE_SHARE * k
        search_products(*query, taken, share == 1, width, *results)
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
    snapshot: Snapshot, found: Sequence[_Found], floors: NDArray[np.float32], constants: NDArray[np.float32], k: int
) -> Ranking:
    """The groups' answers as one: by score, then by id, at most k a query; floors: the k-th best score of each."""
    n_queries = len(constants)
    columns = []
    for one in found:
        places, of, at = np.nonzero(np.arange(k) < one.n[:, :, None])
        scores = one.scores[places, of, at]
        kept = np.flatnonzero(scores >= floors[of])
        places, of, at = places[kept], of[kept], at[kept]
        columns.append((np.array(one.segments)[places], of, scores[kept], one.docs[places, of, at]))
    if not sum(len(column[0]) for column in columns):
        return Ranking(
            np.zeros(n_queries + 1, np.int64), np.empty(0, object), np.empty(0, np.float32), np.empty(0, np.int64)
        )
    segments, of, scores, docs = (
        columns[0] if len(columns) == 1 else (np.concatenate([column[i] for column in columns]) for i in range(4))
    )
    ids, keys = _named(snapshot, segments, docs)
    order = np.lexsort((-scores, of))
    order = _ties_by_id(order, of, scores, ids)
    begins = np.searchsorted(of[order], np.arange(n_queries))
    order = order[np.arange(len(order)) - begins[of[order]] < k]
    starts = np.zeros(n_queries + 1, np.int64)
    np.cumsum(np.bincount(of[order], minlength=n_queries), out=starts[1:])
    return Ranking(starts, ids[order], scores[order] + constants[of[order]], keys[order])


def _named(
    snapshot: Snapshot, segments: NDArray[np.int64], docs: NDArray[np.uint16]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """(ids, catalog keys) of documents, each given by its segment and its number there."""
    ids, keys = np.empty(len(docs), object), np.empty(len(docs), np.int64)
    for s in np.unique(segments).tolist():
        which = np.flatnonzero(segments == s)
        segment, chosen = snapshot.segments[s].segment, docs[which]
        few = len(chosen) < segment.n_docs // 8 and "ids" not in segment.__dict__
        ids[which] = [segment.id_of(doc) for doc in chosen.tolist()] if few else segment.ids[chosen]
        keys[which] = segment.doc_keys[chosen]
    return ids, keys


def _ties_by_id(
    order: NDArray[np.int64], of: NDArray[np.int64], scores: NDArray[np.float32], ids: NDArray[np.object_]
) -> NDArray[np.int64]:
    """The order with runs of one query and one score sorted by id."""
    same = (np.diff(of[order]) == 0) & (np.diff(scores[order]) == 0)
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    for begin, end in zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) + 1).tolist(), strict=True):
        order[begin:end] = sorted(order[begin:end].tolist(), key=ids.__getitem__)
    return order
