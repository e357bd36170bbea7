"""Approximate search of legs of float32 vectors: what it says of itself is so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import OptionError
from numen.search import approximate as approximate_module

DIM = 400
DOCUMENTS = 3_000


def vectors(rng: np.random.Generator, n: int, per_row: int) -> list[dict[int, float]]:
    """Rows of a few topics' own dimensions and of general ones, the general ones frequent."""
    rows = []
    for _ in range(n):
        topic = int(rng.integers(0, 20))
        own = 100 + 15 * topic + rng.integers(0, 15, per_row // 2)
        general = (100 * rng.random(per_row) ** 3).astype(np.int64)
        rows.append({int(i): float(rng.gamma(2.0, 0.4) + 0.02) for i in np.concatenate([own, general])})
    return rows


@pytest.fixture(scope="module")
def collection() -> Any:
    rng = np.random.default_rng(5)
    made = Collection.create(legs={"v": f"given:{DIM}", "words": "bm25", "small": f"given:{DIM},precision=8bit"})
    rows = vectors(rng, DOCUMENTS, 24)
    made.add(({"id": str(i), "text": f"text {i % 7}"} for i in range(DOCUMENTS)), vectors={"v": rows, "small": rows})
    return made


@pytest.fixture(scope="module")
def queries() -> list[dict[int, float]]:
    return vectors(np.random.default_rng(6), 100, 12)


def recall(exact: Any, found: Any) -> float:
    return float(
        np.mean([len({i for i, _ in a} & {i for i, _ in b}) / len(a) for a, b in zip(exact, found, strict=True)])
    )


@pytest.mark.parametrize("target", [0.6, 0.8, 0.95])
def test_the_recall_that_it_states_is_the_recall_of_its_sample(
    collection: Collection, queries: list[dict[int, float]], target: float
) -> None:
    exact = collection.rank_many(None, 10, vectors={"v": queries}, legs=["v"])
    found = collection.rank_many(None, 10, vectors={"v": queries}, legs=["v"], approximate=target)
    assert exact.recall is None
    if found.recall is None:
        assert recall(exact, found) == 1
    else:
        assert target <= found.recall == pytest.approx(recall(exact, found))


def test_scores_of_approximate_hits_are_exact(collection: Collection, queries: list[dict[int, float]]) -> None:
    exact = collection.rank_many(None, DOCUMENTS, vectors={"v": queries}, legs=["v"])
    found = collection.rank_many(None, 10, vectors={"v": queries}, legs=["v"], approximate=0.5)
    assert found.recall is not None
    for all_, some in zip(exact, found, strict=True):
        assert dict(some).items() <= dict(all_).items()


def test_a_single_query_is_measured_on_documents(collection: Collection, queries: list[dict[int, float]]) -> None:
    results = collection.search(None, 5, vectors={"v": queries[0]}, legs=["v"], approximate=0.7)
    assert results.exact == (results.recall is None)
    assert results.exact or 0.7 <= (results.recall or 0) <= 1
    assert len(results) == 5


@pytest.mark.parametrize("leg", ["words", "small"])
def test_other_legs_are_searched_exactly_and_say_so(
    collection: Collection, queries: list[dict[int, float]], leg: str
) -> None:
    given: Any = {"vectors": {"small": queries[0]}} if leg == "small" else {}
    results = collection.search("text 3", 5, legs=[leg], approximate=0.5, **given)
    assert results.exact
    assert results.recall is None
    assert results.hits == collection.search("text 3", 5, legs=[leg], **given).hits


def test_fused_results_say_that_a_leg_was_approximate(collection: Collection, queries: list[dict[int, float]]) -> None:
    both = collection.rank_many(["text 1"] * 100, 5, vectors={"v": queries}, legs=["words", "v"], approximate=0.5)
    assert both.recall is not None


def test_queries_with_weights_below_zero_find_what_exact_ones_do(queries: list[dict[int, float]]) -> None:
    rng = np.random.default_rng(7)
    with Collection.create(legs={"v": f"given:{DIM},negative=allow"}) as signed:
        rows = [{i: w if i % 3 else -w for i, w in row.items()} for row in vectors(rng, 500, 24)]
        signed.add(({"id": str(i), "text": ""} for i in range(500)), vectors=rows)
        exact = signed.rank_many(None, 10, vectors=queries)
        assert list(signed.rank_many(None, 10, vectors=queries, approximate=0.5)) == list(exact)


@pytest.mark.parametrize("target", [0, -0.5, 1.5, True, "0.9", float("nan")])
def test_a_recall_that_is_none_is_refused(collection: Collection, target: Any) -> None:
    with pytest.raises(OptionError, match="above 0 and at most 1"):
        collection.rank_many(["x"], 5, legs=["words"], approximate=target)


def test_the_share_is_looked_for_once_a_commit(
    collection: Collection, queries: list[dict[int, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.rank_many(None, 3, vectors={"v": queries}, legs=["v"], approximate=0.9)

    def again(*_: Any) -> Any:
        raise AssertionError("it was looked for again")

    monkeypatch.setattr(approximate_module, "_tried", again)
    collection.rank_many(None, 3, vectors={"v": queries}, legs=["v"], approximate=0.9)
    collection.search(None, 3, vectors={"v": queries[3]}, legs=["v"], approximate=0.9)
