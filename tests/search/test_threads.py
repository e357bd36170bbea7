"""Many threads and several writers: every answer is one commit's, and a second writer is told so at once."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numen
from numen import Collection, Results
from numen.errors import WriterBusy
from numen.index import plan
from numen.index.catalog import Catalog
from numen.index.segment import LiveSegment
from numen.search.store import Store

LEGS = {"words": "bm25", "grams": "numen:512"}
SOURCE = Path(str(numen.__file__)).parents[1]


def generation(number: int, count: int = 40) -> list[dict[str, Any]]:
    """The same ids every time; the text says which generation it is of."""
    return [{"id": f"d{i}", "text": f"shared generation{number}", "metadata": {"of": number}} for i in range(count)]


def together(*tasks: Callable[[], object]) -> None:
    """Run the tasks at once, each in a thread of its own; the first error comes out."""
    errors: list[BaseException] = []

    def guarded(task: Callable[[], object]) -> None:
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def assert_one_commit(results: Results, count: int) -> int:
    """That the hits are all documents, each as one and the same commit has it; returns which."""
    assert len(results) == len(results.hits) == count
    assert {hit.id for hit in results} == {f"d{i}" for i in range(count)}
    of = {hit.metadata["of"] for hit in results}
    assert len(of) == 1, of
    number: int = of.pop()
    assert {hit.text for hit in results} == {f"shared generation{number}"}
    return number


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_searches_during_changes_each_see_one_commit(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "FAN", 2)  # merges, which remove segments, at every other change
    monkeypatch.setattr(plan, "SMALL", 0)
    stop = threading.Event()
    with Collection.create(tmp_path / "c" if where == "disk" else None, legs=LEGS) as collection:
        collection.add(generation(0))
        seen: list[list[int]] = [[] for _ in range(8)]

        def write() -> None:
            try:
                for number in range(1, 21):
                    collection.add(generation(number))
                    if number % 5 == 0:
                        collection.compact()
                    if number % 3 == 0:
                        collection.add([{"id": "unlike", "text": "_"}])
                        collection.delete(["unlike"])
            finally:
                stop.set()

        def read(mine: list[int]) -> None:
            while not stop.is_set():
                for results in collection.search_many(["shared", "shared words"], 100, threads=1):
                    mine.append(assert_one_commit(results, 40))
                assert len(collection) in (40, 41)
                assert "d3" in collection
                found = collection.get("d7")
                assert found is not None
                assert found.text == f"shared generation{found.metadata['of']}"

        together(write, *(lambda mine=mine: read(mine) for mine in seen))
        assert all(mine == sorted(mine) for mine in seen)  # no thread goes back in time
        assert sum(len(set(mine)) for mine in seen) > 8
        assert collection.check() == []
        assert assert_one_commit(collection.search("shared", 100), 40) == 20


def test_iterating_and_checking_during_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "FAN", 2)
    monkeypatch.setattr(plan, "SMALL", 0)
    stop = threading.Event()
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as collection, Collection.open(path) as other:
        collection.add(generation(0))

        def write() -> None:
            try:
                for number in range(1, 31):
                    collection.add(generation(number))
            finally:
                stop.set()

        def iterate() -> None:
            while not stop.is_set():
                found = list(other.documents())
                assert [one.id for one in found] == [f"d{i}" for i in range(40)]
                assert len({one.metadata["of"] for one in found}) == 1

        def check() -> None:
            while not stop.is_set():
                assert other.check() == []
                assert collection.check() == []

        def reopen() -> None:
            while not stop.is_set():
                with Collection.open(path, read_only=True) as third:
                    assert_one_commit(third.search("shared", 100), 40)

        together(write, iterate, check, reopen)


def test_a_writer_is_not_disturbed_by_others_that_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "FAN", 2)  # at every moment there are folders that look left over
    monkeypatch.setattr(plan, "SMALL", 0)
    stop = threading.Event()
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as collection:
        collection.add(generation(0))

        def write() -> None:
            try:
                for number in range(1, 41):
                    collection.add(generation(number))
            finally:
                stop.set()

        def reopen() -> None:
            while not stop.is_set():
                with Collection.open(path) as other:
                    assert_one_commit(other.search("shared", 100), 40)

        together(write, reopen, reopen)
        assert collection.check() == []


def test_any_number_of_threads_gives_the_same_ranking(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    words = [f"w{i}" for i in range(60)]
    texts = [" ".join(rng.choice(words, int(rng.integers(1, 20)))) for _ in range(700)]
    queries = [" ".join(rng.choice(words, int(rng.integers(0, 6)))) for _ in range(53)]
    with Collection.create(tmp_path / "c", legs=LEGS) as collection:
        for begin in range(0, 700, 150):
            collection.add({"id": f"d{i}", "text": texts[i]} for i in range(begin, min(begin + 150, 700)))
        collection.delete([f"d{i}" for i in range(0, 700, 9)])
        for legs in (["words"], ["grams"], None):
            expected = list(collection.rank_many(queries, 20, legs=legs, threads=1))
            assert any(expected)
            for threads in (2, 5, 100):
                assert list(collection.rank_many(queries, 20, legs=legs, threads=threads)) == expected
            assert [[(hit.id, hit.score) for hit in r] for r in collection.search_many(queries, 20, legs=legs)] == [
                list(one) for one in expected
            ]


def test_any_thread_may_use_a_collection(tmp_path: Path) -> None:
    made: list[Collection] = []
    together(lambda: made.append(Collection.create(tmp_path / "c", legs=LEGS)))
    together(lambda: made[0].add(generation(1)))
    assert assert_one_commit(made[0].search("shared", 50), 40) == 1
    together(made[0].compact)
    together(made[0].close)


# Two writers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_a_second_writer_on_one_object(where: str, tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c" if where == "disk" else None, legs=LEGS) as collection:
        collection.add(generation(0))
        writing, may_end = threading.Event(), threading.Event()

        def slowly() -> Iterator[dict[str, Any]]:
            yield from generation(1)
            writing.set()
            may_end.wait(10)

        def second() -> None:
            writing.wait(10)
            changes: list[Callable[[], object]] = [
                lambda: collection.add(generation(2)),
                lambda: collection.delete(["d1"]),
                collection.compact,
            ]
            try:
                for change in changes:
                    with pytest.raises(WriterBusy, match="is being written by another process or thread; try again"):
                        change()
                if where == "disk":
                    assert assert_one_commit(collection.search("shared", 50), 40) == 0
            finally:
                may_end.set()

        together(lambda: collection.add(slowly()), second)
        assert assert_one_commit(collection.search("shared", 50), 40) == 1
        assert collection.delete(["d1"]) == 1


def test_a_second_writer_on_another_object(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as one, Collection.open(path) as other:
        one.add(generation(0))

        def and_meanwhile() -> Iterator[dict[str, Any]]:
            yield from generation(1)
            with pytest.raises(WriterBusy, match=str(path)):
                other.add(generation(2))
            with Collection.open(path) as third:  # opening while another writes is no writing
                for reader in (one, other, third):
                    assert assert_one_commit(reader.search("shared", 50), 40) == 0
                    assert reader.check() == []

        one.add(and_meanwhile())
        for reader in (one, other):
            assert assert_one_commit(reader.search("shared", 50), 40) == 1
        other.add(generation(2))
        assert assert_one_commit(one.search("shared", 50), 40) == 2


OTHER_PROCESS = """
import sys
from numen import Collection
from numen.errors import WriterBusy
with Collection.open(sys.argv[1]) as collection:
    for line in sys.stdin:
        match line.strip():
            case "search":
                print(sorted({hit.metadata["of"] for hit in collection.search("shared", 100)}), flush=True)
            case "add":
                try:
                    collection.add([{"id": "d1", "text": "shared by the other", "metadata": {"of": -1}}])
                    print("added", flush=True)
                except WriterBusy as error:
                    print("WriterBusy", error, flush=True)
