"""Kernels over codes against plain numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.kernels import reference_codes
from numen.kernels.bits import nearest_bits
from numen.kernels.tables import sum_tables


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 40), st.integers(0, 45))
@settings(deadline=None, max_examples=40)
def test_nearest_bits(seed: int, words: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    documents = rng.integers(0, 4, (n, words)).astype(np.uint64) * np.uint64(0x8000000000000001)
    queries = rng.integers(0, 1 << 63, (2, words), np.uint64)
    k = min(k, n)
    places, distances = np.empty((2, k), np.int64), np.empty((2, k), np.int32)
    nearest_bits(queries, documents, places, distances)
    wanted = reference_codes.nearest_bits(queries, documents, k)
    assert (places == wanted[0]).all()
    assert (distances == wanted[1]).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(0, 40))
@settings(deadline=None, max_examples=40)
def test_sum_tables(seed: int, blocks: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.standard_normal((blocks, 256)).astype(np.float32)
    codes = rng.integers(0, 256, (n, blocks)).astype(np.uint8)
    out = np.empty(n, np.float32)
    sum_tables(tables, codes, out)
    assert (out == reference_codes.sum_tables(tables, codes)).all()
