"""Few documents scored one by one, against the plain version and against all scored at once, bit for bit."""

from __future__ import annotations

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
from numen.kernels.few import score_documents
from numen.kernels.score import search_lists

N_KEYS = 10


@pytest.fixture(autouse=True)
def rows_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted_module, "ROW_MINIMUM", 8)


def built(counts: list[dict[int, int]], doc_values: NDArray[Any], *, log: bool) -> Inverted:
    builder = LegBuilder(log=log)
    builder.append(
        Rows(
            np.cumsum([0, *map(len, counts)]).astype(np.int64),
            np.array([key for row in counts for key in row], np.uint32),
            np.array([count for row in counts for count in row.values()], np.uint32),
            doc_values,
        )
    )
    return builder.finish([f"{key:02}".encode() for key in range(N_KEYS)])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_few_documents_score_as_all_do(seed: int, log: bool) -> None:
    rng = np.random.default_rng(seed)
    n_docs = int(rng.integers(1, 300))
    shares = np.append(rng.random(N_KEYS - 1) ** 3, 1.0)
    largest = rng.choice([2, 30, 254, 100_000])
    counts = [
        {
            int(key): int(1 + rng.integers(0, largest) * (rng.random() < 0.5))
            for key in np.flatnonzero(rng.random(N_KEYS) < shares)
        }
        for _ in range(n_docs)
    ]
    stored = (rng.random(n_docs).astype(np.float32) + 0.01) if log else rng.integers(0, 50, n_docs).astype(np.uint32)
    values = stored.astype(np.float32) if log else np.maximum(stored * 0.1, 1e-30).astype(np.float32)
    part = built(counts, stored, log=log)
    queries = []
    for _ in range(3):
        keys = rng.permutation(N_KEYS)[: rng.integers(0, N_KEYS)]
        weights = np.round(rng.random(len(keys)) + 0.1, 1) * np.where(rng.random(len(keys)) < 0.2, -1, 1)
        queries.append(list(zip(keys.tolist(), weights.tolist(), strict=True)))
    kept = np.flatnonzero(rng.random(n_docs) < rng.choice([0.01, 0.1, 0.6, 1.0])).astype(np.uint16)
    left_out = np.delete(np.arange(n_docs), kept).astype(np.uint16)
    ranks = rng.permutation(n_docs).astype(np.uint16)
    k = int(rng.choice([0, 1, 3, n_docs + 5]))
    places = np.arange(N_KEYS)
    query = (
        np.cumsum([0, *map(len, queries)]).astype(np.int64),
        np.array([key for one in queries for key, _ in one], np.int64),
        np.array([weight for one in queries for _, weight in one], np.float32),
    )
    nothing = np.empty((0, 256), np.float32)
    lists = (places, part.row_of(places), part.starts, part.docs, part.codes, part.rows)
    lists += (part.row_values if log else nothing,)  # type: ignore[assignment]
    errors = (part.row_steps, part.row_errors) if log else (nothing[:, 0], nothing[:, 0])
    exceptions = (part.exceptions.keys, part.exceptions.docs, part.exceptions.counts)
    last = (not log, values, log_table())

    def answer(kernel: Any, documents: NDArray[np.uint16], *more: Any, floors: NDArray[np.float32]) -> Any:
        docs, scores, found = np.zeros((3, k), np.uint16), np.zeros((3, k), np.float32), np.zeros(3, np.int64)
        kernel(*query, *lists, *more, *exceptions, *last, documents, ranks, floors, docs, scores, found)
        return [
            list(zip(d[:m].tolist(), s[:m].tolist(), strict=True)) for d, s, m in zip(docs, scores, found, strict=True)
        ]

    floors = np.zeros(3, np.float32)
    got = answer(score_documents, kept, floors=floors)
    assert got == answer(search_lists, left_out, *errors, floors=floors)
    for one, hits in zip(queries, got, strict=True):
        terms = [({d: row[key] for d, row in enumerate(counts) if key in row}, weight) for key, weight in one]
        plain = reference.score_documents(terms, values, kept.tolist(), ratio=not log)
        everything = reference.score_lists(terms, values, ratio=not log)
        assert (plain == everything[kept]).all()
        best = reference.top_k(plain, ranks[kept], k)
        assert hits == [(int(kept[place]), score) for place, score in best]
    floors = np.array([hits[len(hits) // 2][1] if hits else 1.0 for hits in got], np.float32)
    again = answer(score_documents, kept, floors=floors)
    assert again == [[hit for hit in hits if hit[1] >= floor] for hits, floor in zip(got, floors.tolist(), strict=True)]