"""


def test_a_second_writer_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as collection:
        collection.add(generation(0))
        other = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        assert other.stdin is not None
        assert other.stdout is not None
        answers = other.stdout

        def ask(question: str) -> str:
            assert other.stdin is not None
            other.stdin.write(question + "\n")
            other.stdin.flush()
            return answers.readline().strip()

        def and_meanwhile() -> Iterator[dict[str, Any]]:
            yield from generation(1)
            assert ask("search") == "[0]"
            assert ask("add").startswith(f"WriterBusy {path} is being written by another process")

        collection.add(and_meanwhile())
        assert ask("search") == "[1]"
        collection.compact()
        assert ask("search") == "[1]"
        assert ask("add") == "added"
        assert {hit.metadata["of"] for hit in collection.search("shared", 100)} == {1, -1}
        other.stdin.close()
        assert other.wait(10) == 0
        answers.close()
        assert collection.check() == []


def replace_and_merge(collection: Collection) -> None:
    collection.add(generation(2))
    collection.compact()


# Readers of older commits --------------------------------------------------------------------------------------------


def test_readers_opened_before_a_merge_still_answer(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs=LEGS) as writer:
        writer.add(generation(0))
        writer.add(generation(1)[:10])
        with Collection.open(path) as searched, Collection.open(path, read_only=True) as fresh:
            before = [(hit.id, hit.score) for hit in searched.search("shared", 100)]
            snapshot = fresh._store.snapshot()
            writer.compact()
            assert len(snapshot.segments) == 2  # their folders are gone, their arrays are still mapped
            assert not (path / "segments" / "1").exists()
            assert sorted(str(one) for live in snapshot.segments for one in live.segment.ids) == sorted(
                [f"d{i}" for i in range(40)] + [f"d{i}" for i in range(10)]
            )
            assert int(snapshot.segments[0].segment.legs["words"].docs.sum()) > 0
            for reader in (fresh, searched):
                assert [(hit.id, hit.score) for hit in reader.search("shared", 100)] == before


def test_documents_replaced_between_ranking_and_fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c"
    real = Catalog.fetch
    pending: queue.Queue[Callable[[], object]] = queue.Queue()

    def fetch(self: Catalog, keys: Any) -> Any:
        if not pending.empty():
            pending.get()()
        return real(self, keys)

    with Collection.create(path, legs=LEGS) as collection, Collection.open(path) as other:
        collection.add(generation(0))
        monkeypatch.setattr(Catalog, "fetch", fetch)
        # Replaced, but not merged away: the search goes on in the commit that it ranked.
        pending.put(lambda: other.add(generation(1)[:10]))
        assert assert_one_commit(collection.search("shared", 100), 40) == 0
        # Replaced and merged away: the search starts again in the newer commit.
        pending.put(lambda: replace_and_merge(other))
        assert assert_one_commit(collection.search("shared", 100), 40) == 2
        pending.put(lambda: other.delete([f"d{i}" for i in range(40)]))
        assert len(collection.search("shared", 100)) == 0


def test_segments_merged_away_between_the_catalog_and_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c"
    real = Store._load
    times = 0
    with Collection.create(path, legs=LEGS) as writer, Collection.open(path) as reader:
        writer.add(generation(0))

        def load(self: Store, entries: Any) -> list[LiveSegment]:
            nonlocal times
            if self is reader._store and times < 3:
                times += 1
                writer.add(generation(times))
                writer.compact()
            return real(self, entries)

        monkeypatch.setattr(Store, "_load", load)
        assert assert_one_commit(reader.search("shared", 50), 40) == times == 3
