"""A leg from a table of values, and back: what the tests of how lists are kept compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index.build import LegBuilder
from numen.index.lists import Lists
from numen.index.rows import Form, Rows


@pytest.fixture
def lists_of() -> Callable[[NDArray[Any], Form], Lists]:
    """Takes values (n_docs, n_keys), 0 where absent, and a form; key i is the number i, document d has the length d."""

    def build(table: NDArray[Any], form: Form) -> Lists:
        docs, numbers = np.nonzero(table)
        values = table[docs, numbers]
        counted = form in ("ratio", "log")
        lengths = np.arange(len(table))
        builder = LegBuilder(form)
        builder.append(
            Rows(
                np.searchsorted(docs, np.arange(len(table) + 1)).astype(np.int64),
                numbers.astype(np.uint32),
                values.astype(np.uint32) if counted else values.astype(np.float32),
                lengths.astype(np.float32) if form == "log" else lengths.astype(np.uint32),
            )
        )
        return builder.finish(None)

    return build


@pytest.fixture
def table_of() -> Callable[[Lists], NDArray[Any]]:
    """Takes lists whose keys are numbers; gives what they say: (n_docs, largest number + 1), 0 where absent.

    Counts, exceptions included; weights; for the scaled form code times scale.
    """

    def read(lists: Lists) -> NDArray[Any]:
        numbers = np.asarray(lists.keys.numbers).astype(np.int64)  # type: ignore[union-attr]
        table = np.zeros((lists.n_docs, int(numbers.max(initial=-1)) + 1), np.float64)
        table[lists.docs, np.repeat(numbers, np.diff(lists.starts))] = lists.values
        some = lists.exceptions
        assert (table[some.docs, numbers[some.keys]] == 255).all()
        table[some.docs, numbers[some.keys]] = some.counts
        return table * lists.doc_values[:, None] if lists.form == "scaled" else table

    return read
