"""Approximate search of dense legs: what it says of itself is so, scores are exact, filters and deletions hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen import Collection
from numen.errors import MissingExtra
from numen.search import vector_cells

pytest.importorskip("faiss")

DIM = 24
DOCUMENTS = 3_000


def made(seed: int, n: int) -> NDArray[np.float32]:
    """Vectors around forty centres."""
    centres = np.random.default_rng(0).standard_normal((40, DIM))
    rng = np.random.default_rng(seed)
    return (centres[rng.integers(0, 40, n)] + 0.6 * rng.standard_normal((n, DIM))).astype(np.float32)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cells, "LEAST", 500)


@pytest.fixture(scope="module", params=["float32", "int8", "8bit"])
def collection(request: pytest.FixtureRequest) -> Iterator[Collection]:
    with Collection.create(legs={"v": f"given:dense:{DIM},precision={request.param}", "w": "bm25"}) as collection:
        vectors = made(1, DOCUMENTS)
        vectors[7] = 0
        collection.add(({"id": str(i), "text": "text", "n": i % 10} for i in range(DOCUMENTS)), vectors={"v": vectors})
        collection.delete([str(i) for i in range(0, DOCUMENTS, 11)])
        yield collection


def ranked(collection: Collection, queries: Any, k: int = 10, **options: Any) -> Any:
    return collection.rank_many(k=k, vectors=queries, legs=["v"], threads=1, **options)


@pytest.mark.parametrize("target", [0.6, 0.9])
def test_recall_is_what_it_says_and_scores_are_exact(collection: Collection, target: float) -> None:
    queries = made(2, 100)
    exact, found = ranked(collection, queries), ranked(collection, queries, approximate=target)
    assert exact.recall is None
    assert found.recall is not None
    shares = [len({i for i, _ in a} & {i for i, _ in b}) / len(a) for a, b in zip(exact, found, strict=True)]
    assert target <= found.recall == pytest.approx(np.mean(shares))
    assert found.recall < 1
    for a, b in zip(exact, found, strict=True):
        known = dict(a)
        assert all(score == known[id] for id, score in b if id in known)
        assert b == sorted(b, key=lambda hit: (-hit[1], hit[0]))
    assert list(ranked(collection, queries, approximate=target)) == list(found)
    together = collection.rank_many(k=10, vectors=queries, legs=["v"], threads=2, approximate=target)
    assert list(together) == list(found)


def test_a_single_query_is_measured_on_documents_and_says_so(collection: Collection) -> None:
    query = made(3, 1)[0]
    results = collection.search(vectors={"v": query}, legs=["v"], approximate=0.9)
    assert not results.exact
    assert results.recall is not None
    assert 0.9 <= results.recall < 1
    wanted = {hit.id for hit in collection.search(vectors={"v": query}, legs=["v"])}
    assert len(wanted & {hit.id for hit in results}) >= 5


def test_filters_and_deletions_hold(collection: Collection) -> None:
    queries = made(4, 60)
    for where, kept in (("n in [1, 2, 3, 4]", (1, 2, 3, 4)), (None, range(10))):
        found = ranked(collection, queries, 20, where=where, approximate=0.8)
        ids = {int(id) for hits in found for id, _ in hits}
        assert all(i % 10 in kept and i % 11 and i != 7 for i in ids)
        assert all(len(hits) == 20 for hits in found)
        exact = ranked(collection, queries, 20, where=where)
        shares = [len({i for i, _ in a} & {i for i, _ in b}) / 20 for a, b in zip(exact, found, strict=True)]
        assert np.mean(shares) > 0.7
    rare = ranked(collection, queries, 5, where="n = 3 and n < 2", approximate=0.8)
    assert all(not hits for hits in rare)


def test_what_is_small_or_asks_for_everything_is_exact(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = made(5, 40)
    exact = list(ranked(collection, queries))
    assert ranked(collection, queries, approximate=1.0).recall is None
    monkeypatch.setattr(vector_cells, "LEAST", DOCUMENTS + 1)
    found = ranked(collection, queries, approximate=0.5)
    assert found.recall is None
    assert list(found) == exact
    zeros = ranked(collection, np.zeros((1, DIM), np.float32), approximate=0.5)
    assert list(zeros) == [[]]


def test_without_faiss_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.create(legs={"v": f"given:dense:{DIM}"}) as collection:
        collection.add(({"id": str(i), "text": ""} for i in range(600)), vectors=made(1, 600))
        monkeypatch.setitem(sys.modules, "faiss", None)
        assert len(collection.search(vectors=made(2, 1))) == 10
        with pytest.raises(MissingExtra, match=r"faiss-cpu: pip install 'numen\[approximate\]'"):
            collection.search(vectors=made(2, 1), approximate=0.5)
