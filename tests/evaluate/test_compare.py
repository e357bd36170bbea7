"""Comparison of two runs: the randomisation test against exact enumeration, and queries won and lost."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.errors import InputError
from numen.evaluate.compare import Comparison, compare, randomisation_p
from numen.evaluate.measure import Measured


def _exact(differences: list[float]) -> float:
    """The share of all 2^n sign patterns whose sum is at least as far from 0 as the one seen."""
    seen = abs(sum(differences)) - 1e-9
    signs = list(product((-1, 1), repeat=len(differences)))
    return sum(abs(sum(s * d for s, d in zip(pattern, differences, strict=True))) >= seen for pattern in signs) / len(
        signs
    )


def _measured(**values: dict[str, float]) -> Measured:
    return Measured({name: sum(v.values()) / len(v) for name, v in values.items()}, values)


@given(st.lists(st.sampled_from([-1.0, -0.5, -1 / 3, 0.0, 0.1, 0.2, 0.3, 1.0]), min_size=1, max_size=9))
@settings(max_examples=40, deadline=None)
def test_the_p_value_is_near_that_of_all_sign_patterns(differences: list[float]) -> None:
    assert randomisation_p(np.array(differences), seed=1, permutations=20_000) == pytest.approx(
        _exact(differences), abs=0.02
    )


def test_sums_that_differ_by_rounding_only_are_equal() -> None:
    # 0.1 + 0.2 - 0.3 is not 0.0 in floating point: without a tolerance, half of the equal patterns are lost
    assert randomisation_p(np.array([0.1, 0.2, -0.3]), permutations=1000) == 1.0


def test_no_difference_is_no_evidence() -> None:
    assert randomisation_p(np.zeros(50)) == 1.0
    assert randomisation_p(np.zeros(0)) == 1.0


def test_the_smallest_p_value_is_one_over_the_sample_and_one() -> None:
    assert randomisation_p(np.ones(60), permutations=99) == 1 / 100


def test_the_same_seed_gives_the_same_p_value_and_another_a_near_one() -> None:
    differences = np.random.default_rng(3).normal(0.02, 0.2, 300)
    p = [randomisation_p(differences, seed) for seed in (0, 0, 1)]
    assert p[0] == p[1] != p[2]
    assert p[0] == pytest.approx(p[2], abs=0.03)


def test_many_queries_are_sampled_in_parts() -> None:
    differences = np.random.default_rng(3).normal(0.001, 0.1, 100_000)
    assert 0 < randomisation_p(differences, permutations=100) <= 1


def test_queries_are_won_lost_and_tied_from_the_side_of_b() -> None:
    a = _measured(RR={"1": 0.0, "2": 1.0, "3": 0.5, "4": 0.0})
    b = _measured(RR={"4": 1.0, "3": 0.5, "2": 0.5, "1": 1.0})
    (result,) = compare(a, b, permutations=20_000)
    assert result == Comparison("RR", 0.375, 0.75, 0.375, won=2, lost=1, tied=1, p=result.p)
    assert result.p == pytest.approx(_exact([1.0, -0.5, 0.0, 1.0]), abs=0.02)
    (other,) = compare(b, a, permutations=20_000)
    assert (other.won, other.lost, other.difference) == (1, 2, -0.375)
    assert other.p == pytest.approx(result.p, abs=0.02)


def test_each_measure_is_tested_as_if_it_stood_alone() -> None:
    random = np.random.default_rng(5)
    values = {name: {str(i): float(v) for i, v in enumerate(random.random(40))} for name in ("A", "B", "C", "D")}
    a, b = _measured(X=values["A"], Y=values["B"]), _measured(Y=values["D"], X=values["C"])
    both = compare(a, b)
    assert [result.measure for result in both] == ["X", "Y"]
    assert both[1:] == compare(_measured(Y=values["B"]), _measured(Y=values["D"]))


def test_runs_over_different_queries_cannot_be_compared() -> None:
    with pytest.raises(InputError, match=r"2 and 1, of which 1 are in both"):
        compare(_measured(RR={"1": 0.0, "2": 1.0}), _measured(RR={"1": 0.0}))


def test_runs_without_a_common_measure_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="no measure in common"):
        compare(_measured(RR={"1": 0.0}), _measured(AP={"1": 0.0}))


def test_a_sample_of_none_is_an_error() -> None:
    with pytest.raises(InputError, match="at least 1"):
        randomisation_p(np.ones(3), permutations=0)
