"""One leg of token vectors: the documents of the k largest sums of best matches (MaxSim), over all segments.

Sums are first estimated by products of matrices, whose sums may run in any order, with an error that is bounded;
documents that could be among the k best are then summed by a kernel in one fixed order. So hits are exact, and scores
are the same bits wherever a document stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.multi import LateInteraction
from numen.encode.token_vectors import TokenVectors
from numen.index.tokens import Tokens
from numen.search.queries import Queryable, tokens_of
from numen.search.ranking import Ranking
from numen.search.snapshot import Kept, Snapshot
from numen.search.token_candidates import candidates_of

__all__ = ["rank_tokens", "sums_of"]

BATCH_TOKENS = 512
"""Tokens of queries that meet a run of documents at once."""

RUN_TOKENS = 8_192
"""Tokens of documents in a run: products with a batch of queries take 16 MB."""

FEW_TOKENS = 64
"""Up to so many tokens of queries a kernel that widens the documents' tokens as it goes is faster than a product of
matrices."""

ROUNDING = 2.0**-21
"""By how much of the product of two lengths an inner product may be wrong for each dimension: float32 sums in whatever
order are within 2^-24; an estimate and a sum in order differ by twice that, and the bound is rounded too."""


def rank_tokens(
    snapshot: Snapshot,
    leg: str,
    encoder: LateInteraction,
    queries: Queryable,
    k: int,
    *,
    kept: Sequence[Kept] | None = None,
    threads: int = 1,
    candidates: int = 0,
) -> Ranking:
    """The k best documents for each query: by score, which may be below zero, then by id.

    A document without tokens is no hit, and a query without tokens has none. kept: of each segment, the documents that
    take part; None for all living ones. candidates: above 0, only so many documents a query are summed, chosen by
    sparse anchors (numen.search.token_candidates); their scores stay exact.
    """
    k = min(k, sum(live.n_alive for live in snapshot.segments))
    vectors = tokens_of(queries, leg, encoder)
    if not k or not snapshot.segments:
        return _ranking([([], [], [])] * len(vectors))
    if candidates:
        chosen = candidates_of(snapshot, leg, vectors, max(candidates, k), kept, threads)
    else:
        every = [
            np.flatnonzero(live.dead_mask == 0) if kept is None else kept[place].docs.astype(np.int64)
            for place, live in enumerate(snapshot.segments)
        ]
    cuts = _cuts(vectors.starts, threads)

    def work(begin: int, end: int) -> list[Found]:
        some = vectors[begin:end]
        if candidates:
            return [_exact(snapshot, leg, some[i : i + 1], k, chosen[begin + i])[0] for i in range(end - begin)]
        return _exact(snapshot, leg, some, k, every)

    pairs = list(pairwise(cuts))
    if threads <= 1 or len(pairs) < 2:
        return _ranking([one for begin, end in pairs for one in work(begin, end)])
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda pair: work(*pair), pairs))
    return _ranking([one for part in parts for one in part])


def sums_of(part: Tokens, query: NDArray[np.float32], docs: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (len(docs)): the exact scores of some documents of a segment; minus infinity for one without tokens.

    query: float32 (n_tokens, dim), at least one token.
    """
    from numen.kernels.maxsim import maxsim

    starts, rows = part.of(docs)
    room = -part.dim % 4
    turned = np.ascontiguousarray(np.pad(query, ((0, 0), (0, room))).T)
    if room:
        rows = np.pad(rows, ((0, 0), (0, room)))
    out = np.empty(len(docs), np.float32)
    maxsim(turned, np.ascontiguousarray(rows), starts, out)
    return out


