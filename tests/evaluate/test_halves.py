"""Queries to choose by and queries to report on have nothing in common, and are drawn the same every time."""

from __future__ import annotations

from typing import Any

import pytest

from numen.errors import DatasetError, OptionError
from numen.evaluate import Dataset, apart, halves, judged
from numen.types import Document


def dataset(n: int, first: int = 0) -> Dataset:
    ids = [str(i) for i in range(first, first + n)]
    return judged("d", lambda: iter([Document("x", "x")]), {i: f"Query {i}" for i in ids}, {i: {"x": 1} for i in ids})


@pytest.mark.parametrize(("n", "share", "size"), [(100, 0.5, 50), (100, 0.2, 20), (3, 0.01, 1), (3, 0.99, 2)])
def test_the_parts_make_the_whole(n: int, share: float, size: int) -> None:
    whole = dataset(n)
    train, held_out = halves(whole, share, 7)
    assert len(train.queries) == size
    assert train.queries.keys() == train.qrels.keys()
    assert train.queries | held_out.queries == whole.queries
    assert not train.queries.keys() & held_out.queries.keys()
    assert list(train.queries) == sorted(train.queries, key=int)


def test_the_seed_draws_them() -> None:
    parts = [tuple(halves(dataset(40), seed=seed)[0].queries) for seed in (0, 0, 1)]
    assert parts[0] == parts[1] != parts[2]


def test_a_query_that_is_held_out_is_not_trained_on() -> None:
    train, held_out = dataset(10), dataset(5, first=8)
    twice = judged("d", train.documents, {**train.queries, "t": " query  12"}, {**train.qrels, "t": {"x": 1}})
    assert list(apart(twice, held_out).queries) == [str(i) for i in range(8)]
    with pytest.raises(DatasetError, match="all training queries"):
        apart(dataset(3, first=9), held_out)


@pytest.mark.parametrize("share", [0, 1, -0.5, True, "half"])
def test_an_unfit_share_is_refused(share: Any) -> None:
    with pytest.raises(OptionError, match="above 0 and below 1"):
        halves(dataset(10), share)


def test_one_query_cannot_be_parted() -> None:
    with pytest.raises(DatasetError, match="at least two"):
        halves(dataset(1))
