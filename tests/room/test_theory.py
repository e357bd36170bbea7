"""Bounds: the published figures, and formulas against what is counted or computed another way."""

from __future__ import annotations

from itertools import combinations
from math import comb, inf, log

import numpy as np
import pytest

from numen.errors import InputError
from numen.room.curse import documents_at, log_cap, outranked, similarity_for, simulate
from numen.room.margin import log_choose, margin_at, margin_dimensions
from numen.room.projection import boolean_dimensions, pair_dimensions, recall_dimensions
from numen.room.signrank import sign_rank


@pytest.mark.parametrize(
    ("documents", "k", "dimensions"),
    [(10**3, 2, 6), (10**6, 2, 12), (10**10, 2, 19), (10**6, 100, 425), (10**6, 1_000, 3_296)],
)
def test_the_margin_bound_is_the_published_one(documents: int, k: int, dimensions: int) -> None:
    assert margin_dimensions(documents, k, 0.1) == dimensions


def test_a_margin_and_its_dimensions_belong_together() -> None:
    assert log_choose(50, 3) == pytest.approx(log(comb(50, 3)))
    gamma = margin_at(10_000, 2, 8)
    assert margin_dimensions(10_000, 2, gamma * 0.999) <= 8 < margin_dimensions(10_000, 2, gamma * 1.2)


@pytest.mark.parametrize("gamma", [0, 1, -0.5])
def test_a_gamma_that_is_none(gamma: float) -> None:
    with pytest.raises(InputError, match="gamma is"):
        margin_dimensions(100, 2, gamma)


def test_k_beyond_the_documents() -> None:
    with pytest.raises(InputError, match="k is 11 and there are 10 documents"):
        margin_dimensions(10, 11, 0.1)


@pytest.mark.parametrize("dim", [2, 3, 16, 384])
@pytest.mark.parametrize("cosine", [-0.4, 0.0, 0.05, 0.3, 0.9])
def test_a_cap_is_its_integral(dim: int, cosine: float) -> None:
    angles = np.linspace(0, np.pi, 400_001)
    density = np.sin(angles) ** (dim - 2)
    share = density[angles <= np.arccos(cosine)].sum() / density.sum()
    assert np.exp(log_cap(cosine, dim)) == pytest.approx(share, rel=2e-4, abs=1e-12)


def test_simulated_noise_outranks_as_often_as_the_formula_says() -> None:
    trials = 400
    for dim, cosine in ((16, 0.7), (64, 0.4), (256, 0.2)):
        largest = simulate(dim, (100, 1_000), trials, seed=5)
        assert (largest[:, 1] >= largest[:, 0]).all()
        for at, size in enumerate((100, 1_000)):
            chance = outranked(cosine, dim, size)
            seen = (largest[:, at] > cosine).mean()
            assert abs(seen - chance) < 4 * (chance * (1 - chance) / trials) ** 0.5 + 1e-9


def test_simulated_cosines_are_those_of_whole_vectors() -> None:
    vectors = np.random.default_rng(1).standard_normal((200_000, 8))
    cosines = vectors[:, 0] / np.linalg.norm(vectors, axis=1)
    assert (cosines > 0.5).mean() == pytest.approx(np.exp(log_cap(0.5, 8)), rel=0.03)


def test_answers_and_sizes_invert_each_other() -> None:
    cosine = similarity_for(64, 10_000)
    assert outranked(cosine, 64, 10_000) == pytest.approx(0.5, abs=1e-6)
    assert documents_at(cosine, 64) == pytest.approx(10_000, rel=1e-3)
    assert documents_at(1.0, 64) == inf
    assert outranked(1.0, 64, 10) == 0.0


@pytest.mark.parametrize(("cosine", "dim"), [(1.5, 8), (0.5, 1)])
def test_caps_that_are_none(cosine: float, dim: int) -> None:
    with pytest.raises(InputError):
        log_cap(cosine, dim)


def test_sizes_out_of_order_are_named() -> None:
    with pytest.raises(InputError, match="that rise"):
        simulate(8, (100, 10), 1)


def test_projections_need_what_the_paper_says() -> None:
    rate = 0.1**2 / 2 - 0.1**3 / 3
    assert pair_dimensions(0.1) == int(np.ceil(2 / rate * log(80)))
    assert 2 / 1 * log(80) == pytest.approx(8.76, abs=0.01)  # the constant that the paper prints for beta = .05
    assert recall_dimensions(0.1, 1_000) > pair_dimensions(0.1)
    assert recall_dimensions(0.1, 1_000, rank=100) < recall_dimensions(0.1, 1_000)
    assert boolean_dimensions(3, 100) == pytest.approx(2 * boolean_dimensions(3, 50), abs=1)
    with pytest.raises(InputError, match="epsilon is 0"):
        pair_dimensions(0)
    with pytest.raises(InputError, match="rank is 11"):
        recall_dimensions(0.1, 10, rank=11)


def test_a_gaussian_projection_of_so_many_dimensions_keeps_the_order() -> None:
    random = np.random.default_rng(0)
    query, answer, other = (np.array(v, float) for v in ([1, 0, 0], [0.6, 0.8, 0], [0.3, 0, 0.95]))
    epsilon = query @ (answer - other) / np.linalg.norm(answer - other)
    dim = pair_dimensions(epsilon)
    kept = [
        (matrix @ query) @ (matrix @ (answer - other)) > 0
        for matrix in (random.standard_normal((dim, 3)) for _ in range(300))
    ]
    assert np.mean(kept) >= 0.95


def test_sign_rank_of_pairs_and_of_rings() -> None:
    dense = sign_rank(list(combinations(range(12), 2)))
    assert (dense.lower, dense.upper) == (2, 5)
    assert dense.upper == 2 * dense.largest + 1
    disjoint = sign_rank([(2 * i, 2 * i + 1) for i in range(30)])
    assert (disjoint.lower, disjoint.upper) == (2, 3)
    with pytest.raises(InputError, match="at least one relevant"):
        sign_rank([(1, 2), ()])


def test_sign_rank_finds_what_is_shattered() -> None:
    every = [some for size in range(1, 4) for some in combinations(range(3), size)]
    found = sign_rank([*every, (5,)])  # (5,) leaves out all three: the empty subset
    assert found.lower == 3
