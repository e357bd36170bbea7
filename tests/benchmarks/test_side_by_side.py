"""The comparison of hits sees a wrong hit, and forgives a tie."""

from __future__ import annotations

import numpy as np
import pytest


def found(docs: list[list[int]], scores: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(docs, np.int64), np.array(scores, np.float32)


EXACT = ([[4, 7, 2]], [[3.0, 2.0, 1.0]])


@pytest.mark.parametrize(
    ("docs", "scores", "differ"),
    [
        ([[4, 7, 2]], [[3.0, 2.0, 1.0]], 0),
        ([[4, 7, 9]], [[3.0, 2.0, 1.0]], 0),  # a tie for the last place
        ([[4, 7, 2]], [[3.0, 2.000001, 1.0]], 0),
        ([[4, 7, 2]], [[3.0, 2.001, 1.0]], 1),
        ([[4, 9, 2]], [[3.0, 2.0, 1.0]], 1),  # another document, not at the last score
        ([[4, 7, -1]], [[3.0, 2.0, 0.0]], 1),  # a hit too few
    ],
)
def test_agreement(docs: list[list[int]], scores: list[list[float]], differ: int) -> None:
    from side_by_side import agreement

    assert agreement(found(docs, scores), found(*EXACT))["differ"] == differ


def test_a_hit_too_many_differs() -> None:
    from side_by_side import agreement

    exact = found([[4, -1]], [[3.0, 0.0]])
    assert agreement(found([[4, 5]], [[3.0, 1.0]]), exact)["differ"] == 1
    assert agreement(exact, exact)["differ"] == 0


def test_recall_is_over_the_exact_hits_of_queries_that_have_any() -> None:
    from side_by_side import recall

    exact = found([[1, 2], [3, -1], [-1, -1]], [[2.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    assert recall(found([[2, 8], [3, 9], [5, 6]], [[1.0] * 2] * 3), exact) == pytest.approx(0.75)


def test_a_ranking_as_arrays_keeps_the_order_and_fills_up() -> None:
    from numen import Collection
    from side_by_side import as_arrays

    collection = Collection.create(legs={"words": "bm25"})
    collection.add([{"id": "5", "text": "fox"}, {"id": "12", "text": "fox fox"}, {"id": "3", "text": "hen"}])
    docs, scores = as_arrays(collection.rank_many(["fox", "cow"], 3), 3)
    assert docs.tolist() == [[12, 5, -1], [-1, -1, -1]]
    assert scores[0, 0] > scores[0, 1] > scores[0, 2] == 0
