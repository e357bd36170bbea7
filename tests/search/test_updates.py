"""After any sequence of add, replace and delete, hits and scores are those of a fresh build of what is alive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numen import Collection
from numen.index import packing, plan
from numen.search import building

LEGS = {"words": "bm25", "auto": "auto", "grams": "numen:512", "signed": "numen:4096,signed=true,split=words"}
WORDS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon".split()
)


def random_document(rng: np.random.Generator, number: int) -> dict[str, str]:
    n = int(rng.choice([0, 1, 5, 20, 300], p=[0.05, 0.15, 0.4, 0.35, 0.05]))
    share = np.arange(1, len(WORDS) + 1) ** -1.0
    words = [*rng.choice(WORDS, n, p=share / share.sum()), *(f"rare{i}" for i in rng.integers(0, 60, int(n > 5) * 3))]
    text = " ".join(words)
    return {"id": f"d{number}", "title": str(rng.choice(WORDS)) if rng.random() < 0.3 else "", "text": text}


def assert_like_a_fresh_build(collection: Collection, alive: dict[str, dict[str, str]]) -> None:
    rng = np.random.default_rng(len(alive))
    queries = [" ".join(rng.choice([*WORDS, "absent"], int(rng.integers(0, 5)))) for _ in range(12)]
    with Collection.create(legs=collection.legs) as fresh:
        fresh.add(alive.values())
        for leg in collection.legs:
            for k in (3, 1_000):
                got = collection.rank_many(queries, k, legs=[leg], threads=2)
                expected = fresh.rank_many(queries, k, legs=[leg], threads=1)
                assert list(got) == list(expected), leg
    assert len(collection) == len(alive)


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_random_steps(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small bounds, so that a few hundred documents go through closing segments, rows and merges.
    monkeypatch.setattr(packing, "MINIMUM", 16)
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    rng = np.random.default_rng(7)
    path = tmp_path / "c"
    collection = Collection.create(path if where == "disk" else None, legs={**LEGS, "plus": "bm25,formula=bm25+"})
    alive: dict[str, dict[str, str]] = {}
    merged = False
    for step in range(60):
        documents = [random_document(rng, int(rng.integers(0, 150))) for _ in range(int(rng.integers(0, 25)))]
        if rng.random() < 0.6:
            before = set(alive)
            report = collection.add(documents)
            alive.update({d["id"]: d for d in documents})
            ids = {d["id"] for d in documents}
            assert (report.added, report.replaced) == (len(ids - before), len(ids & before))
            assert report.repeated == len(documents) - len(ids)
        else:
            ids = {d["id"] for d in documents}
            assert collection.delete(ids) == len(ids & set(alive))
            for one in ids:
                alive.pop(one, None)
        merged = merged or collection.info().segments < step // 2
        if where == "disk" and step % 10 == 9:
            collection.close()
            collection = Collection.open(path)
        if step % 6 == 5:
            assert_like_a_fresh_build(collection, alive)
            assert collection.check() == []
    assert merged
    collection.compact()
    info = collection.info()
    assert (info.segments, info.deleted, info.documents) == (1, 0, len(alive))
    assert_like_a_fresh_build(collection, alive)
    assert collection.check() == []
    collection.close()


def test_documents_past_one_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MAX_DOCUMENTS", 100)
    monkeypatch.setattr(plan, "MAX_DOCUMENTS", 100)
    rng = np.random.default_rng(3)
    documents = [random_document(rng, i) for i in range(1_050)]
    with Collection.create(legs={"words": "bm25", "grams": "numen:512"}) as collection:
        report = collection.add([*documents, *documents[:30]])
        assert (report.added, report.repeated) == (1_050, 30)
        assert collection.info().segments > 5
        assert_like_a_fresh_build(collection, {d["id"]: d for d in documents})


def test_counts_that_no_byte_holds_survive_merges() -> None:
    texts = {"many": "word " * 70_000, "some": "word " * 300, "one": "word other"}
    with Collection.create(legs={"words": "bm25", "grams": "numen:512"}) as collection:
        for id_, text in texts.items():
            collection.add([{"id": id_, "text": text}])
        collection.delete(["absent", "one"])
        collection.compact()
        assert_like_a_fresh_build(collection, {i: {"id": i, "text": t} for i, t in texts.items() if i != "one"})


def test_a_query_term_of_dead_documents_only_counts_for_nothing() -> None:
    with Collection.create(legs={"words": "bm25,formula=bm25+"}) as collection:
        collection.add([{"id": "a", "text": "x y"}, {"id": "b", "text": "y"}])
        collection.delete(["a"])
        hits = collection.search("x y")
        with Collection.create(legs=collection.legs) as fresh:
            fresh.add([{"id": "b", "text": "y"}])
            assert [(h.id, h.score) for h in hits] == [(h.id, h.score) for h in fresh.search("x y")]
