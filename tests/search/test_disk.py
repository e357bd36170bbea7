"""A collection in a folder: what comes back, what is refused and why, and that a change is all or nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

import numen
from numen import Collection, Document
from numen.errors import (
    AlreadyExists,
    CollectionError,
    DamagedError,
    DocumentError,
    EncoderMismatch,
    FormatError,
    InputError,
    NotACollection,
    OptionError,
    ReadOnlyError,
    WriterBusy,
)
from numen.index import bundle, files, plan
from numen.index.catalog import Catalog
from numen.index.connection import Connection
from numen.index.last_commit import COMMIT_NAME
from numen.index.schema import FILE_NAME
from numen.index.seals import metadata_seal, segments_seal, text_seal
from numen.search import building

LEGS = {"words": "bm25:english,k1=1.5", "grams": "numen:4096,signed=true"}
SOURCE = Path(str(numen.__file__)).parents[1]


def documents(count: int, mark: str = "first", start: int = 0) -> Iterator[dict[str, Any]]:
    for i in range(start, start + count):
        yield {"id": f"d{i}", "title": f"Title {i % 7}", "text": f"{mark} word{i % 50} common text", "number": i}


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir())


def folders(path: Path) -> set[str]:
    root = path / "segments"
    return {folder.name for folder in root.iterdir()} if root.is_dir() else set()


def state(collection: Collection) -> tuple[Any, ...]:
    """All that a user can see of a collection."""
    info = collection.info()
    queries = ["word1 word2", "common", "first second", "title 3", "nothing of it"]
    return (
        info.documents,
        info.segments,
        info.deleted,
        info.legs,
        list(collection.documents()),
        [list(results) for results in collection.search_many(queries, 20)],
        list(collection.rank_many(queries, 1_000, legs=["grams"])),
    )


@pytest.fixture(autouse=True)
def every_segment_in_a_folder() -> Iterator[None]:
    """As if all were large; small ones, which the catalog keeps, have tests/search/test_bundled.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "MOST_BYTES", -1)
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The folder of a small collection, closed: two segments, one dead document."""
    with Collection.create(tmp_path / "c", legs=LEGS) as collection:
        collection.add(documents(60))
        collection.add(documents(10, "second", start=59))
    return tmp_path / "c"


# Round trips ---------------------------------------------------------------------------------------------------------


def test_a_collection_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(str(path), legs=LEGS, fields=["text"]) as made:
        made.add(documents(60))
        made.add(documents(10, "second", start=55))
        made.delete(["d1", "d2", "absent"])
        before, info = state(made), made.info()
        specs = {name: encoder.spec for name, encoder in made.legs.items()}
    for read_only in (True, False):
        with Collection.open(path, read_only=read_only) as back:
            assert state(back) == before
            assert {name: encoder.spec for name, encoder in back.legs.items()} == specs
            assert back.info().fields == ("text",)
            assert (back.info().generation, back.info().bytes_index) == (info.generation, info.bytes_index)
            assert back.check() == []
    with numen.open(path) as back:
        assert back.get("d3") == Document("d3", "first word3 common text", "Title 3", {"number": 3})


def test_a_collection_in_a_folder_answers_like_one_in_memory(path: Path) -> None:
    with Collection.create(legs=LEGS) as memory, Collection.open(path) as disk:
        memory.add(documents(60))
        memory.add(documents(10, "second", start=59))
        assert state(memory) == state(disk)
        memory.compact()
        disk.compact()
        assert state(memory) == state(disk)


def test_a_relative_folder_stays_the_same_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Collection.create("c", legs=LEGS) as collection:
        monkeypatch.chdir("/")
        collection.add(documents(5))
        collection.compact()
        assert collection.check() == []
    assert folders(tmp_path / "c") == {"1"}


def test_nothing_but_the_catalog_and_the_living_segments_lies_in_the_folder(path: Path) -> None:
    assert names(path) == [FILE_NAME, COMMIT_NAME, "segments"]
    assert folders(path) == {"1", "2"}
    with Collection.open(path) as collection:
        collection.compact()
        assert folders(path) == {"3"}
        collection.delete([f"d{i}" for i in range(69)])
        collection._merging.wait()
        assert folders(path) == set()
    assert names(path) == [FILE_NAME, COMMIT_NAME, "segments"]


def test_adding_the_documents_of_a_collection_to_itself_ends() -> None:
    with Collection.create(legs=LEGS) as collection:
        collection.add(documents(2_500))
        before = list(collection.documents())
        report = collection.add(collection.documents())
        assert (report.added, report.replaced) == (0, 2_500)
        assert list(collection.documents()) == before


# What is refused -----------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_collection(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name in ("absent", ".", "file"):
        with pytest.raises(NotACollection, match=r"is not a numen collection .*numen index SOURCE --into"):
            Collection.open(tmp_path / name)
    assert names(tmp_path) == ["file"]


def test_a_catalog_without_settings_is_damaged(path: Path) -> None:
    catalog = Catalog.open(path, read_only=False)
    catalog._run("DELETE FROM settings WHERE name = 'legs'")
    catalog.close()
    with pytest.raises(DamagedError, match="legs"):
        Collection.open(path)


def test_a_catalog_without_tables_is_damaged(path: Path) -> None:
    catalog = Catalog.open(path, read_only=False)
    catalog._run("DROP TABLE segments")
    catalog.close()
    with pytest.raises(DamagedError, match="tables are not those of format"):
        Collection.open(path)


def test_a_newer_format_is_refused(path: Path) -> None:
    catalog = Catalog.open(path, read_only=False)
    catalog.set("format", 2)
    catalog.close()
    with pytest.raises(FormatError, match="Install a newer numen"):
        Collection.open(path)


@pytest.mark.parametrize("name", ["segment.json", "doc_keys.npy", "words/docs.npy", "grams/doc_values.npy"])
@pytest.mark.parametrize("harm", ["missing", "short"])
def test_a_missing_or_short_file_is_named_when_searching(path: Path, name: str, harm: str) -> None:
    file = path / "segments" / "2" / name
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    named = str(Path("segments") / "2" / name)
    with Collection.open(path) as collection:
        with pytest.raises(DamagedError, match=named):
            collection.search("word")
        assert len(collection.check()) == 1
        assert named in collection.check()[0]


def test_check_names_the_file_with_a_flipped_byte(path: Path) -> None:
    file = path / "segments" / "1" / "words" / "doc_values.npy"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with Collection.open(path) as collection:
        assert collection.check() == [f"{file} does not match its checksum"]
        with pytest.raises(DamagedError, match=r"doc_values\.npy does not match its checksum"):
            collection.search("word")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM documents WHERE id = 'd3'", "1 documents of segments are not in the catalog"),
        (
            f"INSERT INTO documents VALUES (999, 'x', '', '', '{{}}', 1, {text_seal(999, b'x', b'', b'')}, "
            f"{metadata_seal(999, b'{}')})",
            "1 documents of the catalog are in no segment",
        ),
        ("UPDATE documents SET alive = 0 WHERE id = 'd3'", "1 documents of segments are not in the catalog"),
        ("UPDATE segments SET documents = 5 WHERE number = 1", "segment 1 holds 60 documents, the catalog says 5"),
        ("UPDATE segments SET dead = x'ff00' WHERE number = 1", "dead document number 255, but only 60 documents"),
    ],
)
def test_check_finds_what_does_not_fit_together(path: Path, statement: str, problem: str) -> None:
    catalog = Catalog.open(path, read_only=False)
    catalog._run(statement)
    catalog.set("segments_seal", segments_seal(catalog._segment_rows()))  # no damage, but a wrong commit
    catalog.close()
    with Collection.open(path) as collection:
        assert any(problem in one for one in collection.check())


def test_another_encoder_than_it_was_made_with(path: Path) -> None:
    with pytest.raises(EncoderMismatch, match=r"'bm25:english,k1=1\.5', not with 'bm25'"):
        Collection.open(path, legs={"words": "bm25"})
    with pytest.raises(EncoderMismatch, match="no leg 'word'; did you mean 'words'"):
        Collection.open(path, legs={"word": "bm25"})
    with pytest.raises(OptionError):
        Collection.open(path, legs={"words": "bm52"})
    Collection.open(path, legs=LEGS).close()


def test_a_taken_folder_is_left_alone(path: Path, tmp_path: Path) -> None:
    with pytest.raises(AlreadyExists, match="holds a collection already"):
        Collection.create(path)
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("x", encoding="utf-8")
    for other in (full, full / "mine.txt"):
        with pytest.raises(AlreadyExists, match="is not an empty folder"):
            Collection.create(other)
    assert names(full) == ["mine.txt"]
    with Collection.open(path) as collection:
        assert len(collection) == 69


def test_read_only_reads_only(path: Path) -> None:
    with Collection.open(path, read_only=True) as collection:
        assert collection.search("second")[0].text.startswith("second")
        changes: list[Callable[[], object]] = [
            lambda: collection.add(documents(1)),
            lambda: collection.delete(["d1"]),
            collection.compact,
        ]
        for change in changes:
            with pytest.raises(ReadOnlyError, match="read_only=True"):
                change()
        with Collection.open(path) as writer:
            writer.add([{"id": "new", "text": "brandnew"}])
        assert [hit.id for hit in collection.search("brandnew")] == ["new"]


def test_a_closed_collection_says_so(path: Path) -> None:
    collection = Collection.open(path)
    collection.close()
    collection.close()
    uses: list[Callable[[], object]] = [
        lambda: collection.search("x"),
        lambda: collection.add([]),
        lambda: collection.get("x"),
        lambda: "x" in collection,
        lambda: list(collection.documents()),
        lambda: len(collection),
        collection.info,
        collection.check,
        collection.compact,
    ]
    for use in uses:
        with pytest.raises(CollectionError, match="closed"):
            use()


UNPRIVILEGED = """
import os, sys
from numen import Collection
from numen.errors import ReadOnlyError
from numen.search.warm import warm_up
warm_up("bm25")
warm_up("numen:64")
path = sys.argv[1]
with Collection.create(path + "-own", legs={"words": "bm25:english"}) as own:  # every module loaded, as root still
    own.add([{"id": "x", "text": "first words"}])
    own.search("x")
