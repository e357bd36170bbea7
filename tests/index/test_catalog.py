"""The catalog: one transaction a change, one writer, and errors that say what is wrong with the file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen.errors import (
    CollectionError,
    DamagedError,
    FormatError,
    NotACollection,
    WriterBusy,
)
from numen.index import catalog as module
from numen.index.catalog import Catalog
from numen.index.schema import FILE_NAME
from numen.index.segment_rows import SegmentEntry
from numen.types import Document


@pytest.fixture(params=["disk", "memory"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    made = Catalog.create(tmp_path if request.param == "disk" else None, {"legs": {}})
    with made.writing() as writer:
        writer.insert(writer.take("next_key", 3), [Document(id, f"text {id}") for id in "abc"])
    yield made
    made.close()


def test_what_is_written_is_read(catalog: Catalog) -> None:
    assert catalog.keys() == [1, 2, 3]
    assert sorted(catalog.living(["a", "c", "zzz"])) == [("a", 1), ("c", 3)]
    assert catalog.fetch([2, 99]) == {2: ("b", "", "text b", {})}
    dead = np.array([0, 40_000, 65_535], np.uint16)
    with catalog.writing() as writer:
        writer.add_segment(SegmentEntry(4, 65_536, 2**32 - 1, dead))
    (entry,) = catalog.segments()
    assert (entry.number, entry.documents, entry.checksum, entry.dead.tolist()) == (4, 65_536, 2**32 - 1, dead.tolist())
    assert catalog.setting("generation") == 2


def test_an_error_in_a_change_leaves_nothing(catalog: Catalog) -> None:
    def change() -> None:
        with catalog.writing() as writer:
            writer.insert(writer.take("next_key", 1), [Document("d", "")])
            writer.kill([1])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        change()
    assert (catalog.keys(), catalog.setting("generation"), catalog.setting("next_key")) == ([1, 2, 3], 1, 4)
    with catalog.writing() as writer:
        assert writer.take("next_key", 1) == 4


def test_a_second_writer_is_told_so(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BRIEFLY_MS", 0)
    others = [catalog]
    if catalog.path is not None:
        others.append(Catalog.open(catalog.path, read_only=False))
    with catalog.writing():
        for other in others:
            with pytest.raises(WriterBusy, match="is being written by another process or thread; try again"):
                other.writing().__enter__()
    for other in others:
        with other.writing():
            pass
        other.close()


def test_a_reader_is_no_writer() -> None:
    catalog = Catalog.create(None, {})
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with catalog.reading():
            reading.set()
            done.wait(0.2)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait()
    with catalog.writing() as writer:  # waits for the reader instead of taking it for a writer
        writer.insert(1, [Document("a", "")])
    thread.join()
    assert catalog.keys() == [1]


def test_ids_are_compared_as_they_are(catalog: Catalog) -> None:
    odd: list[Any] = ["a\0b", "A", "a ", 1, 1.0, None, "\ud800", "%", "*"]
    assert catalog.living(odd) == []


@pytest.mark.parametrize("name", ["with space", "per%20cent", "a?b#c", "ünï", "file:x"])
def test_any_folder_name_will_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(name)
    folder.mkdir()
    with_name = Catalog.create(folder, {"x": 1})
    monkeypatch.chdir("/")  # a relative name means the folder of that moment
    with with_name.writing() as writer:
        writer.set("x", 2)
    with_name.close()
    assert (tmp_path / name / FILE_NAME).is_file()
    again = Catalog.open(tmp_path / name, read_only=True)
    assert again.setting("x") == 2
    again.close()


def test_documents_are_those_of_one_commit(catalog: Catalog) -> None:
    seen = catalog.documents(batch=1)
    assert next(seen)[1][0] == "a"
    with catalog.writing() as writer:
        writer.kill([2])
        writer.insert(writer.take("next_key", 2), [Document("b", "new"), Document("d", "new")])
    assert [(key, stored[2]) for key, stored in seen] == [(2, "text b"), (3, "text c")]
    assert [stored[0] for _, stored in catalog.documents(batch=2)] == ["a", "c", "b", "d"]


def test_documents_may_be_read_from_several_threads(catalog: Catalog) -> None:
    seen = catalog.documents(batch=1)
    next(seen)
    rest: list[str] = []
    thread = threading.Thread(target=lambda: rest.extend(stored[0] for _, stored in seen))
    thread.start()
    thread.join()
    assert rest == ["b", "c"]


def test_a_closed_catalog_says_so(catalog: Catalog) -> None:
    catalog.close()
    catalog.close()
    with pytest.raises(CollectionError, match="is closed"):
        catalog.keys()


def test_no_folder_no_catalog_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name, reason in (("absent", "no such folder"), ("file", "it is a file"), (".", "it holds no catalog.sqlite")):
        with pytest.raises(NotACollection, match=reason):
            Catalog.open(tmp_path / name, read_only=False)


@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_no_catalog_is_named_and_not_changed(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / FILE_NAME
    for content in (b"", b"garbage" * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000):
        path.write_bytes(content)
        with pytest.raises(DamagedError, match=f"{FILE_NAME} is not a readable catalog"):
            Catalog.open(tmp_path, read_only=read_only)
        assert path.read_bytes() == content


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE other (x)",
        "CREATE TABLE settings (x)",
        "CREATE TABLE settings (name, value)",
        "CREATE TABLE settings (name, value); INSERT INTO settings VALUES ('format', 'not json')",
        "CREATE TABLE settings (name, value); INSERT INTO settings VALUES ('format', NULL)",
    ],
)
def test_another_programs_database_is_no_catalog(tmp_path: Path, statements: str) -> None:
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.executescript(statements)
    other.close()
    with pytest.raises(DamagedError, match="is not a readable catalog"):
        Catalog.open(tmp_path, read_only=False)


@pytest.mark.parametrize("version", [2, 99, 0, "1", None])
def test_a_newer_format_says_what_to_install(tmp_path: Path, version: object) -> None:
    catalog = Catalog.create(tmp_path, {})
    catalog.set("format", version)
    catalog.close()
    with pytest.raises(FormatError, match=r"has format .*; this numen reads formats 1 to 1\. Install a newer numen"):
        Catalog.open(tmp_path, read_only=False)


def test_a_damaged_page_is_reported(tmp_path: Path) -> None:
    catalog = Catalog.create(tmp_path, {})
    with catalog.writing() as writer:
        writer.insert(1, [Document(str(i), "text " * 50) for i in range(500)])
    catalog.close()
    path = tmp_path / FILE_NAME
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4_096] = b"\xff" * 4_096
    path.write_bytes(data)
    again = Catalog.open(tmp_path, read_only=False)
    found = again.problems()
    assert found
    assert all("catalog" in one for one in found)
    again.close()


def test_a_full_disk_leaves_the_last_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = Catalog.create(tmp_path, {})
    with catalog.writing() as writer:
        writer.insert(1, [Document("a", "x")])

    def change() -> None:
        with catalog.writing() as writer:
            writer._run("PRAGMA max_page_count = 20")
            writer.insert(2, [Document(str(i), "x" * 5_000) for i in range(100)])

    with pytest.raises(CollectionError, match=rf"{FILE_NAME}: .*full; the last commit is"):
        change()
    assert catalog.keys() == [1]
    with catalog.writing() as writer:
        writer.insert(2, [Document("b", "x")])
    assert catalog.keys() == [1, 2]
    catalog.close()


def test_another_process_wrote_while_this_one_could_not_watch(tmp_path: Path) -> None:
    made = Catalog.create(tmp_path, {})
    made.close()
    blind = Catalog._readable(tmp_path, "ro&immutable=1")
    assert blind.setting("generation") == 0
    made = Catalog.open(tmp_path, read_only=False)
    assert blind.setting("generation") == 0
    with made.writing():
        pass
    with pytest.raises(CollectionError, match="was written since it was opened; open it again"):
        blind.setting("generation")
    with pytest.raises(CollectionError, match="not yet moved into"):
        Catalog._readable(tmp_path, "ro&immutable=1")
    blind.close()
    made.close()


def test_generation_counts_commits_across_connections(tmp_path: Path) -> None:
    one = Catalog.create(tmp_path, {})
    other = Catalog.open(tmp_path, read_only=True)
    for expected in range(1, 4):
        with one.writing():
            assert other.setting("generation") == expected - 1
        assert other.setting("generation") == expected
    one.close()
    other.close()


def test_settings_are_json(tmp_path: Path) -> None:
    value = {"ü": [1, None, "\ud800"], "b": 0.1}
    catalog = Catalog.create(tmp_path, {"legs": value})
    assert catalog.setting("legs") == json.loads(json.dumps(value))
    with pytest.raises(DamagedError, match="no usable setting 'absent'"):
        catalog.setting("absent")
    catalog.close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
