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
from numen.index import packing as packing_module
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.packing import pack, unpack
from numen.index.rows import Form, Rows
from numen.kernels import reference
from numen.kernels.codes import BOUND_BLOCK
from numen.kernels.few import search_few
from numen.kernels.logarithm import search_logs
from numen.kernels.part import row_with
from numen.kernels.product import search_products
from numen.kernels.ratio import search_ratios
from numen.kernels.scaled import search_scaled
from numen.search.snapshot import FORMS

N_KEYS = 12
SEARCHES: dict[str, Any] = {"ratio": search_ratios, "log": search_logs, "scaled": search_scaled}
FORM_NAMES: tuple[Form, ...] = ("ratio", "log", "product", "scaled")


@pytest.fixture(autouse=True)
def everything_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing_module, "MINIMUM", 8)
    monkeypatch.setattr(packing_module, "LONG_MINIMUM", 4)
    monkeypatch.setattr(inverted_module, "BOUND_MINIMUM", 8)
    monkeypatch.setattr(inverted_module, "BOUND_SHARE", 8)


def random_counts(rng: np.random.Generator, n_docs: int, form: Form) -> list[dict[int, float]]:
    """Counts with rare and very frequent keys, ties, and some that no byte holds; or weights."""
    shares = rng.random(N_KEYS) ** 3
    shares[0] = 1.0 if form in ("ratio", "log") else 0.4
    largest = rng.choice([2, 30, 254, 100_000])
    out: list[dict[int, float]] = []
    for _ in range(n_docs):
        present = np.flatnonzero(rng.random(N_KEYS) < shares)
        if form in ("ratio", "log"):
            out.append({int(key): int(1 + rng.integers(0, largest) * (rng.random() < 0.5)) for key in present})
        else:
            out.append({int(key): float(np.float32(np.round(rng.gamma(1.0), 2) + 0.01)) for key in present})
    return out


def built(counts: list[dict[int, float]], doc_values: NDArray[Any], form: Form) -> Inverted:
    builder = LegBuilder(form)
    dtype: Any = np.uint32 if form in ("ratio", "log") else np.float32
    half = len(counts) // 2
    for part, values in ((counts[:half], doc_values[:half]), (counts[half:], doc_values[half:])):
        builder.append(
            Rows(
                np.cumsum([0, *map(len, part)]).astype(np.int64),
                np.array([key for row in part for key in row], np.uint32),
                np.array([count for row in part for count in row.values()], dtype),
                values,
            )
        )
    return pack(builder.finish([f"{key:02}".encode() for key in range(N_KEYS)]))


def rounded(counts: list[dict[int, float]]) -> list[dict[int, float]]:
    """The codes that stand for weights: each document's largest is 255."""
    out: list[dict[int, float]] = []
    for row in counts:
        scale = np.float32(max(row.values(), default=1)) / np.float32(255)
        out.append({key: float(np.clip(np.rint(np.float32(v) / scale), 1, 255)) for key, v in row.items()})
    return out


def searched(
    part: Inverted,
    queries: list[list[tuple[int, float]]],
    values: NDArray[np.float32],
    dead: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    floors: NDArray[np.float32],
    k: int,
    *,
    kept: NDArray[np.uint16] | None = None,
    width: int = 3,
) -> list[list[tuple[int, float]]]:
    n = len(queries)
    docs, scores = np.zeros((1, n, k), np.uint16), np.zeros((1, n, k), np.float32)
    found = np.zeros((1, n), np.int64)
    saturations = np.empty(0, np.float32)
    if part.form == "ratio":
        saturations = np.minimum.reduceat(values, np.arange(0, len(values), BOUND_BLOCK))
    starts = np.cumsum([0, *map(len, queries)]).astype(np.int64)
    terms = np.array([key for query in queries for key, _ in query], np.int64)
    weights = np.array([weight for query in queries for _, weight in query], np.float32)
    table = row_with(
        part.table_row,
        doc_values=values,
        saturations=saturations,
        dead=dead if kept is None else kept,
        ranks=ranks,
    )[None]
    query = (starts, terms, weights, np.arange(N_KEYS)[None], table)
    # A heap whose least is the floor; a full one for a floor above 0.
    out = (np.repeat(floors[:, None], max(k, 1), axis=1)[:, :k].copy(), docs, scores, found)
    if kept is not None:
        search_few(*query, FORMS[part.form], *out)
    elif part.form == "product":
        search_products(*query, 0.0, k + width, *out)
    else:
        SEARCHES[part.form](*query, *out)
    hits = [
        list(zip(d[:m].tolist(), s[:m].tolist(), strict=True))
        for d, s, m in zip(docs[0], scores[0], found[0], strict=True)
    ]
    return [sorted(one, key=lambda hit: (-hit[1], ranks[hit[0]])) for one in hits]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(FORM_NAMES), st.booleans())
