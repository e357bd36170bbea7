"""A damaged index over ids is noticed by whoever asks for a document by its id."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from numen import Collection
from numen.errors import DamagedError
from numen.index.schema import FILE_NAME

INDEX_PAGES = (2, 10)
"""What the first byte of a page of an index is; document_ids is the only one here with ids in it."""

USES: dict[str, Callable[[Collection], Any]] = {
    "get": lambda collection: collection.get("needle"),
    "in": lambda collection: "needle" in collection,
    "explain": lambda collection: collection.explain("text", "needle"),
    "add": lambda collection: collection.add([{"id": "needle", "text": "new"}]),
    "delete": lambda collection: collection.delete(["other", "needle"]),
}


def documents(n: int) -> Iterator[dict[str, Any]]:
    for i in range(n):
        yield {"id": "needle" if i == n // 2 else f"d{i}", "text": f"some text {i}"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Collection.create(tmp_path / "c", legs={"words": "bm25"}) as made:
        made.add(documents(300))
        made.add([{"id": "other", "text": "another segment"}])
    return tmp_path / "c"


def harm_index(path: Path, before: bytes, after: bytes) -> None:
    """Write other bytes over the only entry of the index over ids that has these."""
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog:
        (size,) = catalog.execute("PRAGMA page_size").fetchone()
    data = bytearray((path / FILE_NAME).read_bytes())
    begins = [begin for begin in range(size, len(data), size) if data[begin] in INDEX_PAGES]
    places = [begin + at for begin in begins if (at := data[begin : begin + size].find(before)) >= 0]
    assert len(places) == 1
    data[places[0] : places[0] + len(after)] = after
    (path / FILE_NAME).write_bytes(data)


@pytest.mark.parametrize("use", USES)
def test_a_document_that_the_index_misses(path: Path, use: str) -> None:
    harm_index(path, b"needle", b"noodle")
    with Collection.open(path) as collection:
        with pytest.raises(DamagedError, match=r"catalog\.sqlite: its index over ids misses document 'needle'"):
            USES[use](collection)
        assert collection.get("d7") is not None
        assert collection.get("never there") is None
        assert len(collection) == 301
    assert Collection.repair(path)
    with Collection.open(path) as collection:
        USES[use](collection)
        assert collection.check() == []


@pytest.mark.parametrize("use", USES)
def test_an_index_that_names_another_document(path: Path, use: str) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog:
        (key,) = catalog.execute("SELECT key FROM documents WHERE id = 'needle'").fetchone()
    assert key == 151
    harm_index(path, b"needle" + (151).to_bytes(2, "big"), b"needle" + (152).to_bytes(2, "big"))
    with Collection.open(path) as collection:
        with pytest.raises(DamagedError, match="its index over ids is damaged"):
            USES[use](collection)
        assert len(collection) == 301
    assert Collection.repair(path)
    with Collection.open(path) as collection:
        USES[use](collection)
        assert collection.check() == []


def test_ids_come_and_go_in_one_change(path: Path) -> None:
    with Collection.open(path) as collection:
        twice = [{"id": "d1", "text": "first"}, *documents(1_200), {"id": "d1", "text": "last"}]
        report = collection.add(twice)
        assert (report.added, report.replaced) == (900, 300)
        assert collection.delete(["d1", "d1", "absent"]) == 1
        assert collection.get("d1") is None
        assert collection.add([{"id": "d1", "text": "back"}]).added == 1
        found = collection.get("d1")
        assert found is not None
        assert (found.text, collection.check()) == ("back", [])


def test_ids_that_cannot_be_there(path: Path) -> None:
    odd: list[Any] = ["\ud800", "", "a\0b", "needle\0", "é", 1, None]
    with Collection.open(path) as collection:
        assert [id in collection for id in odd] == [False] * len(odd)
        assert collection.get("\ud800") is None
        assert collection.delete(odd) == 0
