"""Hits of several segments come together as sorting them does."""

from __future__ import annotations

import numpy as np
import pytest

from numen.kernels import reference
from numen.kernels.hits import order_hits
from numen.kernels.part import PLACES, Part


@pytest.mark.parametrize("seed", range(20))
def test_hits_are_in_the_order_of_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_segments, n_queries, k = int(rng.integers(0, 5)), int(rng.integers(1, 4)), int(rng.integers(0, 12))
    found = rng.integers(0, k + 1, (n_segments, n_queries))
    ranks = [rng.permutation(40).astype(np.uint16) for _ in range(n_segments)]
    table = np.zeros((n_segments, 3 * len(Part._fields)), np.int64)
    for row, one in zip(table, ranks, strict=True):
        row[3 * PLACES["ranks"] : 3 * PLACES["ranks"] + 2] = one.__array_interface__["data"][0], len(one)
    docs = np.array([[rng.permutation(40)[:k] for _ in range(n_queries)] for _ in range(n_segments)], np.uint16)
    docs = docs.reshape(n_segments, n_queries, k)
    scores = (rng.integers(1, 6, (n_segments, n_queries, k)) / 4).astype(np.float32)
    floors = (rng.integers(0, 4, n_queries) / 4).astype(np.float32)
    starts, segments, found_docs, found_scores = order_hits(table, found, docs, scores, floors)
    hits = [
        [list(zip(docs[s, q, :n].tolist(), scores[s, q, :n].tolist(), strict=True)) for q, n in enumerate(row)]
        for s, row in enumerate(found.tolist())
    ]
    expected = reference.order_hits(hits, floors.tolist(), [one.tolist() for one in ranks])
    assert starts.tolist() == np.cumsum([0, *map(len, expected)]).tolist()
    got = list(zip(segments.tolist(), found_docs.tolist(), found_scores.tolist(), strict=True))
    assert got == [hit for one in expected for hit in one]
