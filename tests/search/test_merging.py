"""Large merges, apart from the commits: nobody sees them happen, and a change meanwhile is not lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import CollectionError, WriterBusy
from numen.index import bundle, plan
from numen.index.merge import merge as real_merge
from numen.search import merging

LEGS = {"words": "bm25", "grams": "numen:512"}
PATIENCE_S = 20


def documents(count: int, start: int = 0, mark: str = "first") -> list[dict[str, Any]]:
    return [{"id": f"d{i}", "text": f"{mark} word{i % 9} common"} for i in range(start, start + count)]


class Held:
    """Merges that begin when they are told to, so that a test decides what happens meanwhile."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.merges = 0

    def merge(self, number: int, group: Any) -> Any:
        self.merges += 1
        merged = real_merge(number, group)
        self.began.set()
        assert self.may_end.wait(PATIENCE_S)
        return merged

    def free(self) -> None:
        self.may_end.set()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Every merge counts as large, two segments of a size are merged, and each merge waits for `free()`."""
    monkeypatch.setattr(bundle, "MOST_BYTES", -1)
    monkeypatch.setattr(plan, "FAN", 2)
    monkeypatch.setattr(plan, "SMALL", 0)
    made = Held()
    monkeypatch.setattr(merging, "merge", made.merge)
    return made


@pytest.fixture(params=["disk", "memory"])
def collection(request: pytest.FixtureRequest, tmp_path: Path, held: Held) -> Iterator[Collection]:
    """Two segments of ten documents, and a merge of them that has begun."""
    with Collection.create(tmp_path / "c" if request.param == "disk" else None, legs=LEGS) as made:
        made.add(documents(10))
        assert held.merges == 0
        made.add(documents(10, 10))
        assert held.began.wait(PATIENCE_S)
        yield made
        held.free()


def scores(collection: Collection) -> dict[str, dict[str, float]]:
    """By leg, the scores of all documents."""
    return {leg: dict(collection.rank_many(["common word3 second"], 1_000, legs=[leg])[0]) for leg in collection.legs}


def assert_holds(collection: Collection, expected: list[dict[str, Any]]) -> None:
    """That these documents are there, found with the scores of a fresh build."""
    assert (len(collection), collection.check()) == (len(expected), [])
    assert {one.id: one.text for one in collection.documents()} == {one["id"]: one["text"] for one in expected}
    with Collection.create(legs=LEGS) as fresh:
        fresh.add(expected)
        assert scores(collection) == scores(fresh)


def test_searches_go_on_and_the_result_comes_in_by_itself(collection: Collection, held: Held) -> None:
    before = scores(collection)
    assert collection.info().segments == 2
    held.free()
    collection._merging.wait()
    assert (collection.info().segments, held.merges) == (1, 1)
    assert scores(collection) == before
    assert collection.check() == []


def test_documents_that_die_meanwhile_stay_dead(collection: Collection, held: Held) -> None:
    assert collection.delete(["d3", "d15", "absent"]) == 2
    collection.add([*documents(1, 5, "second"), *documents(1, 40)])
    generation = collection.info().generation
    held.free()
    collection._merging.wait()
    assert collection.info().generation > generation
    assert (collection.info().segments, collection.info().deleted) == (2, 3)
    alive = [one for one in documents(20) if one["id"] not in ("d3", "d5", "d15")]
    assert_holds(collection, [*alive, *documents(1, 5, "second"), *documents(1, 40)])
    collection.compact()
    assert collection.info().deleted == 0


def test_a_merge_of_segments_that_are_gone_is_dropped(collection: Collection, held: Held) -> None:
    threading.Timer(0.05, held.free).start()
    collection.compact()  # waits for the merge that it makes useless
    collection._merging.wait()
    assert (collection.info().segments, held.merges) == (1, 1)
    assert_holds(collection, documents(20))


def test_closing_waits_for_the_merge(tmp_path: Path, held: Held) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as collection:
        collection.add(documents(10))
        collection.add(documents(10, 10))
        threading.Timer(0.05, held.free).start()
    assert not [thread for thread in threading.enumerate() if thread.name == "numen-merging"]
    with Collection.open(path) as collection:
        assert collection.info().segments == 1
        assert [one.name for one in (path / "segments").iterdir()] == ["3"]
        assert_holds(collection, documents(20))


def test_an_error_on_the_way_out_does_not_wait_for_more_merges(tmp_path: Path, held: Held) -> None:
    path = tmp_path / "c"

    def stopped() -> None:
        with Collection.create(path, legs=LEGS) as collection:
            collection.add(documents(10))
            collection.add(documents(10, 10))
            threading.Timer(0.05, held.free).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with Collection.open(path, read_only=True) as collection:
        assert collection.info().segments == 2
        assert_holds(collection, documents(20))


def test_a_merge_that_another_writer_keeps_out_is_made_another_time(tmp_path: Path, held: Held) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as collection, Collection.open(path) as other:
        collection.add(documents(10))
        collection.add(documents(10, 10))
        with other._store.catalog.writing():
            held.free()
            collection._merging.wait()
            with pytest.raises(WriterBusy):
                collection.add(documents(1))
        assert collection.info().segments == 2
        collection.add(documents(1, 100))
        collection._merging.wait()
        assert collection.info().segments == 2  # twenty documents, and one
        assert_holds(collection, [*documents(20), *documents(1, 100)])


def test_a_merge_that_cannot_be_written_leaves_all_as_it_was(
    collection: Collection, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CollectionError("no space left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collection._store, "write", full)
        held.free()
        collection._merging.wait()
    assert collection.info().segments == 2
    assert_holds(collection, documents(20))
    collection.delete(["d1"])
    collection._merging.wait()
    assert collection.info().segments == 1


def test_a_change_waits_for_the_commit_of_a_merge(collection: Collection, held: Held) -> None:
    held.free()
    for i in range(30):  # no WriterBusy, whatever a merge is doing
        collection.add(documents(3, 100 + 3 * i))
        if i % 7 == 0:
            collection.delete([f"d{100 + 3 * i}"])
    collection._merging.wait()
    gone = {f"d{100 + 3 * i}" for i in range(0, 30, 7)}
    assert_holds(collection, [*documents(20), *(one for one in documents(90, 100) if one["id"] not in gone)])
    assert collection.info().segments < 10


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_random_steps_while_merges_go_on(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 6_000)  # some merges in commits, some apart, segments in both places
    monkeypatch.setattr(plan, "FAN", 2)
    monkeypatch.setattr(plan, "SMALL", 0)
    rng = np.random.default_rng(3)
    alive: dict[str, dict[str, Any]] = {}
    path = tmp_path / "c"
    collection = Collection.create(path if where == "disk" else None, legs=LEGS)
    for step in range(60):
        chosen = [int(n) for n in rng.integers(0, 300, int(rng.integers(1, 40)))]
        if rng.random() < 0.7:
            given = [documents(1, n, f"step{step}")[0] for n in chosen]
            collection.add(given, commit_every=int(rng.integers(1, 50)))
            alive.update({one["id"]: one for one in given})
        else:
            collection.delete([f"d{n}" for n in chosen])
            for n in chosen:
                alive.pop(f"d{n}", None)
        if step % 15 == 14:
            if where == "disk":
                collection.close()
                collection = Collection.open(path)
            assert_holds(collection, list(alive.values()))
    collection.close()
