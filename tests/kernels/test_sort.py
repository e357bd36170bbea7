"""Sorting as kernels do it, against Python's."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.kernels import reference, sort
from numen.kernels.sort import sorted_numbers


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 3_000), st.sampled_from([2, 50, 10**6]))
def test_numbers_in_order(seed: int, n: int, highest: int) -> None:
    rng = np.random.default_rng(seed)
    for keys in (
        rng.integers(-highest, highest, n),
        rng.integers(0, highest, n).astype(np.uint32),
        np.sort(rng.integers(0, highest, n)),
        np.sort(rng.integers(0, highest, n))[::-1].copy(),
    ):
        before = keys.tolist()
        got, order = sorted_numbers(keys)
        assert got.tolist() == reference.sorted_numbers(before)
        assert keys[order].tolist() == got.tolist()
        assert sorted(order.tolist()) == list(range(n))
        assert keys.tolist() == before


def test_long_runs_of_any_shape() -> None:
    n = 100_000
    for keys in (np.zeros(n, np.int64), np.arange(n), np.arange(n)[::-1].copy(), np.arange(n) % 7):
        assert (sorted_numbers(keys)[0] == np.sort(keys)).all()


@pytest.mark.parametrize("path", sorted(Path(sort.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_no_kernel_sorts_by_numba(path: Path) -> None:
    if path.name.startswith("reference"):
        return
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [call.attr for call in calls if isinstance(call, ast.Attribute)]
    assert {"sort", "argsort", "unique", "partition", "median"}.isdisjoint(names)
