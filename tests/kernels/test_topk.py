"""The k best of an array, ties by rank, against a plain sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.kernels import reference
from numen.kernels.topk import threshold, top_k


def check(scores: list[float], seed: int, k: int) -> None:
    array = np.array(scores, np.float32)
    ranks = np.random.default_rng(seed).permutation(len(array)).astype(np.uint16)
    docs, found = top_k(array, ranks, k)
    assert list(zip(docs.tolist(), found.tolist(), strict=True)) == reference.top_k(array, ranks, k)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 1e-38, 3e38]), max_size=300),
    st.integers(0, 9),
    st.integers(0, 310),
)
def test_few_different_scores_tie_by_rank(scores: list[float], seed: int, k: int) -> None:
    check(scores, seed, k)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5_000), st.integers(0, 300))
def test_many_scores(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random(n) < rng.random(), 0, np.round(rng.normal(size=n), int(rng.integers(1, 4))))
    check(scores.tolist(), seed, k)


@pytest.mark.parametrize("n", [65_535, 65_536])
def test_a_full_segment(n: int) -> None:
    check(np.round(np.random.default_rng(n).random(n), 4).tolist(), 1, 100)


@pytest.mark.parametrize("kind", [np.int32, np.uint16])
@pytest.mark.parametrize("k", [1, 10, 25, 100, 300])
def test_the_threshold_is_the_kth_largest(kind: type[np.generic], k: int) -> None:
    rng = np.random.default_rng(k)
    for highest in (2, 60_000):
        maxima = rng.integers(0, highest, 300).astype(kind)
        assert threshold(maxima, k) == max(1, np.sort(maxima)[::-1][k - 1])
    assert threshold(np.zeros(300, kind), k) == 1
    assert threshold(np.zeros(10, kind), 300) == 1