try:
    os.seteuid(65534)
    open(path + "/probe", "w")
except PermissionError:
    pass
else:
    print("cannot become a user who may not write")
    sys.exit()
for read_only in (False, True):
    with Collection.open(path, read_only=read_only) as collection:
        print(collection.search("second")[0].text, len(collection), collection.check())
        for change in (lambda: collection.add([{"id": "x", "text": "y"}]), lambda: collection.delete(["d1"])):
            try:
                change()
            except ReadOnlyError as error:
                print("ReadOnlyError", error)
        print(len(collection))
try:
    Collection.create(path + "/new")
except ReadOnlyError as error:
    print("ReadOnlyError", error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_cannot_be_written(path: Path) -> None:
    for parent in path.parents:  # pytest makes its folders for their owner only
        if parent.owner() == "root" and parent.name.startswith(("pytest-", "test_")):
            parent.chmod(0o755)
    for one in [path, *path.rglob("*")]:
        one.chmod(0o555 if one.is_dir() else 0o444)
    before = sorted(path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, str(path)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        check=False,
    )
    if "cannot become" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["second", "ReadOnlyError", "ReadOnlyError", "69"] * 2 + [
        "ReadOnlyError"
    ]
    assert lines[0].endswith("69 []")
    assert str(path) in lines[1]
    assert sorted(path.rglob("*")) == before
    for one in [path, *path.rglob("*")]:
        one.chmod(0o755 if one.is_dir() else 0o644)


# All or nothing ------------------------------------------------------------------------------------------------------


class Stop(Exception):
    """What a user's iterator may raise."""


def failing(error: BaseException) -> Iterator[dict[str, Any]]:
    yield from documents(5_000, "half", start=30)
    raise error


@pytest.mark.parametrize("where", ["disk", "memory"])
@pytest.mark.parametrize("error", [Stop("stop"), KeyboardInterrupt(), GeneratorExit(), DocumentError("bad")])
def test_an_error_amid_the_documents_leaves_the_collection_as_it_was(
    tmp_path: Path, where: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MAX_DOCUMENTS", 1_500)  # so that segments are written before the error comes
    path = tmp_path / "c"
    with Collection.create(path if where == "disk" else None, legs=LEGS) as collection:
        collection.add(documents(60))
        before, there = state(collection), folders(path)
        with pytest.raises(type(error)):
            collection.add(failing(error))
        assert state(collection) == before
        assert (folders(path), collection.check()) == (there, [])
        assert len(collection._store._memory) == (1 if where == "memory" else 0)
        report = collection.add(documents(5_000, "half", start=30))
        assert (report.added, report.replaced) == (4_970, 30)
        assert collection.search("half")[0].text.startswith("half")
        assert collection.check() == []


def test_a_bad_document_after_many_good_ones_is_named(path: Path) -> None:
    bad: Any = [*documents(5_000, start=100), {"id": "bad"}]
    with Collection.open(path) as collection:
        before = state(collection)
        with pytest.raises(DocumentError, match=r"document 5001 of the input: document 'bad' has no \"text\""):
            collection.add(bad)
        assert state(collection) == before


def test_skip_bad_counts_and_goes_on(path: Path) -> None:
    bad: Any = [{"id": "x"}, None, {"text": "no id"}, {"id": "", "text": ""}, {"id": "y", "text": 3}]
    given = [*documents(10, start=65), *bad * 10, *documents(3, start=74), {"id": "new", "text": "good"}]
    with Collection.open(path) as collection:
        report = collection.add(given, skip_bad=True)
        # d65..d68 were there, d69..d76 are new, d74 comes twice.
        assert (report.added, report.replaced, report.repeated, report.skipped) == (9, 4, 1, 50)
        assert len(report.problems) == 20
        assert report.problems[0].startswith("document 11 of the input")
        assert len(collection) == 78
        assert collection.check() == []


def test_ids_repeated_across_batches_are_counted_once(tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c", legs=LEGS) as collection:
        collection.add(documents(10))
        given = [*documents(1_500), *documents(700, "again"), *documents(5, "last", start=3)]
        report = collection.add(given)
        assert (report.added, report.replaced, report.repeated) == (1_490, 10, 705)
        assert len(collection) == 1_500
        found = [collection.get(f"d{i}") for i in (2, 3, 7, 8, 700)]
        assert [one.text.split()[0] for one in found if one] == ["again", "last", "last", "again", "first"]
        assert collection.check() == []


@pytest.mark.parametrize("given", ["text", {"id": "a", "text": "b"}, Document("a", "b")])
def test_a_single_document_is_no_iterable_of_documents(path: Path, given: Any) -> None:
    with Collection.open(path) as collection:
        with pytest.raises(InputError, match="put a single one in a list"):
            collection.add(given)
        assert len(collection) == 69


def test_what_the_progress_callback_raises_undoes_the_change(path: Path) -> None:
    def stop(stage: str, done: int, total: int | None) -> None:
        if done >= 2_000:
            raise Stop("stop")

    with Collection.open(path) as collection:
        before = state(collection)
        with pytest.raises(Stop):
            collection.add(documents(5_000), progress=stop)
        assert (state(collection), folders(path)) == (before, {"1", "2"})


@pytest.mark.parametrize("change", ["add", "compact"])
def test_a_full_disk_undoes_the_change(path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, writes = files._write_array, 0

    def full(file: BinaryIO, array: files.Array) -> None:
        nonlocal writes
        writes += 1
        if writes == 9:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file, array)

    with Collection.open(path) as collection:
        before = state(collection)
        monkeypatch.setattr(files, "_write_array", full)
        with pytest.raises(CollectionError, match=r"segments.*\.npy: No space left on device"):
            collection.add(documents(90)) if change == "add" else collection.compact()
        monkeypatch.undo()
        assert (state(collection), folders(path), collection.check()) == (before, {"1", "2"}, [])
        collection.compact()
        assert (len(collection), collection.check()) == (69, [])


def test_a_change_that_fails_to_commit_is_no_change(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Connection._run

    def fail(self: Connection, sql: str, values: Any = ()) -> list[Any]:
        if sql == "COMMIT":
            raise CollectionError("disk full")
        return real(self, sql, values)

    with Collection.open(path) as collection:
        before = state(collection)
        monkeypatch.setattr(Connection, "_run", fail)
        with pytest.raises(CollectionError, match="disk full"):
            collection.add(documents(90))
        monkeypatch.undo()
        assert (state(collection), collection.check()) == (before, [])
        collection.add(documents(90))
        assert (len(collection), collection.check()) == (90, [])
        collection._merging.wait()
        assert len(folders(path)) == collection.info().segments


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_an_interrupt_just_after_the_commit_does_not_undo_it(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Connection._run

    def interrupted(self: Connection, sql: str, values: Any = ()) -> list[Any]:
        rows = real(self, sql, values)
        if sql == "COMMIT":
            raise KeyboardInterrupt
        return rows

    with Collection.create(tmp_path / "c" if where == "disk" else None, legs=LEGS) as collection:
        collection.add(documents(60))
        monkeypatch.setattr(Connection, "_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            collection.add(documents(70, "second"))
        monkeypatch.undo()
        assert (len(collection), collection.check()) == (70, [])
        assert collection.search("second")[0].text.startswith("second")
        collection.compact()
        assert len(folders(tmp_path / "c")) == (1 if where == "disk" else 0)
        assert len(collection._store._memory) == (0 if where == "disk" else 1)


def test_all_files_are_durable_before_the_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    real_write, real_flush, real_run = files._write_array, files._flush, Connection._run

    def write(file: BinaryIO, array: files.Array) -> None:
        events.append("write")
        real_write(file, array)

    def flush(descriptor: int) -> None:
        events.append("flush")
        real_flush(descriptor)

    def run(self: Connection, sql: str, values: Any = ()) -> list[Any]:
        if sql in ("BEGIN IMMEDIATE", "COMMIT"):
            events.append(sql)
        return real_run(self, sql, values)

    with Collection.open(path) as collection:
        monkeypatch.setattr(files, "_write_array", write)
        monkeypatch.setattr(files, "_flush", flush)
        monkeypatch.setattr(Connection, "_run", run)
        collection.add(documents(5))
        monkeypatch.undo()
    writes = events.count("write")
    assert writes > 20
    # The manifest and five folders are flushed too.
    assert events[: writes + 1] == ["BEGIN IMMEDIATE", *["write"] * writes]
    assert events[writes + 1 :] == [*["flush"] * (len(events) - writes - 2), "COMMIT"]
    assert len(events) - writes - 2 >= writes + 6


def test_what_a_crash_left_is_swept_by_the_next_open_and_the_next_change(path: Path) -> None:
    def leave(number: int) -> None:
        (path / "segments" / str(number) / "words").mkdir(parents=True)
        (path / "segments" / str(number) / "words" / "docs.npy").write_bytes(b"half")

    leave(3)
    with Collection.open(path, read_only=True):
        assert folders(path) == {"1", "2", "3"}
    with Collection.open(path) as collection:
        assert folders(path) == {"1", "2"}
        leave(3)  # by another process, which died after this one had opened the collection
        leave(7)
        collection.add(documents(5, start=200))
        assert folders(path) == {"1", "2", "3"}
        assert collection.check() == []


def test_what_is_not_a_segment_in_the_folder_of_segments_stays(path: Path) -> None:
    (path / "segments" / ".DS_Store").write_text("x", encoding="utf-8")
    (path / "segments" / "notes").mkdir()
    for _ in range(2):
        with Collection.open(path) as collection:
            generation = collection.info().generation
    assert generation == 2  # opening changes nothing
    assert folders(path) == {"1", "2", ".DS_Store", "notes"}


# Streams -------------------------------------------------------------------------------------------------------------


def test_progress_counts_documents_and_the_input_is_never_held(tmp_path: Path) -> None:
    given, seen = 0, [0]
    written: list[int] = []

    def stream() -> Iterator[dict[str, str]]:
        nonlocal given
        for i in range(200_000):
            given += 1
            assert given - seen[-1] <= 1_000  # how far the stream is ahead of what has been stored
            yield {"id": str(i), "text": f"w{i % 100}"}

    def progress(stage: str, done: int, total: int | None) -> None:
        assert (stage in ("documents", "segments"), total) == (True, None)
        if stage == "documents":
            assert done == 0 or done > seen[-1]
            seen.append(done)
        else:
            written.append(done)

    with Collection.create(tmp_path / "c", legs={"words": "bm25"}) as collection:
        report = collection.add(stream(), progress=progress)
        assert (report.added, seen[-1], len(seen)) == (200_000, 200_000, 202)
        assert (written[-1], sorted(set(written))) == (4, written)
        assert collection.info().segments == 4
        assert len(collection.rank_many(["w3"], 5_000)[0]) == 2_000


def test_large_documents_come_in_smaller_batches(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    given = ({"id": str(i), "text": "word " * 200_000} for i in range(12))
    with Collection.create(tmp_path / "c", legs={"words": "bm25"}) as collection:
        collection.add(given, progress=lambda stage, done, total: seen.append((stage, done)))
    assert [done for stage, done in seen if stage == "documents"] == [0, 5, 10, 12]


def test_adding_to_the_collection_that_is_being_added_to_is_refused(path: Path) -> None:
    with Collection.open(path) as collection:

        def nested() -> Iterator[Document]:
            yield Document("one", "x")
            with pytest.raises(WriterBusy):
                collection.add([Document("two", "x")])
            assert "one" not in collection  # the last commit is read meanwhile
            yield Document("three", "x")

        assert collection.add(nested()).added == 2
        assert "two" not in collection


def test_merges_keep_the_number_of_folders_small(tmp_path: Path) -> None:
    with Collection.create(tmp_path / "c", legs={"words": "bm25"}) as collection:
        for i in range(100):
            collection.add(documents(3, start=3 * i))
        collection._merging.wait()
        assert collection.info().segments <= 2 * plan.FAN
        assert len(folders(tmp_path / "c")) == collection.info().segments
        assert (len(collection), collection.check()) == (300, [])
