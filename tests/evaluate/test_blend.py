"""A learned blend: it finds which leg to trust from judged queries, is judged on others, and is kept as a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import DatasetError, InputError, MissingExtra, OptionError
from numen.evaluate import Dataset, System, halves, learn_blend
from numen.search import Blend
from numen.search.blend_features import candidates_of, feature_names
from numen.types import Document

pytest.importorskip("lightgbm")

LEGS = "words=bm25,grams=numen:512"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Documents of a query's words are relevant where they have its pair of words side by side; no leg knows."""
    rng = np.random.default_rng(1)
    words = [f"w{i:02}" for i in range(40)]
    documents: list[Document] = []
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, int]] = {}
    for q in range(60):
        pair = rng.choice(words, 2, replace=False).tolist()
        queries[f"q{q}"] = " ".join(pair)
        qrels[f"q{q}"] = {}
        for i in range(8):
            others = rng.choice([w for w in words if w not in pair], 6).tolist()
            text = [*pair, *others] if i % 2 else [pair[0], *others, pair[1]]
            documents.append(Document(f"d{q}-{i}", " ".join(text)))
            qrels[f"q{q}"][f"d{q}-{i}"] = i % 2
    return Dataset("pairs", lambda: iter(documents), queries, qrels)


def test_it_learns_what_no_leg_knows(dataset: Dataset, tmp_path: Path) -> None:
    train, held_out = halves(dataset, 0.6, seed=3)
    made = learn_blend(train, held_out, System.of(LEGS, "minmax"), seed=3)
    first = made.comparisons[0]
    assert first.measure == "nDCG@10"
    assert first.b > first.a + 0.1
    assert made.better
    assert "pairs" in list(made.blend.importances())[:2]
    assert (made.train_queries, made.held_out_queries) == (36, 24)
    assert json.loads(json.dumps(made.to_json()))["better"] is True
    again = learn_blend(train, held_out, System.of(LEGS, "minmax"), seed=3)
    assert again.blend == made.blend

    made.blend.save(tmp_path / "blend.json")
    kept = Blend.load(tmp_path / "blend.json")
    assert kept == made.blend
    with Collection.create(legs=System.of(LEGS).legs) as collection:
        collection.add(dataset.documents())
        queries = list(held_out.queries.values())
        ranked = list(kept.rank_many(collection, queries, 5, threads=1))
        assert ranked == list(made.blend.rank_many(collection, queries, 5, threads=1))
        assert all(len(hits) == 5 for hits in ranked)
        assert all(hits == sorted(hits, key=lambda hit: (-hit[1], hit[0])) for hits in ranked)
        assert [list(kept.rank_many(collection, [one], 5)[0]) for one in queries[:3]] == ranked[:3]
        gone = {id for id, _ in ranked[0]}
        collection.delete(gone)
        assert not gone & {id for id, _ in kept.rank_many(collection, queries[:1], 50)[0]}
        assert list(kept.rank_many(collection, ["", " "], 5)) == [[], []]
        assert len(kept.rank_many(collection, [], 5)) == 0


def test_features_are_what_legs_say_and_words_shared() -> None:
    with Collection.create(legs={"words": "bm25", "near": "given:dense:2"}) as collection:
        texts = {"a": "heat in a wing", "b": "wing of heat transfer", "c": "something else"}
        collection.add(
            [{"id": id, "text": text} for id, text in texts.items()], vectors={"near": [[1, 0], [0, 1], [-1, 0]]}
        )
        found = candidates_of(collection, ["heat transfer"], ["words", "near"], 2, vectors={"near": [[1, 0]]})
        assert found.ids == ["a", "b"]  # c is last in one leg and not in the other
        rows = [dict(zip(feature_names(["words", "near"]), row, strict=True)) for row in found.features.tolist()]
        assert [row["near score"] for row in rows] == [1, 0]
        assert [row["near rank"] for row in rows] == [1, 0.5]
        assert [row["words rank"] for row in rows] == [0.5, 1]
        assert [row["coverage"] for row in rows] == [0.5, 1]
        assert [row["pairs"] for row in rows] == [0, 1]
        assert rows[1]["words share"] == 1
        assert [row["first"] for row in rows] == pytest.approx([1, 1 / 3])


def test_what_cannot_be_learned_is_said(dataset: Dataset) -> None:
    train, held_out = halves(dataset, 0.6, seed=3)
    system = System.of(LEGS)
    with pytest.raises(OptionError, match="two legs"):
        learn_blend(train, held_out, System.of("bm25"))
    with pytest.raises(InputError, match="in both parts"):
        learn_blend(train, train, system)
    few, rest = halves(dataset, 0.05, seed=3)
    with pytest.raises(DatasetError, match="3 training queries"):
        learn_blend(few, rest, system)
    bad = Dataset(train.name, train.documents, train.queries, {q: {"nowhere": 1} for q in train.queries})
    with pytest.raises(DatasetError, match="nothing to learn"):
        learn_blend(bad, held_out, system)


def test_a_file_or_collection_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "blend.json"
    cases: list[tuple[Any, str]] = [
        ("{", "is no blend"),
        ("[]", "is no blend"),
        ('{"numen blend": 9, "legs": {}, "depth": 1, "trees": ""}', "version 9"),
        ('{"numen blend": 1, "legs": {"a": "bm25"}, "depth": 1, "trees": "oak"}', "cannot read"),
    ]
    for text, message in cases:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            Blend.load(path)
    with pytest.raises(InputError, match="is no blend"):
        Blend.load(tmp_path / "nowhere.json")
    with (
        Collection.create(legs={"words": "bm25"}) as collection,
        pytest.raises(OptionError, match="learned on the leg"),
    ):
        Blend({"words": "bm25:english", "near": "dense:x"}, 9, "").rank_many(collection, ["x"])


def test_without_lightgbm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, dataset: Dataset) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingExtra, match=r"numen\[blend\]"):
        learn_blend(dataset, dataset, System.of(LEGS))
