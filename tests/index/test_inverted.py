"""One document's counts, looked up, are those that went in, however the key is kept."""

from __future__ import annotations

import numpy as np
import pytest

from numen.index import inverted
from numen.index.build import LegBuilder
from numen.index.rows import Rows


@pytest.mark.parametrize("log", [False, True])
def test_counts_of_a_document_are_those_that_went_in(log: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted, "ROW_MINIMUM", 8)
    rng = np.random.default_rng(5)
    table = rng.choice([0, 1, 3, 254, 255, 256, 70_000], (40, 30), p=[0.4, 0.3, 0.15, 0.05, 0.04, 0.03, 0.03])
    table[:, :10] *= table[:, :10] <= 254  # ten keys without exceptions, which may become rows of levels
    table[:, 10:20] *= rng.random((40, 10)) < 0.1  # ten rare ones, which stay lists
    docs, numbers = np.nonzero(table)
    starts = np.searchsorted(docs, np.arange(41))
    builder = LegBuilder(log=log)
    builder.append(
        Rows(starts, numbers.astype(np.uint32), table[docs, numbers].astype(np.uint32), np.ones(40, np.uint32))
    )
    part = builder.finish([f"{n:02}".encode() for n in range(30)])
    assert len(part.row_places)
    assert len(part.row_places) < 30
    assert len(part.exceptions.keys)
    for doc in range(40):
        places = rng.permutation(30)
        np.testing.assert_array_equal(part.counts(doc, places), table[doc, places])
        assert part.counts(doc, np.array([-1, 3, -1])).tolist() == [0, table[doc, 3], 0]
