"""Lists come out of a segment as they went in, whichever way they are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index import packing
from numen.index.files import sealed
from numen.index.inverted import Inverted
from numen.index.lists import Exceptions, Lists
from numen.index.packing import pack, unpack
from numen.index.rows import Form

SHARES = [0.001, 0.01, 0.02, 0.1, 0.15, 0.19, 0.25, 0.5, 1.0]
"""Of documents that have a key."""


def copied(lists: Lists) -> Lists:
    """The same in other arrays, as packing takes over those that it is given."""
    some = lists.exceptions
    return Lists(
        lists.keys,
        lists.form,
        lists.starts.copy(),
        lists.docs.copy(),
        lists.values.copy(),
        Exceptions(some.keys, some.docs, some.counts),
        lists.doc_values,
    )


def random_table(n_docs: int, form: Form, seed: int) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    present = rng.random((n_docs, len(SHARES))) < np.array(SHARES)
    present[rng.integers(n_docs)] = True
    if form in ("ratio", "log"):
        counts = rng.choice([1, 2, 3, 9, 254, 255, 70_000], present.shape, p=[0.6, 0.2, 0.1, 0.04, 0.03, 0.02, 0.01])
        counts[:, 5:] = np.minimum(counts[:, 5:], 254)  # keys without exceptions, which may become rows of levels
        return np.where(present, counts, 0)
    return np.where(present, rng.gamma(1.0, size=present.shape) + 0.001, 0).astype(np.float32)


def assert_same(one: Lists, other: Lists) -> None:
    assert one.form == other.form
    for name in ("starts", "docs", "values", "doc_values"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name, strict=True)
    for name in ("keys", "docs", "counts"):
        np.testing.assert_array_equal(getattr(one.exceptions, name), getattr(other.exceptions, name), strict=True)
    np.testing.assert_array_equal(one.keys.numbers, other.keys.numbers, strict=True)  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["ratio", "log", "product", "scaled"])
@pytest.mark.parametrize("n_docs", [1, 30, 3_000, 65_536])
def test_packing_loses_nothing(
    form: Form,
    n_docs: int,
    lists_of: Callable[[NDArray[Any], Form], Lists],
    table_of: Callable[[Lists], NDArray[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if n_docs == 30:
        monkeypatch.setattr(packing, "MINIMUM", 8)
        monkeypatch.setattr(packing, "LONG_MINIMUM", 2)
    table = random_table(n_docs, form, seed=n_docs)
    lists = lists_of(table, form)
    if form != "scaled":
        np.testing.assert_array_equal(table_of(lists), table)
    part = pack(copied(lists))
    if n_docs >= 3_000:
        assert len(part.docs) > 0
        assert len(part.long_places) > 1
        assert (len(part.row_places) > 1) == (form in ("ratio", "log"))
        postings = (part.docs, part.codes, part.fine, part.gaps, part.long_codes, part.long_fine, part.skips, part.rows)
        assert sum(one.nbytes for one in postings) <= lists.docs.nbytes + lists.values.nbytes
    stored = {name: sealed(array) for name, array in part.arrays().items()}
    again = Inverted.from_arrays(stored)
    assert_same(unpack(again), lists)
    assert again.frequencies.tolist() == (table > 0).sum(axis=0).tolist()
    assert again.postings == int((table > 0).sum())
    places = np.append(np.arange(len(SHARES)), -1)
    said = table if form != "scaled" else np.rint(table_of(lists) / lists.doc_values[:, None])
    for doc in np.random.default_rng(1).integers(0, n_docs, 20).tolist():
        assert again.values_of(doc, places).tolist() == [*said[doc].tolist(), 0]


@pytest.mark.parametrize("form", ["ratio", "log", "product", "scaled"])
def test_a_list_is_long_where_that_takes_less(
    form: Form, lists_of: Callable[[NDArray[Any], Form], Lists], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "LONG_MINIMUM", 1)
    monkeypatch.setattr(packing, "ROW_SHARE", 0)  # no rows
    table = np.zeros((65_536, 6), np.float32)
    table[0, 0] = 1
    table[65_535, 1] = 2
    table[::251, 2] = 3
    table[:700, 3] = 4
    table[[0, 65_535], 4] = 300
    table[:2_000, 5] = 5  # and then a gap of more than 60,000
    table[65_535, 5] = 500
    lists = lists_of(table, form)
    part = pack(copied(lists))
    assert part.long_places.tolist() == [2, 3, 5]
    assert_same(unpack(part), lists)
    assert part.values_of(0, np.arange(6)).astype(bool).tolist() == [True, False, True, True, True, True]
    assert part.values_of(65_534, np.arange(6)).astype(bool).tolist() == [False] * 6
    assert part.values_of(65_535, np.arange(6)).astype(bool).tolist() == [False, True, False, False, True, True]


def test_a_small_segment_has_short_lists_only(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    part = pack(lists_of(np.ones((packing.MINIMUM - 1, 2), np.float32), "ratio"))
    assert (len(part.long_places), len(part.row_places), len(part.docs)) == (0, 0, 2 * (packing.MINIMUM - 1))
    part = pack(lists_of(np.ones((packing.MINIMUM, 2), np.float32), "ratio"))
    assert (len(part.long_places), len(part.row_places), len(part.docs)) == (0, 2, 0)


def test_nothing_is_packed_as_nothing(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    lists = lists_of(np.zeros((3, 0)), "product")
    part = pack(copied(lists))
    assert (part.n_docs, part.postings, len(part.keys)) == (3, 0, 0)
    assert_same(unpack(part), lists)
