"""Repair: a damaged collection is sound afterwards, and whatever could be read or made again is there."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import CollectionError, DamagedError, NotACollection
from numen.index import bundle
from numen.index.connection import Connection
from numen.index.last_commit import COMMIT_NAME
from numen.index.schema import FILE_NAME

TEXT = {"words": "bm25", "grams": "numen:512"}
GIVEN = {**TEXT, "made": "given:terms"}
PAGE = 4096


def documents(start: int, count: int) -> Iterator[dict[str, Any]]:
    for i in range(start, start + count):
        yield {
            "id": f"d{i}",
            "title": f"title {i % 5}",
            "text": f"common word{i % 7} only{i} " + "filler " * 40,
            "n": i,
        }


def make(path: Path, legs: dict[str, str], in_catalog: bool) -> None:
    """100 documents less 4, in three segments, in folders or in the catalog."""
    given = "made" in legs
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bundle, "MOST_BYTES", 1 << 22 if in_catalog else 0)
        with Collection.create(path, legs=legs) as collection:
            for start, count in ((0, 60), (50, 40), (90, 10)):
                vectors = [{f"t{i}": 1.0, "shared": 0.5} for i in range(start, start + count)] if given else None
                collection.add(documents(start, count), vectors=vectors)
            collection.delete(["d1", "d55", "d70", "d99"])


@pytest.fixture(params=["folders", "catalog"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make(tmp_path / "c", TEXT, request.param == "catalog")
    return tmp_path / "c"


def state(path: Path) -> dict[str, Any]:
    """All documents, and what each leg finds."""
    with Collection.open(path, read_only=True) as collection:
        queries = ["common word3", "only7", "title 2 only63"]
        return {
            "documents": {one.id: one for one in collection.documents()},
            **{leg: list(collection.rank_many(queries, 200, legs=[leg])) for leg in TEXT},
        }


def assert_sound(path: Path, lost: set[str]) -> None:
    """That the collection is that of the documents made by `make`, less the lost ones, in every respect."""
    with Collection.open(path) as collection, Collection.create(legs=TEXT) as fresh:
        assert collection.check() == []
        fresh.add(one for one in documents(0, 100) if one["id"] not in {"d1", "d55", "d70", "d99"} | lost)
        assert {one.id: one for one in collection.documents()} == {one.id: one for one in fresh.documents()}
        queries = ["common word3", "only7", "title 2 only63"]
        for leg in TEXT:
            got, expected = (list(one.rank_many(queries, 200, legs=[leg])) for one in (collection, fresh))
            assert got == expected
        vectors = [{"t5": 1.0}] if "made" in collection.legs else None
        collection.add([{"id": "after", "text": "afterwards"}], vectors=vectors)
        assert [hit.id for hit in collection.search("afterwards", legs=["words"])] == ["after"]
        assert collection.check() == []


def harm(file: Path, place: int, value: bytes | None = None) -> None:
    """Other bytes at a place of a file; without any, one flipped byte."""
    with file.open("r+b") as opened:
        opened.seek(place)
        before = opened.read(1)
        opened.seek(place)
        opened.write(value if value is not None else bytes([before[0] ^ 0x55]))


def harm_text(path: Path, words: bytes) -> None:
    """Another letter in a stored text."""
    data = (path / FILE_NAME).read_bytes()
    assert data.count(words) == 1
    harm(path / FILE_NAME, data.index(words))


def test_a_sound_collection_is_left_as_it_is(path: Path) -> None:
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    assert Collection.repair(path) == []
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before


def test_every_file_of_a_segment_can_be_lost(tmp_path: Path) -> None:
    make(tmp_path / "c", TEXT, in_catalog=False)
    files = sorted((tmp_path / "c" / "segments" / "1").rglob("*.*"))
    assert len(files) > 20
    for number, file in enumerate(files):
        path = tmp_path / str(number)
        shutil.copytree(tmp_path / "c", path)
        victim = path / file.relative_to(tmp_path / "c")
        if number % 2:
            victim.unlink()
        else:
            harm(victim, victim.stat().st_size - 1)
        told = Collection.repair(path)
        assert str(victim) in told[0]
        assert "stored" in told[-1]
        assert_sound(path, set())
        shutil.rmtree(path)


def test_segments_in_the_catalog_are_made_again(tmp_path: Path) -> None:
    make(tmp_path / "c", TEXT, in_catalog=True)
    with closing(sqlite3.connect(tmp_path / "c" / FILE_NAME)) as catalog, catalog:
        (data,) = catalog.execute("SELECT data FROM bundles WHERE number = 1").fetchone()
        catalog.execute("UPDATE bundles SET data = ? WHERE number = 1", (data[:9] + bytes([data[9] ^ 1]) + data[10:],))
        catalog.execute("DELETE FROM bundles WHERE number = 2")
    told = Collection.repair(tmp_path / "c")
    assert "segment 1 in " in told[0]
    assert told[-1] == "87 documents indexed anew from the stored texts"
    assert_sound(tmp_path / "c", set())


def test_a_damaged_text_is_an_error_that_names_it_and_is_dropped(path: Path) -> None:
    harm_text(path, b"only63 ")
    with Collection.open(path) as collection:
        assert len(collection.search("only7")) > 0
        with pytest.raises(DamagedError, match=r"the text of document 'd63' \(key \d+\) is not as it was written"):
            collection.search("only63")
        with pytest.raises(DamagedError, match="'d63'"):
            list(collection.documents())
        assert len(collection.check()) == 1
        assert "'d63'" in collection.check()[0]
    told = Collection.repair(path)
    assert "'d63'" in told[0]
    assert told[-1] == "1 document lost, as the catalog does not hold them any more: 'd63'"
    assert (path / f"{FILE_NAME}.damaged1").exists()
    assert_sound(path, {"d63"})


def test_damaged_metadata_does_not_pass_a_filter(path: Path) -> None:
    data = (path / FILE_NAME).read_bytes()
    place = data.index(b'{"n": 63}')
    harm(path / FILE_NAME, place + 7, b"4")
    with Collection.open(path) as collection, pytest.raises(DamagedError, match="the metadata of document"):
        collection.search("common", where="n = 43")
    Collection.repair(path)
    assert_sound(path, {"d63"})


def test_given_vectors_that_are_lost_take_their_documents_along(tmp_path: Path) -> None:
    for number, (name, lost) in enumerate([("made/docs.npy", 49), ("ids.npy", 0), ("words/docs.npy", 0)]):
        path = tmp_path / str(number)
        make(path, GIVEN, in_catalog=False)
        victim = path / "segments" / "1" / name
        harm(victim, victim.stat().st_size - 1)
        with Collection.open(path) as collection:
            ids = {one.id for one in collection.documents()}
        told = Collection.repair(path)
        if lost:
            assert "49 documents dropped, as the vectors given for leg made are lost: 'd0', 'd2'" in told[-1]
        first = {f"d{i}" for i in range(50)} & ids
        assert_sound(path, first if lost else set())
        with Collection.open(path) as collection:
            hits = collection.rank_many(None, 200, legs=["made"], vectors=[{"shared": 1.0}])
            assert {id for id, _ in next(iter(hits))} == ids - (first if lost else set())


@pytest.mark.parametrize("in_catalog", [False, True])
@pytest.mark.parametrize("part", ["checksum", "words", "ids", "id_starts", "ranks", "doc_keys", "made"])
def test_given_vectors_are_kept_where_they_are_whole(tmp_path: Path, part: str, in_catalog: bool) -> None:
    path = tmp_path / "c"
    make(path, GIVEN, in_catalog)
    name = {"words": "words/docs", "made": "made/codes"}.get(part, part)
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog, catalog:
        if part == "checksum":
            catalog.execute("UPDATE segments SET checksum = checksum + 1 WHERE number = 1")
        elif in_catalog:
            (data,) = catalog.execute("SELECT data FROM bundles WHERE number = 1").fetchone()
            length = int.from_bytes(data[:4], "little")
            at = -(-(4 + length) // 16) * 16 + json.loads(data[4 : 4 + length])[name]["at"]
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            catalog.execute("UPDATE bundles SET data = ? WHERE number = 1", (data,))
        else:
            victim = path / "segments" / "1" / f"{name}.npy"
            harm(victim, victim.stat().st_size - 1)
    told = Collection.repair(path)
    lost = part in ("doc_keys", "made")
    assert ("documents dropped, as the vectors given for leg made are lost" in told[-1]) == lost
    assert_sound(path, {f"d{i}" for i in range(50)} if lost else set())
    with Collection.open(path) as collection:
        hits = collection.rank_many(None, 200, legs=["made"], vectors=[{"shared": 1.0}])
        ids = {one.id for one in collection.documents()} - {"after"}
        assert {id for id, _ in next(iter(hits))} == ids
        assert ("d7" in ids) != lost
        assert [hit.id for hit in collection.search(vectors={"t7": 1.0}, legs=["made"])] == ([] if lost else ["d7"])


@pytest.mark.parametrize("flag", [0, 1])
def test_deletion_marks_that_are_damaged_are_set_by_the_segments(path: Path, flag: int) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog, catalog:
        catalog.execute("UPDATE documents SET alive = ? WHERE id = ?", (flag, "d1" if flag else "d2"))
    with Collection.open(path) as collection:
        with pytest.raises(DamagedError, match="does not list as many living documents"):
            list(collection.documents())
        assert collection.check() != []
    told = Collection.repair(path)
    assert told[-1] == f"1 document passed for {'living' if flag else 'deleted'} by damage: 'd{1 if flag else 2}'"
    assert_sound(path, set())


@pytest.mark.parametrize("column", ["documents", "checksum", "dead"])
def test_a_damaged_table_of_segments(path: Path, column: str) -> None:
    value = {"documents": "documents + 1", "checksum": "checksum + 1", "dead": "x'0500'"}[column]
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog, catalog:
        catalog.execute(f"UPDATE segments SET {column} = {value} WHERE number = 1")
    with pytest.raises(DamagedError, match="the table of segments is not as it was written"):
        Collection.open(path)
    assert "the table of segments is not as it was written" in Collection.repair(path)[0]
    assert_sound(path, set())


def test_the_first_page_may_be_lost_altogether(path: Path) -> None:
    harm(path / FILE_NAME, 0, os.urandom(PAGE))
    with pytest.raises(DamagedError, match=r"is not a readable catalog.*numen check --repair"):
        Collection.open(path)
    Collection.repair(path)
    assert_sound(path, set())


def test_a_lost_page_of_documents_takes_only_its_own_along(path: Path) -> None:
    data = (path / FILE_NAME).read_bytes()
    page = data.index(b"only63 ") // PAGE
    gone = {f"d{i}" for i in range(100) if f"only{i} ".encode() in data[page * PAGE : (page + 1) * PAGE]}
    harm(path / FILE_NAME, page * PAGE, bytes(PAGE))
    told = Collection.repair(path)
    assert any(f"{len(gone - {'d55', 'd70'})} documents lost" in one for one in told)
    assert_sound(path, gone)


def test_settings_that_are_lost_have_to_be_given(path: Path) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as catalog, catalog:
        catalog.execute("DELETE FROM settings WHERE name <> 'generation'")
    before = (path / FILE_NAME).read_bytes()
    with pytest.raises(DamagedError, match=r"its setting 'legs' cannot be read.*give it as it was made"):
        Collection.repair(path)
    assert (path / FILE_NAME).read_bytes() == before
    told = Collection.repair(path, legs=TEXT, fields=("title", "text"))
    assert "the setting 'legs' of the catalog" in told
    assert_sound(path, set())


@pytest.mark.parametrize("kind", ["noise", "empty", "short"])
def test_what_cannot_be_saved_is_said_and_left(path: Path, kind: str) -> None:
    content = {"noise": os.urandom(40_000), "empty": b"", "short": (path / FILE_NAME).read_bytes()[:5_000]}[kind]
    (path / FILE_NAME).write_bytes(content)
    names = sorted(path.iterdir())
    with pytest.raises(DamagedError, match=r"cannot be repaired: .*Restore the folder from a copy"):
        Collection.repair(path)
    assert (path / FILE_NAME).read_bytes() == content
    assert sorted(path.iterdir()) == names


def test_no_collection_no_repair(tmp_path: Path) -> None:
    with pytest.raises(NotACollection):
        Collection.repair(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_commits_lost_with_the_log_are_noticed(tmp_path: Path) -> None:
    path, copy = tmp_path / "c", tmp_path / "copy"
    with Collection.create(path, legs=TEXT) as collection:
        collection.add(documents(0, 50))
        collection._store.catalog._run("PRAGMA wal_checkpoint(TRUNCATE)")
        collection.add(documents(50, 1))
        shutil.copytree(path, copy)
    log = copy / f"{FILE_NAME}-wal"
    harm(log, 40)
    with pytest.raises(DamagedError, match=r"catalog\.sqlite-wal is damaged or gone: commit 2 was made, 1 is the last"):
        Collection.open(copy)
    Collection.repair(copy)
    with Collection.open(copy) as back:
        assert (len(back), back.check()) == (50, [])
        back.add(documents(50, 1))
    with Collection.open(copy) as back:
        assert len(back) == 51


def test_the_note_of_the_last_commit_may_be_damaged_or_gone(path: Path) -> None:
    before = state(path)
    for content in (b"", b"00000000000000000009 00000000\n", b"\xff\xff", None):
        if content is None:
            (path / COMMIT_NAME).unlink()
        else:
            (path / COMMIT_NAME).write_bytes(content)
        assert state(path) == before
        assert Collection.repair(path) == []


class Crash(BaseException):
    """Stands for a kill."""


def test_a_repair_that_is_killed_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_replace, real_run, real_run_each = Path.replace, Connection._run, Connection._run_each
    moments = 0
    for stop in range(1, 40):
        path = tmp_path / str(stop)
        make(path, TEXT, in_catalog=False)
        harm_text(path, b"only63 ")
        harm(path / "segments" / "1" / "ids.npy", 200)
        steps = 0

        def step(now: int = stop) -> None:
            nonlocal steps
            steps += 1
            if steps == now:
                raise Crash

        def replace(self: Path, target: Path, step: Callable[[], None] = step) -> Path:
            step()
            return real_replace(self, target)

        def run(self: Connection, sql: str, values: Any = (), step: Callable[[], None] = step) -> list[Any]:
            if sql.startswith(("INSERT", "DELETE", "COMMIT", "UPDATE")):
                step()
            return real_run(self, sql, values)

        def run_each(self: Connection, sql: str, values: Any, step: Callable[[], None] = step) -> None:
            step()
            real_run_each(self, sql, values)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(Connection, "_run", run)
        monkeypatch.setattr(Connection, "_run_each", run_each)
        try:
            Collection.repair(path)
        except Crash:
            moments += 1
        monkeypatch.undo()
        if steps < stop:
            break
        if not (path / FILE_NAME).exists():
            with pytest.raises(DamagedError, match=r"a repair of .* was interrupted; go on with"):
                Collection.open(path)
        Collection.repair(path)
        assert_sound(path, {"d63"})
        shutil.rmtree(path)
    assert moments > 8


def test_random_damage_leaves_what_is_left(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    makers = {"folders": (TEXT, False), "catalog": (TEXT, True)}
    for name, (legs, in_catalog) in makers.items():
        make(tmp_path / name, legs, in_catalog)
    refused = 0
    for trial in range(60):
        source = tmp_path / list(makers)[trial % 2]
        path = tmp_path / str(trial)
        shutil.copytree(source, path)
        files = sorted(file for file in path.rglob("*") if file.is_file())
        for _ in range(int(rng.integers(1, 4))):
            victim = files[int(rng.integers(len(files)))] if rng.random() < 0.5 else path / FILE_NAME
            harm(victim, int(rng.integers(victim.stat().st_size)))
        try:
            Collection.repair(path)
        except CollectionError:
            refused += 1
            continue
        with Collection.open(path) as collection:
            left = {one.id for one in collection.documents()}
        everything = {f"d{i}" for i in range(100)} - {"d1", "d55", "d70", "d99"}
        # A page of the catalog holds about a dozen documents.
        assert len(everything - left) <= 40
        assert left <= everything
        assert_sound(path, everything - left)
        shutil.rmtree(path)
    assert refused < 6
