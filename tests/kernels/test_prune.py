"""The bound of a block is the largest of its codes, however a key is kept; none is below what it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index import packing
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.packing import pack
from numen.index.rows import Form, Rows
from numen.kernels import reference
from numen.kernels.codes import BOUND_BLOCK, ESCAPE
from numen.kernels.prune import bound_blocks

SHARES = [0.0, 0.01, 0.1, 0.15, 0.5, 1.0]
"""Of documents that have a key: none, a short list, long lists, rows where the form has them."""


@pytest.fixture(autouse=True)
def everything_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 8)
    monkeypatch.setattr(packing, "LONG_MINIMUM", 20)


def built(table: NDArray[Any], form: Form) -> Inverted:
    """The leg of a table (n_docs, n_keys) of values, 0 where absent; key i is the number i."""
    docs, numbers = np.nonzero(table)
    starts = np.searchsorted(docs, np.arange(len(table) + 1)).astype(np.int64)
    values = table[docs, numbers]
    builder = LegBuilder(form)
    kept = values.astype(np.uint32) if form == "ratio" else values.astype(np.float32)
    builder.append(Rows(starts, numbers.astype(np.uint32), kept, np.ones(len(table), np.uint32)))
    return pack(builder.finish([f"{n:02}".encode() for n in range(table.shape[1])]))


def bounded(part: Inverted) -> NDArray[np.uint8]:
    """uint8 (n_keys, n_blocks)."""
    n_keys = len(part.keys)
    bounds = np.zeros((n_keys, -(-part.n_docs // BOUND_BLOCK)), np.uint8)
    bound_blocks(np.arange(n_keys), *part.lists, part.row_of, part.rows, bounds)
    return bounds


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 900), st.sampled_from(["ratio", "product", "scaled"]))
def test_no_value_is_above_its_bound(seed: int, n_docs: int, form: Form) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random((n_docs, len(SHARES))) < np.array(SHARES)
    values: NDArray[Any] = np.exp(rng.normal(0, 3, present.shape)) * rng.choice([1e-30, 1, 1e30])
    if form == "ratio":
        values = rng.choice([1, 2, 3, 254, 255, 70_000], present.shape, p=[0.5, 0.3, 0.1, 0.04, 0.03, 0.03])
    table = np.where(present, values, 0)
    table = table if form == "ratio" else table.astype(np.float32)
    part = built(table, form)
    if n_docs > 800:
        assert len(part.docs)
        assert len(part.long_places)
        assert len(part.row_places) == (2 if form == "ratio" else 0)
    got = bounded(part)
    if form == "product":
        bounds = got.astype(np.float32) * part.steps[:, None]  # in float32, as everything is bounded and summed
        largest = reference.bound_blocks(table.T)
        assert (bounds >= largest).all()
        assert (bounds <= np.where(largest > 0, largest * 1.01 + part.steps[:, None], 0)).all()
    else:
        codes = np.minimum(table, ESCAPE)  # that of all counts which no code holds
        if form == "scaled":
            codes = np.array([part.values_of(doc, np.arange(len(SHARES))) for doc in range(n_docs)])
        np.testing.assert_array_equal(got, reference.bound_blocks(codes.astype(np.uint8).T))


@pytest.mark.parametrize("form", ["ratio", "product"])
def test_the_last_document_of_a_full_segment_is_in_the_last_block(form: Form) -> None:
    table = np.zeros((65_536, 3), np.float32)
    table[[0, 65_535], 0] = 3  # a short list
    table[::50, 1] = 1  # a long list
    table[65_535, 1] = 7
    table[65_535, 2] = 2  # one posting
    part = built(table, form)
    assert part.long_of.tolist() == [-1, 0, -1]
    bounds = bounded(part)
    assert (bounds[:, -1] > 0).tolist() == [True, True, True]
    assert (bounds[:, 1:-1] > 0).any(axis=1).tolist() == [False, True, False]
    np.testing.assert_array_equal(bounds > 0, reference.bound_blocks((table > 0).T.astype(np.uint8)) > 0)
