"""Documents of one topic come to stand side by side, always in the same order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index import order
from numen.index.lists import Lists
from numen.index.order import like_beside_like
from numen.index.rows import Form

TOPICS = 4
WORDS = 12


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MINIMUM", 100)
    monkeypatch.setattr(order, "SEEDS", 8)
    monkeypatch.setattr(order, "FREQUENT", 4)


def by_topics(n_docs: int) -> NDArray[np.float32]:
    """Document d has seven of the twelve words of topic d % TOPICS, and a word that every document has."""
    rng = np.random.default_rng(3)
    table = np.zeros((n_docs, TOPICS * WORDS + 1), np.float32)
    for d in range(n_docs):
        table[d, d % TOPICS * WORDS + rng.permutation(WORDS)[:7]] = 1 + rng.integers(0, 3, 7)
    table[:, -1] = 200
    return table


def test_topics_stand_side_by_side(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    table = by_topics(400)
    found = like_beside_like([lists_of(table, "ratio")])
    assert found is not None
    assert sorted(found.tolist()) == list(range(400))
    # Each of the 8 seeds gathers documents of its own topic; in the order given, topics change at every document.
    assert np.count_nonzero(np.diff(found % TOPICS)) < 8
    again = like_beside_like([lists_of(table, "ratio")])
    assert again is not None
    assert again.tolist() == found.tolist()


def test_documents_without_rare_words_come_last_in_the_order_they_had(
    lists_of: Callable[[NDArray[Any], Form], Lists],
) -> None:
    table = by_topics(400)
    table[5::10, :-1] = 0
    found = like_beside_like([lists_of(table, "ratio")])
    assert found is not None
    assert found[-40:].tolist() == list(range(5, 400, 10))


def test_the_first_leg_of_counts_decides(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    topics = by_topics(400)
    other = np.roll(topics, 1, axis=1)[np.random.default_rng(0).permutation(400)]
    alone = like_beside_like([lists_of(topics, "ratio")])
    both = like_beside_like(
        [lists_of(other, "log"), lists_of(other, "product"), lists_of(topics, "ratio"), lists_of(other, "ratio")]
    )
    assert alone is not None
    assert both is not None
    assert both.tolist() == alone.tolist()


def test_small_segments_and_legs_that_are_not_pruned_keep_their_order(
    lists_of: Callable[[NDArray[Any], Form], Lists],
) -> None:
    assert like_beside_like([lists_of(by_topics(99), "ratio")]) is None
    assert like_beside_like([lists_of(by_topics(100), "ratio")]) is not None
    for form in ("log", "product", "scaled"):
        assert like_beside_like([lists_of(by_topics(400), form)]) is None
    assert like_beside_like([]) is None
