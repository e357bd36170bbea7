"""Exact top-k over lists and rows, against scoring every document in plain numpy, bit for bit."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index import inverted as inverted_module
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted, log_table
from numen.index.rows import Rows
from numen.kernels import reference
from numen.kernels.score import search_lists

N_KEYS = 12


@pytest.fixture(autouse=True)
def rows_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted_module, "ROW_MINIMUM", 8)


def random_counts(rng: np.random.Generator, n_docs: int) -> list[dict[int, int]]:
    """Counts with rare and very frequent keys, ties, and some that no byte holds."""
    shares = rng.random(N_KEYS) ** 3
    shares[0] = 1.0
    largest = rng.choice([2, 30, 254, 100_000])
    out = []
    for _ in range(n_docs):
        present = np.flatnonzero(rng.random(N_KEYS) < shares)
        out.append({int(key): int(1 + rng.integers(0, largest) * (rng.random() < 0.5)) for key in present})
    return out


def built(counts: list[dict[int, int]], doc_values: NDArray[Any], *, log: bool) -> Inverted:
    builder = LegBuilder(log=log)
    half = len(counts) // 2
    for part, values in ((counts[:half], doc_values[:half]), (counts[half:], doc_values[half:])):
        builder.append(
            Rows(
                np.cumsum([0, *map(len, part)]).astype(np.int64),
                np.array([key for row in part for key in row], np.uint32),
                np.array([count for row in part for count in row.values()], np.uint32),
                values,
            )
        )
    return builder.finish([f"{key:02}".encode() for key in range(N_KEYS)])


def searched(
    part: Inverted,
    queries: list[list[tuple[int, float]]],
    values: NDArray[np.float32],
    dead: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    k: int,
    *,
    log: bool,
) -> list[list[tuple[int, float]]]:
    places = np.arange(N_KEYS)
    n = len(queries)
    docs, scores, found = np.zeros((n, k), np.uint16), np.zeros((n, k), np.float32), np.zeros(n, np.int64)
    nothing = np.empty((0, 256), np.float32)
    search_lists(
        np.cumsum([0, *map(len, queries)]).astype(np.int64),
        np.array([key for query in queries for key, _ in query], np.int64),
        np.array([weight for query in queries for _, weight in query], np.float32),
        places,
        part.row_of(places),
        part.starts,
        part.docs,
        part.codes,
        part.rows,
        part.row_values if log else nothing,
        part.row_steps if log else nothing[:, 0],
        part.row_errors if log else nothing[:, 0],
        part.exceptions.keys,
        part.exceptions.docs,
        part.exceptions.counts,
        not log,
        values,
        log_table(),
        dead,
        ranks,
        floors,
        docs,
        scores,
        found,
    )
    return [list(zip(d[:m].tolist(), s[:m].tolist(), strict=True)) for d, s, m in zip(docs, scores, found, strict=True)]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_every_path_gives_the_reference_to_the_last_bit(seed: int, log: bool, negative: bool) -> None:
    rng = np.random.default_rng(seed)
    n_docs = int(rng.integers(1, 400))
    counts = random_counts(rng, n_docs)
    ranks = rng.permutation(n_docs).astype(np.uint16)
    dead = np.flatnonzero(rng.random(n_docs) < rng.choice([0, 0.3])).astype(np.uint16)
    stored = (rng.random(n_docs).astype(np.float32) + 0.01) if log else rng.integers(0, 50, n_docs).astype(np.uint32)
    values = stored.astype(np.float32) if log else np.maximum(stored * 0.1, 1e-30).astype(np.float32)
    part = built(counts, stored, log=log)
    assert len(part.row_places) or n_docs < 8 or log

    queries = []
    for _ in range(3):
        # Any order: lists may come after rows, as in a segment whose frequent terms are rare elsewhere.
        keys = rng.permutation(N_KEYS)[: rng.integers(0, N_KEYS)]
        weights = np.round(rng.random(len(keys)) + 0.1, 1) * np.where(negative & (rng.random(len(keys)) < 0.3), -1, 1)
        queries.append(list(zip(keys.tolist(), weights.tolist(), strict=True)))
    k = int(rng.choice([1, 3, 10, n_docs, n_docs + 5]))
    floors = np.zeros(3, np.float32)
    got = searched(part, queries, values, dead, ranks, floors, k, log=log)
    for query, hits in zip(queries, got, strict=True):
        lists = [({d: row[key] for d, row in enumerate(counts) if key in row}, weight) for key, weight in query]
        scores = reference.score_lists(lists, values, ratio=not log)
        scores[dead] = 0
        assert hits == reference.top_k(scores, ranks, k)

    floored = np.array([hits[len(hits) // 2][1] if hits else 1.0 for hits in got], np.float32)
    again = searched(part, queries, values, dead, ranks, floored, k, log=log)
    for floor, hits, above in zip(floored.tolist(), got, again, strict=True):
        assert above == [hit for hit in hits if hit[1] >= floor]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_packing_loses_nothing(seed: int, log: bool) -> None:
    rng = np.random.default_rng(seed)
    counts = random_counts(rng, int(rng.integers(1, 60)))
    values = np.ones(len(counts), np.float32 if log else np.uint32)
    part = built(counts, values, log=log)
    again = Inverted.from_arrays(part.arrays())
    starts, docs, codes = again.unpacked()
    large = {
        (k, d): c
        for k, d, c in zip(
            part.exceptions.keys.tolist(), part.exceptions.docs.tolist(), part.exceptions.counts.tolist(), strict=True
        )
    }
    got = [
        [(d, large.get((key, d), c)) for d, c in zip(docs[a:b].tolist(), codes[a:b].tolist(), strict=True)]
        for key, (a, b) in enumerate(itertools.pairwise(starts))
    ]
    assert got == reference.invert(counts, N_KEYS)
    assert part.frequencies.tolist() == [len(one) for one in got]


def test_a_row_estimate_is_never_further_off_than_it_says() -> None:
    rng = np.random.default_rng(0)
    counts = [{0: int(c)} for c in rng.integers(1, 9, 2_000) ** 2]
    part = built(counts, np.ones(2_000, np.float32), log=True)
    assert len(part.row_places) == 1
    level = part.rows[0].astype(np.float64)
    estimate = part.row_steps[0] * level
    exact = np.log1p(np.array([row[0] for row in counts]))
    assert np.abs(estimate - exact).max() <= part.row_errors[0] * (1 + 1e-5)


def test_counts_too_many_for_good_levels_stay_a_list() -> None:
    counts = [{0: int(c)} for c in np.random.default_rng(0).integers(1, 255, 2_000)]
    part = built(counts, np.ones(2_000, np.float32), log=True)
    assert len(part.row_places) == 0
    assert len(part.docs) == 2_000


def test_k_of_zero_finds_nothing() -> None:
    part = built([{0: 1}], np.ones(1, np.uint32), log=False)
    one = np.ones(1, np.float32)
    nothing = np.empty(0, np.uint16)
    hits = searched(part, [[(0, 1.0)]], one, nothing, np.zeros(1, np.uint16), np.zeros(1, np.float32), 0, log=False)
    assert hits == [[]]
