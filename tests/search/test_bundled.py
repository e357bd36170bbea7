"""Small segments, which the catalog keeps: no folders, one transaction a commit, and every byte checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from numen import Collection
from numen.errors import CollectionError, DamagedError
from numen.index import bundle, files
from numen.index.schema import FILE_NAME

LEGS = {"words": "bm25:english", "grams": "numen:4096,signed=true"}


def documents(count: int, mark: str = "first", start: int = 0) -> Iterator[dict[str, Any]]:
    for i in range(start, start + count):
        yield {"id": f"d{i}", "title": f"Title {i % 7}", "text": f"{mark} word{i % 50} common text", "number": i}


def state(collection: Collection) -> tuple[Any, ...]:
    queries = ["word1 word2", "common", "first second", "title 3", "nothing of it"]
    return (
        list(collection.documents()),
        [list(results) for results in collection.search_many(queries, 20)],
        list(collection.rank_many(queries, 1_000, legs=["grams"])),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The folder of a small collection, closed: two segments, one dead document."""
    with Collection.create(tmp_path / "c", legs=LEGS) as collection:
        collection.add(documents(60))
        collection.add(documents(10, "second", start=59))
    return tmp_path / "c"


def test_no_folder_is_made_and_all_comes_back(path: Path) -> None:
    assert not (path / "segments").exists()
    with Collection.open(path) as collection, Collection.create(legs=LEGS) as memory:
        memory.add(documents(60))
        memory.add(documents(10, "second", start=59))
        assert state(collection) == state(memory)
        assert collection.info().segments == 2
        assert collection.check() == []
        collection.compact()
        assert state(collection) == state(memory)
        collection.delete([f"d{i}" for i in range(69)])
        assert collection.info().segments == 0
        assert collection._store.catalog._run("SELECT count(*) FROM bundles") == [(0,)]


def test_a_small_commit_flushes_no_file_of_its_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise AssertionError("a file was flushed")

    monkeypatch.setattr(files, "_flush", refuse)
    with Collection.open(path) as collection:
        collection.add(documents(5, start=200))
        collection.delete(["d3"])
        collection.compact()
        assert (len(collection), collection.check()) == (73, [])


def test_small_and_large_segments_side_by_side(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.open(path) as collection:
        monkeypatch.setattr(bundle, "MOST_BYTES", 50_000)
        collection.add(documents(3_000, "third", start=300))
        assert [one.name for one in (path / "segments").iterdir()] == ["3"]
        collection.delete(["d0", "d300", "d301"])
        before = state(collection)
    with Collection.open(path) as collection:
        assert (state(collection), collection.check()) == (before, [])
        monkeypatch.undo()
        collection.compact()
        collection._merging.wait()
        assert list((path / "segments").iterdir()) == []
        assert (state(collection), collection.check(), collection.info().segments) == (before, [], 1)


def test_a_segment_merged_away_in_its_own_commit_is_never_written(path: Path) -> None:
    with Collection.open(path) as collection:
        for start in (100, 110, 120):
            collection.add(documents(10, start=start))
        assert collection.info().segments == 2  # of 10 documents each: four, the last of them just now, became one
        (rows,) = zip(*collection._store.catalog._run("SELECT number FROM segments ORDER BY number"), strict=True)
        bundles = collection._store.catalog._run("SELECT number FROM bundles ORDER BY number")
        assert [number for (number,) in bundles] == list(rows)
        assert (len(collection), collection.check()) == (99, [])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("UPDATE bundles SET data = zeroblob(length(data)) WHERE number = 2", "does not match its checksum"),
        ("UPDATE bundles SET data = x'' WHERE number = 2", "does not match its checksum"),
        ("UPDATE bundles SET data = substr(data, 1, length(data) - 1) WHERE number = 2", "does not match its checksum"),
        ("DELETE FROM bundles WHERE number = 2", "is missing"),
    ],
)
def test_a_changed_bundle_is_named(path: Path, harm: str, words: str) -> None:
    catalog = sqlite3.connect(path / FILE_NAME)
    catalog.execute(harm)
    catalog.commit()
    catalog.close()
    with Collection.open(path) as collection:
        with pytest.raises(DamagedError, match=rf"(segment 2|segments/2).*{words}"):
            collection.search("word1")
        (problem,) = collection.check()
        assert words in problem


def test_a_writer_whose_catalog_is_replaced_writes_to_the_new_one(path: Path, tmp_path: Path) -> None:
    with Collection.open(path) as collection:
        collection.add(documents(5, start=300))
        for file in [*path.iterdir()]:
            file.rename(tmp_path / f"old-{file.name}")
        with pytest.raises(CollectionError, match="was removed or replaced since it was opened"):
            collection.add(documents(5, start=400))
        for file in [*tmp_path.glob("old-*")]:
            file.rename(path / file.name.removeprefix("old-"))
        collection.add(documents(5, start=400))
    with Collection.open(path) as collection:
        assert (len(collection), collection.check()) == (79, [])