def _cuts(starts: NDArray[np.int64], threads: int) -> list[int]:
    """Where a batch is cut: parts of at most BATCH_TOKENS tokens, and at least one a thread where there are as many."""
    n = len(starts) - 1
    most = min(BATCH_TOKENS, max(1, int(starts[-1]) // threads)) if threads > 1 else BATCH_TOKENS
    cuts = [0]
    while cuts[-1] < n:
        end = int(np.searchsorted(starts, starts[cuts[-1]] + most, side="right")) - 1
        cuts.append(min(max(end, cuts[-1] + 1), n))
    return cuts


Found: TypeAlias = tuple[list[str], list[float], list[int]]
"""The hits of one query, best first: ids, scores, catalog keys."""


@dataclass(frozen=True, slots=True)
class _Estimates:
    """docs: int64, documents of a segment that take part. sums: float32 (n_queries, len(docs))."""

    docs: NDArray[np.int64]
    sums: NDArray[np.float32]


def _exact(
    snapshot: Snapshot, leg: str, queries: TokenVectors, k: int, every: Sequence[NDArray[np.int64]]
) -> list[Found]:
    """The k best of each query of a batch, of the documents `every` of each segment, ascending."""
    if not len(queries.rows):
        return [([], [], []) for _ in range(len(queries))]
    filled = np.flatnonzero(np.diff(queries.starts))
    found: list[Found] = [([], [], []) for _ in range(len(queries))]
    parts = [live.segment.tokens[leg] for live in snapshot.segments]
    estimates = []
    for part, some in zip(parts, every, strict=True):
        docs = some[part.starts[some + 1] > part.starts[some]]
        estimates.append(_Estimates(docs, _estimated(part, queries, filled, docs)))
    lengths = np.sqrt(np.einsum("ij,ij->i", queries.rows, queries.rows, dtype=np.float64))
    longest = max((float(part.flat.norms.max(initial=0)) for part in parts), default=0.0)
    for row, query in enumerate(filled.tolist()):
        begin, end = int(queries.starts[query]), int(queries.starts[query + 1])
        slack = ROUNDING * (parts[0].dim + end - begin + 8) * float(lengths[begin:end].sum()) * longest
        sums = np.concatenate([one.sums[row] for one in estimates])
        if not len(sums):
            continue
        bar = float(np.partition(sums, len(sums) - k)[len(sums) - k]) - 2 * slack if k < len(sums) else -np.inf
        chosen = [one.docs[one.sums[row] >= bar] for one in estimates]
        found[query] = _best(snapshot, leg, queries[query : query + 1], k, chosen)
    return found


def _estimated(
    part: Tokens, queries: TokenVectors, filled: NDArray[np.int64], docs: NDArray[np.int64]
) -> NDArray[np.float32]:
    """float32 (len(filled), len(docs)): about the scores of documents, each with a token, for the queries `filled`."""
    out = np.empty((len(filled), len(docs)), np.float32)
    if len(queries.rows) <= FEW_TOKENS:
        from numen.kernels.maxsim import maxsim_about

        flat = part.flat
        for row, query in enumerate(filled.tolist()):
            tokens = queries[query : query + 1].rows
            asked = np.pad(tokens, ((0, -len(tokens) % 4), (0, 0)))
            parts = flat.rows, flat.halves, flat.codes, flat.scales
            maxsim_about(asked, len(tokens), *parts, part.starts, docs, out[row])
        return out
    begins = queries.starts[filled]
    ends = np.cumsum(part.starts[docs + 1] - part.starts[docs])
    at = 0
    while at < len(docs):
        before = int(ends[at - 1]) if at else 0
        to = max(at + 1, int(np.searchsorted(ends, before + RUN_TOKENS, side="right")))
        some = docs[at:to]
        if (part.starts[some[:-1] + 1] == part.starts[some[1:]]).all():
            first = int(part.starts[some[0]])
            rows = part.between(first, int(part.starts[some[-1] + 1]))
            edges = part.starts[some] - first
        else:  # documents in between take no part
            starts, rows = part.of(some)
            edges = starts[:-1]
        products = queries.rows @ rows.T
        best = np.maximum.reduceat(products, edges, axis=1)
        out[:, at:to] = np.add.reduceat(best, begins, axis=0)
        at = to
    return out


def _best(snapshot: Snapshot, leg: str, query: TokenVectors, k: int, chosen: Sequence[NDArray[np.int64]]) -> Found:
    """The k best of the documents `chosen` of each segment, with exact scores."""
    ids: list[str] = []
    keys: list[int] = []
    scores: list[float] = []
    if not len(query.rows):
        return ids, scores, keys
    for live, docs in zip(snapshot.segments, chosen, strict=True):
        if not len(docs):
            continue
        found = sums_of(live.segment.tokens[leg], query.rows, docs)
        real = np.flatnonzero(np.isfinite(found))
        if len(real) > k:
            bar = np.partition(found[real], len(real) - k)[len(real) - k]
            real = real[found[real] >= bar]
        ids += live.segment.ids_of(docs[real].astype(np.uint16)).tolist()
        keys += live.segment.doc_keys[docs[real]].tolist()
        scores += found[real].tolist()
    order = sorted(range(len(ids)), key=lambda i: (-scores[i], ids[i]))[:k]
    return [ids[i] for i in order], [scores[i] for i in order], [keys[i] for i in order]


def _ranking(found: Sequence[Found]) -> Ranking:
    starts = np.zeros(len(found) + 1, np.int64)
    np.cumsum([len(ids) for ids, _, _ in found], out=starts[1:])
    names = np.empty(int(starts[-1]), object)
    names[:] = [id_ for ids, _, _ in found for id_ in ids]
    scores = np.array([score for _, some, _ in found for score in some], np.float32)
    return Ranking(
        starts, names, scores, np.array([key for _, _, keys in found for key in keys], np.int64), signed=True
    )
