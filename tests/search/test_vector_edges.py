"""The table of edges (docs/PYTHON.md), filters, updates and resumed additions, over every leg of vectors.

Legs that run a model have a stand-in for it (benchmarks/stand_in.py): what is tried is all the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from numen import Collection, Document
from numen.errors import EncoderMismatch, InputError
from numen.index import plan

WORDS = "alpha beta gamma delta epsilon zeta eta theta".split()

DOCUMENTS = [
    {"id": "a", "text": "quick brown fox", "title": "Fox"},
    {"id": "b", "text": "lazy dog sleeps", "lang": "en"},
    {"id": "c", "text": ""},
    {"id": "d", "text": "der schnelle Fuchs"},
]

LEGS = [
    *(f"dense:stand/in,precision={precision}" for precision in ("float32", "float16", "int8", "8bit")),
    *(f"gaussian:stand/in,precision={precision}" for precision in ("float32", "int8")),
    *(f"multi:stand/in,precision={precision}" for precision in ("float32", "float16", "8bit")),
]


@pytest.fixture(autouse=True)
def models() -> Iterator[None]:
    folder = str(Path(__file__).resolve().parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    from stand_in import stand_ins

    with stand_ins():
        yield
    sys.path.remove(folder)


@pytest.fixture(params=LEGS)
def spec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["memory", "disk"])
def collection(request: pytest.FixtureRequest, spec: str, tmp_path: Path) -> Iterator[Collection]:
    path = tmp_path / "c" if request.param == "disk" else None
    with Collection.create(path, legs={"leg": spec}) as made:
        made.add(DOCUMENTS)
        yield made


def texts(n: int) -> list[dict[str, Any]]:
    """Documents of up to five words; every seventh has none."""
    return [
        {"id": f"d{i}", "text": " ".join(WORDS[(i * step) % 8] for step in range(i % 7)), "n": i % 4} for i in range(n)
    ]


def ranked(collection: Collection, k: int, **options: Any) -> list[list[tuple[str, float]]]:
    return list(collection.rank_many(["alpha", "beta gamma", "theta theta eta"], k, threads=1, **options))


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_a_query_without_a_word_finds_nothing(collection: Collection, query: str) -> None:
    assert list(collection.search(query)) == []
    assert list(collection.search_many([query, "fox"])[0]) == []


def test_k_of_zero_and_past_the_end(collection: Collection) -> None:
    assert list(collection.search("quick fox", 0)) == []
    hits = collection.search("quick fox", 1_000_000)
    assert {hit.id for hit in hits} == {"a", "b", "d"}  # every document with a word; c has none
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert hits[0].id == "a"
    assert [hit.id for hit in collection.search("quick fox", 2)] == [hit.id for hit in hits[:2]]


@pytest.mark.parametrize("k", [-1, 1.5, True, "3"])
def test_an_unfit_k_is_refused(collection: Collection, k: object) -> None:
    with pytest.raises(InputError, match="k is"):
        collection.search("fox", k)  # type: ignore[arg-type]


def test_an_empty_collection_finds_nothing(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        assert list(collection.search("anything")) == []
        assert collection.delete(["a"]) == 0
        assert collection.add([]).added == 0
        collection.compact()
        assert (len(collection), collection.check(), list(collection.rank_many([], 10))) == (0, [], [])


def test_all_deleted(collection: Collection) -> None:
    assert collection.delete([d["id"] for d in DOCUMENTS]) == 4
    assert list(collection.search("fox")) == []
    assert collection.check() == []
    collection.add(DOCUMENTS[:1])
    assert collection.search("fox")[0].id == "a"


def test_documents_none_of_which_has_a_word(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        collection.add({"id": f"empty{i}", "text": " "} for i in range(5))
        collection.delete(["empty2"])
        assert list(collection.search("words")) == []
        collection.add([{"id": "found", "text": "words"}])
        collection.compact()
        assert [hit.id for hit in collection.search("words")] == ["found"]
        assert len(collection) == 5


def test_equal_documents_tie_and_come_by_id(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        for ids in (["b", "é", "a"], ["B", "aa", "10", "9"]):
            collection.add([{"id": i, "text": "same words here"} for i in ids])
        hits = collection.search("same words", 5)
        assert [hit.id for hit in hits] == ["10", "9", "B", "a", "aa"]
        assert len({hit.score for hit in hits}) == 1


def test_an_id_twice_in_one_call_the_last_wins(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        report = collection.add([{"id": "x", "text": "first"}, {"id": "x", "text": "second"}])
        assert (report.added, report.repeated) == (1, 1)
        assert collection.add([{"id": "x", "text": "third"}]).replaced == 1
        collection.add([{"id": "y", "text": "second"}])
        assert [hit.id for hit in collection.search("third", 1)] == ["x"]
        assert [hit.id for hit in collection.search("second", 1)] == ["y"]
        assert collection.get("x") == Document("x", "third")


def test_filters_leave_documents_out_before_they_are_ranked(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    with Collection.create(legs={"leg": spec}) as collection, Collection.create(legs={"leg": spec}) as only:
        for at in range(0, 120, 30):
            collection.add(texts(120)[at : at + 30])
        collection.delete([f"d{i}" for i in range(0, 120, 5)])
        only.add(one for i, one in enumerate(texts(120)) if i % 5 and one["n"] == 3)
        for k in (1, 7, 200):
            assert ranked(collection, k, where="n = 3") == ranked(only, k)
        assert ranked(collection, 5, where="n > 9") == [[], [], []]


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_after_any_changes_hits_are_those_of_a_fresh_build(
    where: str, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    path = tmp_path / "c" if where == "disk" else None
    collection = Collection.create(path, legs={"leg": spec})
    every = texts(90)
    for at in (0, 20, 50):
        collection.add(every[at : at + 40])
        collection.delete([f"d{i}" for i in range(at, at + 10)])
    alive = [one for i, one in enumerate(every) if not (i < 10 or 20 <= i < 30 or 50 <= i < 60)]
    if path is not None:
        collection.close()
        collection = Collection.open(path, legs={"leg": spec})
    with Collection.create(legs={"leg": spec}) as fresh:
        fresh.add(alive)
        for _ in range(2):
            assert [ranked(collection, k) for k in (3, 500)] == [ranked(fresh, k) for k in (3, 500)]
            assert collection.check() == []
            collection.compact()
    assert collection.info().segments == 1
    collection.close()


def test_an_addition_that_broke_off_goes_on_where_it_was(spec: str) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield from texts(60)
        raise OSError("the source is gone")

    with Collection.create(legs={"leg": spec}) as collection, Collection.create(legs={"leg": spec}) as fresh:
        with pytest.raises(OSError, match="gone"):
            collection.add(broken(), commit_every=20)
        assert 20 <= len(collection) <= 60
        before = len(collection)
        report = collection.add(texts(80), resume=True)
        assert (report.unchanged, report.added) == (before, 80 - before)
        fresh.add(texts(80))
        assert ranked(collection, 100) == ranked(fresh, 100)


def test_a_text_longer_than_the_model_reads_is_counted_and_found(spec: str) -> None:
    with Collection.create(legs={"leg": spec}) as collection:
        report = collection.add([{"id": "long", "text": "word " * 100}, {"id": "short", "text": "other"}])
        assert report.truncated == 1
        assert collection.search("word", 1)[0].id == "long"


def test_another_encoder_is_refused(spec: str, tmp_path: Path) -> None:
    Collection.create(tmp_path / "c", legs={"leg": spec}).close()
    other = spec.replace("precision=float32", "precision=8bit") if "float32" in spec else spec.split(",")[0]
    with pytest.raises(EncoderMismatch, match="was made with"):
        Collection.open(tmp_path / "c", legs={"leg": other})