def test_every_path_gives_the_reference_to_the_last_bit(seed: int, form: Form, negative: bool) -> None:
    rng = np.random.default_rng(seed)
    n_docs = int(rng.choice([1, 7, 100, 400, 2000])) + int(rng.integers(0, 30))
    counts = random_counts(rng, n_docs, form)
    ranks = rng.permutation(n_docs).astype(np.uint16)
    dead = np.flatnonzero(rng.random(n_docs) < rng.choice([0, 0.3])).astype(np.uint16)
    stored = (rng.random(n_docs).astype(np.float32) + 0.01) if form == "log" else rng.integers(0, 50, n_docs)
    part = built(counts, stored.astype(np.float32 if form == "log" else np.uint32), form)
    values = stored.astype(np.float32)
    if form == "ratio":
        values = np.maximum(stored * 0.1, 1e-30).astype(np.float32)
    elif form == "scaled":
        values, counts = part.doc_values.view(np.float32), rounded(counts)
    assert len(part.row_places) or n_docs < 8 or form != "ratio"

    queries = []
    for _ in range(3):
        # Any order: lists may come after rows, as in a segment whose frequent terms are rare elsewhere.
        keys = rng.permutation(N_KEYS)[: rng.integers(0, N_KEYS)]
        weights = np.round(rng.random(len(keys)) + 0.1, 1) * np.where(negative & (rng.random(len(keys)) < 0.3), -1, 1)
        queries.append(list(zip(keys.tolist(), weights.tolist(), strict=True)))
    k = int(rng.choice([1, 3, 10, n_docs, n_docs + 5]))
    floors = np.zeros(3, np.float32)
    got = searched(part, queries, values, dead, ranks, floors, k)
    all_scores = []
    for query, hits in zip(queries, got, strict=True):
        lists = [({d: row[key] for d, row in enumerate(counts) if key in row}, weight) for key, weight in query]
        scores = reference.score_lists(lists, values, form)
        all_scores.append(scores.copy())
        scores[dead] = 0
        assert hits == reference.top_k(scores, ranks, k)

    floored = np.array([hits[len(hits) // 2][1] if hits else 1.0 for hits in got], np.float32)
    again = searched(part, queries, values, dead, ranks, floored, k)
    for floor, hits, above in zip(floored.tolist(), got, again, strict=True):
        assert above == [hit for hit in hits if hit[1] >= floor]

    kept = np.flatnonzero(rng.random(n_docs) < 0.05).astype(np.uint16)
    few = searched(part, queries, values, dead, ranks, floors, k, kept=kept)
    for scores, hits in zip(all_scores, few, strict=True):
        assert hits == reference.top_k(np.where(np.isin(np.arange(n_docs), kept), scores, 0), ranks, k)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_that_a_batch_shares_change_no_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_docs = int(rng.integers(200, 1500))
    counts: list[dict[int, float]] = [
        {key: int(rng.integers(1, 9)) for key in range(N_KEYS) if rng.random() < (0.9 if key < 8 else 0.05)}
        for _ in range(n_docs)
    ]
    values = rng.random(n_docs).astype(np.float32) + np.float32(0.01)
    part = built(counts, values, "log")
    assert len(part.row_places) >= 6
    usual = {key: float(rng.integers(1, 4)) for key in range(8)}
    queries = []
    for _ in range(24):
        # Most ask for the same rows, each at a length of its own; some lack one or give one another weight.
        scale = np.float32(rng.random() + 0.5)
        weights = {key: weight for key, weight in usual.items() if rng.random() < 0.9}
        weights |= {int(key): 1.0 for key in rng.integers(8, N_KEYS, 2)}
        if rng.random() < 0.2:
            weights[0] = 7.5
        queries.append([(key, float(np.float32(weight) * scale)) for key, weight in sorted(weights.items())[::-1]])
    ranks = rng.permutation(n_docs).astype(np.uint16)
    nothing = np.empty(0, np.uint16)
    got = searched(part, queries, values, nothing, ranks, np.zeros(24, np.float32), 7)
    for query, hits in zip(queries, got, strict=True):
        lists = [({d: row[key] for d, row in enumerate(counts) if key in row}, weight) for key, weight in query]
        assert hits == reference.top_k(reference.score_lists(lists, values, "log"), ranks, 7)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(FORM_NAMES))
def test_packing_loses_nothing(seed: int, form: Form) -> None:
    rng = np.random.default_rng(seed)
    counts = random_counts(rng, int(rng.integers(1, 900)), form)
    values = np.ones(len(counts), np.float32 if form == "log" else np.uint32)
    part = built(counts, values, form)
    again = unpack(Inverted.from_arrays(part.arrays()))
    some = again.exceptions
    large = dict(zip(zip(some.keys.tolist(), some.docs.tolist(), strict=True), some.counts.tolist(), strict=True))
    got = [
        [(d, large.get((key, d), c)) for d, c in zip(again.docs[a:b].tolist(), again.values[a:b].tolist(), strict=True)]
        for key, (a, b) in enumerate(itertools.pairwise(again.starts))
    ]
    assert got == reference.invert(rounded(counts) if form == "scaled" else counts, N_KEYS)
    assert part.frequencies.tolist() == [len(one) for one in got]


def test_a_row_estimate_is_never_further_off_than_it_says() -> None:
    rng = np.random.default_rng(0)
    counts: list[dict[int, float]] = [{0: int(c)} for c in rng.integers(1, 9, 2_000) ** 2]
    part = built(counts, np.ones(2_000, np.float32), "log")
    assert len(part.row_places) == 1
    level = part.rows[0].astype(np.float64)
    estimate = part.row_steps[0] * level
    exact = np.log1p(np.array([row[0] for row in counts]))
    assert np.abs(estimate - exact).max() <= part.row_errors[0] * (1 + 1e-5)


def test_counts_too_many_for_good_levels_stay_a_list() -> None:
    counts: list[dict[int, float]] = [{0: int(c)} for c in np.random.default_rng(0).integers(1, 255, 2_000)]
    part = built(counts, np.ones(2_000, np.float32), "log")
    assert len(part.row_places) == 0
    assert part.frequencies[0] == 2_000


def test_k_of_zero_finds_nothing() -> None:
    part = built([{0: 1}], np.ones(1, np.uint32), "ratio")
    one = np.ones(1, np.float32)
    nothing = np.empty(0, np.uint16)
    hits = searched(part, [[(0, 1.0)]], one, nothing, np.zeros(1, np.uint16), np.zeros(1, np.float32), 0)
    assert hits == [[]]
