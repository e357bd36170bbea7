"""Lists in another order of documents say the same of each document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index.lists import Exceptions, Lists
from numen.index.rows import Form


@pytest.mark.parametrize("form", ["ratio", "log", "product", "scaled"])
@pytest.mark.parametrize("n_docs", [1, 64, 1_000])
def test_another_order_of_documents(
    form: Form,
    n_docs: int,
    lists_of: Callable[[NDArray[Any], Form], Lists],
    table_of: Callable[[Lists], NDArray[Any]],
) -> None:
    rng = np.random.default_rng(n_docs)
    table = rng.choice([0, 1, 2.5, 254, 255, 300, 70_000], (n_docs, 8), p=[0.7, 0.1, 0.1, 0.04, 0.02, 0.02, 0.02])
    table *= rng.random((n_docs, 8)) < np.array([0.01, 0.1, 0.3, 0.5, 0.7, 1, 1, 1])
    table = np.floor(table) if form in ("ratio", "log") else table.astype(np.float32)
    table[0] = 300
    lists = lists_of(table, form)
    order = rng.permutation(n_docs)
    other = lists.reordered(order)
    assert (np.diff(other.docs.astype(np.int64)) > 0).sum() >= len(other.docs) - 8  # ascending in each list
    np.testing.assert_array_equal(table_of(other), table_of(lists)[order])
    np.testing.assert_array_equal(other.doc_values, lists.doc_values[order])
    back = other.reordered(np.argsort(order))
    for name in ("starts", "docs", "values", "doc_values"):
        np.testing.assert_array_equal(getattr(back, name), getattr(lists, name), err_msg=name, strict=True)


def test_counts_of_exceptions() -> None:
    some = Exceptions.of(
        np.array([5, 2, 5], np.uint32), np.array([9, 0, 3], np.uint16), np.array([300, 400, 70_000], np.uint32)
    )
    assert some.keys.tolist() == [2, 5, 5]
    assert [some.count(2, 0), some.count(5, 3), some.count(5, 9)] == [400, 70_000, 300]
