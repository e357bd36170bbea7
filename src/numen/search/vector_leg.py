"""One leg's exact k nearest vectors over all segments of a snapshot: the same contract as `numen.search.leg`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.encode.vector_encoder import VectorEncoder
from numen.search import vector_cells
from numen.search.queries import Queryable, vectors_of
from numen.search.ranking import Ranking
from numen.search.snapshot import Kept, Snapshot
from numen.search.vector_scores import MORE, rescored

__all__ = ["rank_vectors"]

BATCH = 256
"""Queries that meet a tile of documents while it is in the cache; their vectors are in the second level."""

BATCH_CELLS = 1 << 24
"""Hits (queries times segments times k) looked for at once: bounds the memory of a batch."""

FEW = 8
"""Where a filter keeps at most one document in FEW of a segment, those are scored one by one."""

ROUNDING = 2.0**-21
"""By how much of the product of two lengths an inner product may be wrong for each dimension: float32 sums in whatever
order are within 2^-24; an estimate and an exact sum differ by twice that, and the bound is itself rounded."""


def rank_vectors(
    snapshot: Snapshot,
    leg: str,
    encoder: VectorEncoder,
    queries: Queryable,
    k: int,
    *,
    kept: Sequence[Kept] | None = None,
    threads: int = 1,
    probes: int = 0,
) -> Ranking:
    """The k nearest documents for each query: by score, which may be below zero, then by id.

    A document without a vector is near nothing, and a query of zeros has nothing near it. kept: of each segment, the
    documents that take part; None for all living ones. probes: above 0, only so many cells of a large segment are read
    (numen.search.vector_cells); scores stay exact. Where the encoder rescores, MORE than k are found and scored again.
    """
    asked = vectors_of(queries, leg, encoder)
    vectors = np.ascontiguousarray(asked.rows)
    wanted = k
    k = min(k + MORE if encoder.rescores and k else k, sum(live.n_alive for live in snapshot.segments))
    step = max(1, min(BATCH, BATCH_CELLS // max(k * len(snapshot.segments), 1)))
    if threads > 1 and len(vectors) > 1:
        step = min(step, -(-len(vectors) // threads))
    parts = [vectors[at : at + step] for at in range(0, len(vectors), step)]

    def work(part: NDArray[np.float32]) -> Ranking:
        return _rank_batch(snapshot, leg, part, k, kept, probes)

    if not parts:
        return _merged([], 0, k)
    for live in snapshot.segments if probes else ():
        if live.segment.n_docs >= vector_cells.LEAST:
            vector_cells.cells_of(live.segment, leg)
    if threads <= 1 or len(parts) < 2:
        found = Ranking.joined([work(part) for part in parts])
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = Ranking.joined(list(pool.map(work, parts)))
    return rescored(snapshot, leg, encoder, asked, found, wanted) if encoder.rescores else found


_Column: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.object_], NDArray[np.int64]]
"""Hits of a batch: queries, scores, ids, keys."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A batch of queries as kernels take them; n: how many they are without the zeros that fill up fours."""

    n: int
    rows: NDArray[np.float32]
    rounded: NDArray[np.int16]
    steps: NDArray[np.float32]
    slack: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], *, codes: bool) -> _Asked:
        """codes: whether documents have codes, against which a single query is rounded too."""
        n, dim = vectors.shape
        rows = np.zeros((n if n == 1 else -(-n // 4) * 4, dim), np.float32)
        rows[:n] = vectors
        wide = vectors.astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
        rounded, steps, lost = np.zeros((n, 0), np.int16), np.zeros(n, np.float32), np.zeros(n)
        if codes and n == 1:
            most = min(32_767, (2**31 - 1) // (127 * dim))  # so that sums fit 32 bits
            steps = (np.abs(vectors).max(axis=1) / most).astype(np.float32)
            exact = wide / np.where(steps > 0, steps, 1)[:, None]
            rounded = np.clip(np.rint(exact), -most, most).astype(np.int16)
            rest = wide - rounded * steps.astype(np.float64)[:, None]
            lost = np.sqrt(np.einsum("ij,ij->i", rest, rest))
        rounding = ROUNDING * (dim + 8)
        slack = np.stack([(rounding * lengths + lost) * (1 + 1e-6), (lengths + lost) * (1 + 1e-6)], axis=1)
        return cls(n, rows, rounded, steps, slack.astype(np.float32))


def _rank_batch(
    snapshot: Snapshot, leg: str, vectors: NDArray[np.float32], k: int, kept: Sequence[Kept] | None, probes: int
) -> Ranking:
    from numen.kernels.flat import search_flat, search_flat_few

    flats = [live.segment.flats[leg] for live in snapshot.segments]
    asked = _Asked.of(vectors, codes=any(len(flat.codes) for flat in flats))
    floors = np.where(asked.slack[:, 1] > 0, np.float32(-np.inf), np.float32(np.inf)).astype(np.float32)
    columns = []
    for place, (live, flat) in enumerate(zip(snapshot.segments, flats, strict=True)):
        some = None if kept is None else kept[place].docs
        width = min(k, live.n_alive if some is None else len(some))
        if not width:
            continue
        few = some if some is not None and len(some) * FEW <= flat.n_docs else None
        if probes and few is None and flat.n_docs >= vector_cells.LEAST:
            skip = live.dead_mask if some is None else _mask(some, flat.n_docs)
            of, near, exact = vector_cells.nearest_in_cells(live.segment, leg, vectors, width, probes, skip)
            columns.append((of, exact, live.segment.ids_of(near), live.segment.doc_keys[near]))
            continue
        docs, scores = np.empty((asked.n, width), np.uint16), np.empty((asked.n, width), np.float32)
        found = np.zeros(asked.n, np.int64)
        # The least of fewer than k best says nothing of the k-th best.
        known = floors if width == k else floors.copy()
        results = (live.segment.ranks, known, docs, scores, found)
        if few is not None:
            search_flat_few(
                flat.rows, flat.halves, flat.codes, flat.scales, flat.norms, asked.rows, asked.n, few, *results
            )
        else:
            search_flat(
                flat.rows,
                flat.halves,
                flat.codes,
                flat.scales,
                flat.norms,
                flat.residues,
                asked.rows,
                asked.n,
                asked.rounded,
                asked.steps,
                asked.slack,
                live.dead_mask if some is None else _mask(some, flat.n_docs),
                *results,
            )
        taken = np.arange(width) < found[:, None]
        chosen = docs[taken]
        columns.append(
            (
                np.repeat(np.arange(asked.n), found),
                scores[taken],
                live.segment.ids_of(chosen),
                live.segment.doc_keys[chosen],
            )
        )
    return _merged(columns, asked.n, k)


def _mask(kept: NDArray[np.uint16], n: int) -> NDArray[np.uint8]:
    """uint8 (n): 1 for the documents that are not kept."""
    mask = np.ones(n, np.uint8)
    mask[kept] = 0
    return mask


def _merged(columns: Sequence[_Column], n: int, k: int) -> Ranking:
    """The segments' answers as one: by score, then by id, at most k a query."""
    queries = np.concatenate([np.empty(0, np.int64), *(part[0] for part in columns)])
    scores = np.concatenate([np.empty(0, np.float32), *(part[1] for part in columns)])
    ids = np.concatenate([np.empty(0, object), *(part[2] for part in columns)])
    keys = np.concatenate([np.empty(0, np.int64), *(part[3] for part in columns)])
    order = np.lexsort((-scores, queries))
    queries, scores, ids, keys = queries[order], scores[order], ids[order], keys[order]
    same = np.flatnonzero((queries[1:] == queries[:-1]) & (scores[1:] == scores[:-1]))
    if len(same):
        order = np.arange(len(scores))
        ends = np.flatnonzero(np.diff(same, append=-1) != 1)
        for a, b in zip(np.concatenate([[0], ends[:-1] + 1]).tolist(), ends.tolist(), strict=True):
            run = range(int(same[a]), int(same[b]) + 2)
            order[run.start : run.stop] = sorted(run, key=ids.__getitem__)
        ids, keys = ids[order], keys[order]
    counts = np.bincount(queries, minlength=n)
    ends = np.cumsum(counts)
    if len(counts) and counts.max() > k:
        first = np.repeat(ends - counts, counts)
        within = np.arange(len(scores)) - first < k
        scores, ids, keys = scores[within], ids[within], keys[within]
        ends = np.cumsum(np.minimum(counts, k))
    return Ranking(np.concatenate([np.zeros(1, np.int64), ends]), ids, scores, keys, signed=True)
