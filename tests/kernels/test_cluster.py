"""Documents as rows, and the seed that each is most like, against plain Python."""

from __future__ import annotations

import itertools
from typing import Any, TypeAlias

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.kernels import reference
from numen.kernels.cluster import nearest_seed, rows_of

N_KEYS = 9

Lists: TypeAlias = tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[Any]]


def random_lists(seed: int, n_docs: int, dtype: Any) -> tuple[NDArray[np.float32], Lists]:
    """(float32 (n_docs, N_KEYS) values, 0 where absent; the same as starts, docs, values)."""
    rng = np.random.default_rng(seed)
    present = rng.random((n_docs, N_KEYS)) < rng.choice([0.0, 0.1, 0.5, 1.0], N_KEYS)
    table = np.where(present, rng.integers(1, 256, (n_docs, N_KEYS)), 0).astype(np.float32)
    if dtype == np.float32:
        table /= np.float32(7)
    keys, docs = np.nonzero(table.T)
    starts = np.searchsorted(keys, np.arange(N_KEYS + 1)).astype(np.int64)
    return table, (starts, docs.astype(np.uint16), table[docs, keys].astype(dtype))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from([np.uint8, np.float32]))
def test_some_documents_as_rows(seed: int, n_docs: int, dtype: Any) -> None:
    _, lists = random_lists(seed, n_docs, dtype)
    rng = np.random.default_rng(seed)
    keys = np.flatnonzero(rng.random(N_KEYS) < 0.7)
    chosen = rng.permutation(n_docs)[: rng.integers(0, n_docs + 1)]  # rows in any order of documents
    number = np.full(n_docs, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    starts, row_keys, row_values = rows_of(*lists, keys, number, len(chosen))
    got = [
        list(zip(row_keys[a:b].tolist(), row_values[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)
    ]
    plain = [
        list(zip(lists[1][a:b].tolist(), lists[2][a:b].tolist(), strict=True)) for a, b in itertools.pairwise(lists[0])
    ]
    assert got == reference.rows_of(plain, keys.tolist(), chosen.tolist())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from([np.uint8, np.float32]))
def test_the_seed_a_document_is_most_like(seed: int, n_docs: int, dtype: Any) -> None:
    table, lists = random_lists(seed, n_docs, dtype)
    rng = np.random.default_rng(seed)
    keys = np.flatnonzero(rng.random(N_KEYS) < 0.7)
    weights = (rng.random(N_KEYS) * (rng.random(N_KEYS) < 0.8)).astype(np.float32)
    chosen = np.sort(rng.permutation(n_docs)[: rng.integers(1, n_docs + 1)])
    number = np.full(n_docs, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    got = nearest_seed(*lists, weights, *rows_of(*lists, keys, number, len(chosen)), n_docs)
    seeds = np.zeros((len(chosen), N_KEYS), np.float32)
    seeds[:, keys] = table[np.ix_(chosen, keys)]
    assert got.tolist() == reference.nearest_seed(table, weights, seeds).tolist()


def test_a_document_that_has_nothing_in_common_with_any_seed_has_none() -> None:
    starts, docs, values = np.array([0, 2, 3]), np.array([0, 2, 1], np.uint16), np.array([5, 1, 9], np.uint8)
    rows = rows_of(starts, docs, values, np.arange(2), np.array([0, -1, -1, -1]), 1)
    got = nearest_seed(starts, docs, values, np.ones(2, np.float32), *rows, 4)
    assert got.tolist() == [0, 1, 0, 1]
