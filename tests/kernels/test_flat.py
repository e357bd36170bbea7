"""Dense search against plain numpy: the same documents, and the same scores to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index.flat import PRECISIONS, Flat
from numen.kernels import flat, reference, reference_codes


def scored(vectors: Flat, docs: int) -> NDArray[np.float32]:
    """float32 (n, dim): what a score is the product with; 8-bit codes are scaled after the sum."""
    return vectors.codes[:docs].astype(np.float32) if vectors.precision == "8bit" else vectors.matrix(np.arange(docs))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_a_product_is_that_of_the_reference_to_the_last_bit(dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = (rng.standard_normal((5, dim)) * 10.0 ** rng.integers(-6, 4, (5, 1))).astype(np.float32)
    query = rng.standard_normal(dim).astype(np.float32)
    for precision in PRECISIONS:
        part = Flat.of(rows, precision)
        got = flat.products(part.rows, part.halves, part.codes, part.scales, query, np.arange(5))
        plain = np.array([reference.product(row, query) for row in scored(part, 5)])
        expected = plain * part.scales if precision == "8bit" else plain
        np.testing.assert_array_equal(got, expected)


def test_float16_numbers_widen_to_what_they_are() -> None:
    bits = np.arange(1 << 16).astype(np.uint16)
    finite = bits[np.isfinite(bits.view(np.float16))]
    out = np.empty(len(finite), np.float32)
    flat.widen(finite, out)
    np.testing.assert_array_equal(out, finite.view(np.float16).astype(np.float32))
    table = finite.reshape(-1, 31)
    wide = np.empty(table.shape, np.float32)
    flat.widen_rows(table, wide)
    np.testing.assert_array_equal(wide, reference_codes.widen_rows(table))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("n_queries", [1, 2, 7])
@pytest.mark.parametrize("dim", [1, 65, 100])
def test_the_k_nearest_are_those_of_the_reference(precision: str, n_queries: int, dim: int) -> None:
    from numen.search.vector_leg import _Asked

    rng = np.random.default_rng(dim)
    n, k = 150, 9
    vectors = rng.standard_normal((n, dim)).astype(np.float32)
    vectors[rng.integers(0, n, 20)] = 0
    vectors[40:60] = vectors[:20]  # ties
    queries = rng.standard_normal((n_queries, dim)).astype(np.float32)
    part = Flat.of(vectors, precision)
    ranks = rng.permutation(n).astype(np.uint16)
    skip = (rng.random(n) < 0.2).astype(np.uint8)
    living = np.flatnonzero(skip == 0)
    asked = _Asked.of(queries, codes=len(part.codes) > 0)
    docs, scores = np.empty((n_queries, k), np.uint16), np.empty((n_queries, k), np.float32)
    found, floors = np.zeros(n_queries, np.int64), np.full(n_queries, -np.inf, np.float32)
    arrays = (part.rows, part.halves, part.codes, part.scales, part.norms)
    for few in (False, True):
        floors[:] = -np.inf
        results = (ranks, floors, docs, scores, found)
        if few:
            flat.search_flat_few(*arrays, asked.rows, n_queries, living.astype(np.uint16), *results)
        else:
            flat.search_flat(
                *arrays,
                part.residues,
                asked.rows,
                n_queries,
                asked.rounded,
                asked.steps,
                asked.slack,
                skip,
                *results,
            )
        for q in range(n_queries):
            got = list(zip(docs[q, : found[q]].tolist(), scores[q, : found[q]].tolist(), strict=True))
            table = scored(part, n)
            if precision == "8bit":
                scales = part.scales
                every = [(d, float(reference.product(table[d], queries[q]) * scales[d])) for d in living.tolist()]
                every = [(d, score) for d, score in every if table[d].any()]
                expected = sorted(every, key=lambda hit: (-hit[1], ranks[hit[0]]))[:k]
            else:
                expected = reference.search_flat(table, queries[q], living.tolist(), ranks.tolist(), k)
            assert got == expected
            assert floors[q] == np.float32(expected[-1][1])
