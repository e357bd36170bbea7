"""Kernels over codes against plain numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.index.flat import Flat
from numen.kernels import reference_codes
from numen.kernels.bits import nearest_bits
from numen.kernels.maxsim import maxsim, maxsim_about
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


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 3), st.lists(st.integers(0, 5), max_size=6))
@settings(deadline=None, max_examples=40)
def test_maxsim(seed: int, n_query: int, fours: int, lengths: list[int]) -> None:
    rng = np.random.default_rng(seed)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    query = rng.standard_normal((4 * fours, n_query)).astype(np.float32)
    rows = rng.standard_normal((int(starts[-1]), 4 * fours)).astype(np.float32)
    out = np.empty(len(lengths), np.float32)
    maxsim(query, rows, starts, out)
    assert (out == reference_codes.maxsim(query, rows, starts)).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 30), st.lists(st.integers(1, 70), max_size=4))
@settings(deadline=None, max_examples=40)
def test_about_maxsim(seed: int, n_query: int, dim: int, lengths: list[int]) -> None:
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    docs = rng.permutation(len(lengths)).astype(np.int64)
    query = np.zeros((-(-n_query // 4) * 4, dim), np.float32)
    query[:n_query] = rng.standard_normal((n_query, dim))
    rows = rng.standard_normal((int(starts[-1]), dim)).astype(np.float32)
    out = np.empty(len(docs), np.float32)
    for precision in ("float32", "float16", "8bit"):
        flat = Flat.of(rows, precision)
        maxsim_about(query, n_query, flat.rows, flat.halves, flat.codes, flat.scales, starts, docs, out)
        kept = flat.matrix(np.arange(len(rows)))
        exact = [
            reference_codes.maxsim(query[:n_query].T, kept[starts[d] : starts[d + 1]], np.array([0, lengths[d]]))
            for d in docs
        ]
        np.testing.assert_allclose(out, np.concatenate([*exact, np.empty(0)]), rtol=1e-4, atol=1e-4)
