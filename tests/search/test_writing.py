"""Long adds: commits on the way, going on after a stop, and segments that keep within memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from numen import Collection, Document
from numen.errors import DocumentError, OptionError
from numen.index import plan
from numen.search import building

LEGS = {"words": "bm25", "grams": "numen:512"}


def documents(count: int, mark: str = "first", start: int = 0) -> Iterator[dict[str, Any]]:
    for i in range(start, start + count):
        yield {"id": f"d{i}", "title": f"Title {i % 7}", "text": f"{mark} word{i % 50} common", "number": i}


def generation(collection: Collection) -> int:
    return collection.info().generation


@pytest.fixture(params=["disk", "memory"])
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Collection]:
    with Collection.create(tmp_path / "c" if request.param == "disk" else None, legs=LEGS) as made:
        yield made


# Commits on the way --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("every", "commits"), [(1, 30), (7, 5), (10, 3), (29, 2), (30, 1), (31, 1), (10**9, 1)])
def test_a_commit_after_each_so_many_documents(collection: Collection, every: int, commits: int) -> None:
    report = collection.add(documents(30), commit_every=every)
    assert (report.added, len(collection), generation(collection)) == (30, 30, commits)
    assert collection.check() == []
    assert len(collection.search("common", 100)) == 30


def test_batches_are_cut_where_a_commit_is_due(collection: Collection) -> None:
    seen: list[int] = []

    def given() -> Iterator[dict[str, Any]]:
        for one in documents(3_500):
            seen.append(generation(collection))
            yield one

    collection.add(given(), commit_every=1_500)
    assert (len(collection), generation(collection)) == (3_500, 3)
    # Read a thousand at a time, the first of them for a commit before it is begun.
    assert sorted(set(seen)) == [0, 1, 2]
    assert seen.index(1) == 2_000


def test_an_error_leaves_the_last_commit(collection: Collection) -> None:
    def failing() -> Iterator[dict[str, Any]]:
        yield from documents(2_500)
        yield {"id": "bad"}

    with pytest.raises(DocumentError, match="document 2501 of the input"):
        collection.add(failing(), commit_every=1_000)
    assert (len(collection), generation(collection), collection.check()) == (2_000, 2, [])


def test_counts_are_those_of_a_single_commit(collection: Collection) -> None:
    collection.add(documents(20))
    given = [*documents(30, "second", start=10), *documents(5, "third", start=12), {"id": "x"}]
    with Collection.create(legs=LEGS) as whole:
        whole.add(documents(20))
        expected = whole.add(given, skip_bad=True)
        report = collection.add(given, skip_bad=True, commit_every=4)
        for name in ("added", "replaced", "repeated", "skipped", "unchanged", "problems"):
            assert getattr(report, name) == getattr(expected, name), name
        ids = [one.id for one in whole.documents()]
        assert [collection.get(id) for id in ids] == [whole.get(id) for id in ids]
        for leg in LEGS:
            queries = ["common word3", "second third", "title 3"]
            assert list(collection.rank_many(queries, 50, legs=[leg])) == list(whole.rank_many(queries, 50, legs=[leg]))


@pytest.mark.parametrize("every", [0, -1, 1.5, "10", True])
def test_an_interval_that_is_none(collection: Collection, every: Any) -> None:
    with pytest.raises(OptionError, match=r"commit_every is .*; it must be a whole number of documents, 1 or more"):
        collection.add(documents(1), commit_every=every)
    assert generation(collection) == 0


# Going on ------------------------------------------------------------------------------------------------------------


def test_resuming_leaves_out_what_is_there_unchanged(collection: Collection) -> None:
    collection.add(documents(1_700))
    report = collection.add(documents(2_500), resume=True)
    assert (report.added, report.unchanged, report.replaced, report.repeated) == (800, 1_700, 0, 0)
    again = collection.add(documents(2_500), resume=True)
    assert (again.added, again.unchanged) == (0, 2_500)
    assert collection.info().deleted == 0
    assert (len(collection), collection.check()) == (2_500, [])


def test_going_on_after_an_error_comes_to_the_same(collection: Collection) -> None:
    def stopping(after: int) -> Iterator[dict[str, Any]]:
        yield from documents(after)
        raise KeyboardInterrupt

    for after in (1_300, 2_600):
        with pytest.raises(KeyboardInterrupt):
            collection.add(stopping(after), commit_every=500, resume=True)
    report = collection.add(documents(3_000), commit_every=500, resume=True)
    assert (report.added, report.unchanged) == (500, 2_500)
    with Collection.create(legs=LEGS) as whole:
        whole.add(documents(3_000))
        assert list(collection.documents()) == list(whole.documents())
        assert list(collection.rank_many(["common word3"], 100)) == list(whole.rank_many(["common word3"], 100))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "other"},
        {"title": "Other"},
        {"n": 2},
        {"n": True},
        {"n": 1.0},
        {"n": None},
        {"m": 1},
        {"deep": {"a": [1, 2, 3]}},
    ],
)
def test_anything_that_changed_is_replaced(collection: Collection, change: dict[str, Any]) -> None:
    one = {"id": "a", "text": "some text", "title": "T", "n": 1, "deep": {"a": [1, 2]}}
    collection.add([one])
    assert collection.add([one], resume=True).unchanged == 1
    report = collection.add([{**one, **change}], resume=True)
    assert (report.replaced, report.unchanged) == (1, 0)
    assert len(collection) == 1


def test_the_last_of_an_id_wins_when_resuming_too(collection: Collection) -> None:
    first, last = Document("a", "first version"), Document("a", "last version")
    collection.add([first, last])
    for every in (None, 1):
        report = collection.add([first, last], resume=True, commit_every=every)
        assert report.added == 0
        assert collection.get("a") == last
        assert len(collection.search("first", legs=["words"])) == 0
    assert collection.check() == []


def test_without_resuming_all_are_written_again(collection: Collection) -> None:
    collection.add(documents(5))
    report = collection.add(documents(5))
    assert (report.replaced, report.unchanged) == (5, 0)


# Memory --------------------------------------------------------------------------------------------------------------


def test_a_small_memory_makes_more_segments_and_no_other_answers(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [{"id": f"d{i}", "text": " ".join(f"w{(i * j) % 997}" for j in range(60))} for i in range(9_000)]
    monkeypatch.setattr(building, "POSTING_BYTES", dict.fromkeys(building.POSTING_BYTES, 50))
    collection.add(given, memory="16MB")
    assert collection.info().segments > 2
    assert collection.check() == []
    with Collection.create(legs=LEGS) as whole:
        whole.add(given)
        assert whole.info().segments == 1
        queries = ["w1 w2 w3", "w7", "w996 w500"]
        for leg in LEGS:
            assert list(collection.rank_many(queries, 20, legs=[leg])) == list(whole.rank_many(queries, 20, legs=[leg]))


def test_compacting_keeps_within_memory(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SMALL", 0)  # four segments become one at once
    for start in range(0, 40, 10):
        collection.add(documents(10, start=start))
    collection.delete(["d1", "d11"])
    info = collection.info()
    assert info.segments == 1
    for start in range(40, 70, 10):
        collection.add(documents(10, start=start))
    with pytest.raises(OptionError, match="memory"):
        collection.compact(memory="small")
    with pytest.raises(OptionError, match="memory"):
        collection.add(documents(1), memory="small")
    assert collection.info().segments == 4
    collection.compact(memory="16MB")
    assert (collection.info().segments, collection.info().deleted, len(collection)) == (1, 0, 68)
