"""One document's values, looked up, are those that went in, however the key is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index import inverted, packing
from numen.index.inverted import Inverted
from numen.index.lists import Lists
from numen.index.packing import pack
from numen.index.rows import Form


@pytest.fixture(autouse=True)
def everything_in_small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 8)
    monkeypatch.setattr(packing, "LONG_MINIMUM", 10)
    monkeypatch.setattr(inverted, "BOUND_MINIMUM", 100)


@pytest.mark.parametrize("form", ["ratio", "log"])
def test_counts_of_a_document_are_those_that_went_in(
    form: Form, lists_of: Callable[[NDArray[Any], Form], Lists]
) -> None:
    rng = np.random.default_rng(5)
    table = rng.choice([0, 1, 3, 254, 255, 256, 70_000], (400, 30), p=[0.4, 0.3, 0.15, 0.05, 0.04, 0.03, 0.03])
    table[:, :10] *= table[:, :10] <= 254  # ten keys without exceptions, which may become rows of levels
    table[:, 10:20] *= rng.random((400, 10)) < 0.2  # ten that become long lists
    table[:, 20:25] *= rng.random((400, 5)) < 0.02  # five rare ones
    part = pack(lists_of(table, form))
    assert 10 <= len(part.row_places) < 30
    assert len(part.long_places) >= 8
    assert len(part.docs)
    assert len(part.exceptions.keys)
    assert part.frequencies.tolist() == np.count_nonzero(table, axis=0).tolist()
    for doc in range(400):
        places = rng.permutation(30)
        np.testing.assert_array_equal(part.values_of(doc, places), table[doc, places])
        assert part.values_of(doc, np.array([-1, 3, -1])).tolist() == [0, table[doc, 3], 0]


def test_weights_of_a_document_are_those_that_went_in(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    rng = np.random.default_rng(5)
    table = (rng.random((200, 20)) * (rng.random((200, 20)) < 0.3)).astype(np.float32)
    exact, rounded = (pack(lists_of(table, form)) for form in ("product", "scaled"))
    assert len(rounded.long_places)
    for doc in range(200):
        got = exact.values_of(doc, np.arange(20))
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, table[doc])
        codes = rounded.values_of(doc, np.arange(20))
        assert codes.max() == 255
        assert codes.dtype == np.int64
        off = np.abs(codes * rounded.doc_values[doc] - table[doc]) / (table[doc].max() / 255)
        assert (off <= np.where(codes == 1, 1, 0.5) * 1.001).all()  # in steps; what is above 0 is at least one
        assert ((codes > 0) == (table[doc] > 0)).all()


def test_frequent_keys_have_bounds(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    table = np.zeros((640, 3), np.uint32)
    table[::64, 0] = 1  # one document in 64
    table[63:-64:64, 1] = 1  # one less
    table[:, 2] = np.arange(640) % 300 + 1
    bounds = pack(lists_of(table, "ratio")).bounds
    assert bounds.of_key.tolist() == [0, -1, 1]
    assert bounds.codes.shape == (2, 40)
    assert np.flatnonzero(bounds.codes[0]).tolist() == list(range(0, 40, 4))
    assert bounds.codes[1, :3].tolist() == [16, 32, 48]  # the largest of every sixteen documents
    assert bounds.codes[1, 15:19].tolist() == [255] * 4  # counts from 241 on: some or all are exceptions
    assert bounds.codes[1, 19] == 20
    assert pack(lists_of(table, "log")).bounds.of_key.tolist() == [-1] * 3
    assert pack(lists_of(table[:99], "ratio")).bounds.of_key.tolist() == [-1] * 3


@pytest.mark.parametrize("form", ["ratio", "log", "product", "scaled"])
def test_arrays_make_the_same_leg_again(form: Form, lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    table = np.random.default_rng(0).integers(0, 3, (100, 5)) * np.array([1, 1, 100, 200, 0])
    arrays = pack(lists_of(table, form)).arrays()
    again = Inverted.from_arrays(arrays)
    assert again.form == form
    assert list(again.arrays()) == list(arrays)
    for name, array in again.arrays().items():
        np.testing.assert_array_equal(array, arrays[name], err_msg=name, strict=True)
