"""Classes of keys scored by the kernel, against every document in plain numpy, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from numen.index import packing as packing_module
from numen.index.build import LegBuilder
from numen.index.packing import pack
from numen.index.rows import Rows
from numen.kernels import reference_auto as reference
from numen.kernels.classes import search_classes

N_KEYS = 12


@pytest.mark.parametrize("seed", range(20))
def test_classes_to_the_last_bit(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing_module, "MINIMUM", 8)
    monkeypatch.setattr(packing_module, "LONG_MINIMUM", 4)
    rng = np.random.default_rng(seed)
    n_docs = int(rng.integers(1, 600))
    shares = rng.random(N_KEYS) ** 3
    shares[0] = 1.0
    largest = int(rng.choice([2, 30, 100_000]))
    held = [
        {int(key): int(1 + rng.integers(0, largest)) for key in np.flatnonzero(rng.random(N_KEYS) < shares)}
        for _ in range(n_docs)
    ]
    builder = LegBuilder("ratio")
    builder.append(
        Rows(
            np.cumsum([0, *map(len, held)]).astype(np.int64),
            np.array([key for row in held for key in row], np.uint32),
            np.array([count for row in held for count in row.values()], np.uint32),
            np.array([sum(row.values()) for row in held], np.uint32),
        )
    )
    part = pack(builder.finish([f"{key:02}".encode() for key in range(N_KEYS)]))
    places = {int(key): i for i, key in enumerate(part.keys.terms())}  # type: ignore[union-attr]
    saturations = rng.random(n_docs).astype(np.float32) + np.float32(0.5)
    # One pair of the first segment document in three, as key N_KEYS.
    paired = np.arange(0, n_docs, 3)
    held = [{**row, N_KEYS: 2} if doc % 3 == 0 else row for doc, row in enumerate(held)]
    queries = [
        [
            (
                float(np.float32(rng.random())),
                [(int(key), 1.0 if len(keys) == 1 else float(np.float32(rng.random()))) for key in keys],
            )
            for keys in (rng.permutation(N_KEYS + 1)[: int(rng.integers(1, 6))] for _ in range(int(rng.integers(0, 5))))
        ]
        for _ in range(5)
    ]
    terms = [term for query in queries for term in query]
    members = [(key, weight) for _, of_term in terms for key, weight in of_term]
    dead = np.flatnonzero(rng.random(n_docs) < 0.2).astype(np.uint16)
    ranks = rng.permutation(n_docs).astype(np.uint16)
    before = rng.random((5, n_docs)).astype(np.float32) if seed % 2 else np.zeros((5, n_docs), np.float32)
    summed = before.copy()
    k = int(rng.choice([1, 10, 1_000]))
    k = min(k, n_docs)
    docs, scores, found = np.zeros((5, k), np.uint16), np.zeros((5, k), np.float32), np.zeros(5, np.int64)
    tops = np.zeros((5, k), np.float32)
    search_classes(
        np.cumsum([0, *map(len, queries)]).astype(np.int64),
        np.cumsum([0, *(len(of_term) for _, of_term in terms)]).astype(np.int64),
        np.array([weight for weight, _ in terms], np.float32),
        np.array([-1 if key == N_KEYS else key for key, _ in members], np.int64),
        np.array([weight for _, weight in members], np.float32),
        np.array([places.get(key, -1) for key in range(N_KEYS)], np.int64),
        np.array([0, len(paired)], np.int64),
        paired.astype(np.uint16),
        np.full(len(paired), 2, np.float32),
        *part.lists[:7],
        part.row_of,
        part.rows,
        part.exceptions.keys,
        part.exceptions.docs,
        part.exceptions.counts,
        saturations,
        dead,
        ranks,
        summed,
        tops,
        docs,
        scores,
        found,
    )
    for q, query in enumerate(queries):
        expected = reference.search_classes(query, held, saturations, before[q])
        expected[dead] = 0
        assert summed[q].tolist() == expected.tolist()
        order = np.lexsort((ranks, -expected))[:k]
        order = order[expected[order] > 0]
        assert docs[q, : found[q]].tolist() == order.tolist()
        assert scores[q, : found[q]].tolist() == expected[order].tolist()
