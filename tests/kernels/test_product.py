"""Legs of float32 weights over several segments: ties, documents all alike, weights far apart, and reading less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index import packing
from numen.index.build import LegBuilder
from numen.index.heavy import Heavy
from numen.index.inverted import Inverted
from numen.index.packing import pack
from numen.index.rows import Rows
from numen.kernels import reference
from numen.kernels.part import row_with
from numen.kernels.product import search_products

N_KEYS = 9


@pytest.fixture(autouse=True)
def long_lists_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "LONG_MINIMUM", 4)


def built(weights: NDArray[np.float32]) -> Inverted:
    """The leg of a table (n_docs, N_KEYS) of weights, 0 where absent."""
    docs, keys = np.nonzero(weights)
    starts = np.searchsorted(docs, np.arange(len(weights) + 1)).astype(np.int64)
    builder = LegBuilder("product")
    lengths = np.ones(len(weights), np.uint32)
    builder.append(Rows(starts, keys.astype(np.uint32), weights[docs, keys], lengths))
    return pack(builder.finish([f"{n}".encode() for n in range(N_KEYS)]))


def searched(
    tables: list[NDArray[np.float32]],
    queries: list[list[tuple[int, float]]],
    k: int,
    width: int,
    dead: list[NDArray[np.uint16]],
    depth: float = 0.0,
) -> tuple[list[list[tuple[float, int, int]]], NDArray[np.float32]]:
    """(each query's (-score, segment, document), best first, as many as reach the k-th best; the k best scores)."""
    parts = [built(table) for table in tables]
    rows, held = [], []
    for part, gone in zip(parts, dead, strict=True):
        heavy = Heavy.of(part)
        ones, ranks = np.ones(part.n_docs, np.float32), np.arange(part.n_docs, dtype=np.uint16)
        held += [ones, ranks, heavy]
        rows.append(
            row_with(
                part.table_row,
                doc_values=ones,
                dead=gone,
                ranks=ranks,
                heavy_starts=heavy.starts,
                heavy_docs=heavy.docs,
                heavy_codes=heavy.codes,
                heavy_lengths=heavy.lengths,
                heavy_levels=heavy.levels,
                forward_starts=heavy.row_starts,
                forward_keys=heavy.row_keys,
                forward_codes=heavy.row_codes,
            )
        )
    n, n_segments = len(queries), len(parts)
    places = np.stack([part.keys.find(parts[0].keys) for part in parts])  # type: ignore[arg-type]
    tops = np.zeros((n, k), np.float32)
    docs, scores = np.zeros((n_segments, n, k), np.uint16), np.zeros((n_segments, n, k), np.float32)
    found = np.zeros((n_segments, n), np.int64)
    search_products(
        np.cumsum([0, *map(len, queries)]).astype(np.int64),
        np.array([key for query in queries for key, _ in query], np.int64),
        np.array([weight for query in queries for _, weight in query], np.float32),
        places,
        np.stack(rows),
        depth,
        width,
        tops,
        docs,
        scores,
        found,
    )
    hits = []
    for q in range(n):
        one = [
            (-float(scores[s, q, i]), s, int(docs[s, q, i])) for s in range(n_segments) for i in range(int(found[s, q]))
        ]
        hits.append(sorted(hit for hit in one if -hit[0] >= tops[q, 0]))
    return hits, np.sort(tops, axis=1)[:, ::-1]


def expected(
    tables: list[NDArray[np.float32]], query: list[tuple[int, float]], dead: list[NDArray[np.uint16]]
) -> list[NDArray[np.float32]]:
    """Each segment's scores, 0 for the dead."""
    out = []
    for table, gone in zip(tables, dead, strict=True):
        lists = [({d: float(v) for d, v in enumerate(table[:, key]) if v}, weight) for key, weight in query]
        scores = reference.score_lists(lists, np.ones(len(table), np.float32), "product")
        scores[gone] = 0
        out.append(scores)
    return out


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.0, 3.0, 12.0]))
def test_the_best_of_several_segments(seed: int, alike: bool, spread: float) -> None:
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(int(rng.integers(1, 4))):
        present = rng.random((int(rng.integers(1, 400)), N_KEYS)) < rng.random(N_KEYS) ** 2
        weights = np.exp(rng.normal(0, 1, present.shape) + spread * rng.normal(0, 1, N_KEYS))
        if alike:  # few different documents: more of them tie than are summed
            weights = np.ones_like(weights)
            present[:, 4:] = False
        tables.append(np.where(present, weights, 0).astype(np.float32))
    # Every segment knows every key, so that places are the same in each.
    tables = [np.vstack([table, np.eye(N_KEYS, dtype=np.float32) * np.float32(1e-3)]) for table in tables]
    dead = [np.flatnonzero(rng.random(len(table)) < 0.1).astype(np.uint16) for table in tables]
    queries = []
    for _ in range(3):
        keys = rng.permutation(N_KEYS)[: rng.integers(0, N_KEYS)]
        weights = np.exp(spread * rng.normal(0, 1, len(keys)))
        queries.append(list(zip(keys.tolist(), weights.tolist(), strict=True)))
    k = int(rng.choice([1, 3, 10]))
    got, best = searched(tables, queries, k, k + int(rng.integers(0, 5)), dead)
    for query, hits, top in zip(queries, got, best, strict=True):
        scores = expected(tables, query, dead)
        ranked = sorted((-float(x), s, d) for s, one in enumerate(scores) for d, x in enumerate(one.tolist()) if x > 0)
        assert top.tolist() == [-hit[0] for hit in ranked[:k]] + [0.0] * (k - len(ranked[:k]))
        # Of what ties with the k-th best, each segment names at most k.
        floor = -ranked[k - 1][0] if len(ranked) >= k else 0.0
        assert [hit for hit in hits if -hit[0] > floor] == [hit for hit in ranked if -hit[0] > floor]
        assert set(hits) <= set(ranked)
        assert len(hits) >= min(k, len(ranked))
        for s in range(len(tables)):
            ours = [hit for hit in hits if hit[1] == s]
            assert ours == [hit for hit in ranked if hit[1] == s][: len(ours)]


def test_reading_less_finds_most_and_scores_exactly() -> None:
    rng = np.random.default_rng(5)
    tables = [
        np.where(rng.random((3_000, N_KEYS)) < 0.3, rng.gamma(2, 0.4, (3_000, N_KEYS)), 0).astype(np.float32)
        for _ in range(2)
    ]
    dead = [np.empty(0, np.uint16)] * 2
    queries = [[(key, float(rng.random() + 0.1)) for key in rng.permutation(N_KEYS).tolist()] for _ in range(20)]
    exact, _ = searched(tables, queries, 10, 42, dead)
    recalls = []
    for depth in (0.3, 0.06, 0.01):
        some, _ = searched(tables, queries, 10, 152, dead, depth)
        recalls.append(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(exact, some, strict=True)]))
        for query, hits in zip(queries, some, strict=True):
            scores = expected(tables, query, dead)
            assert all(-hit[0] == float(scores[hit[1]][hit[2]]) for hit in hits)
    assert recalls[0] < 0.9 < recalls[2]
    assert recalls == sorted(recalls)
