"""Readers in other processes and threads while one process writes: each answer is of one commit, and none fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import numen
from numen import Collection
from numen.errors import CollectionError, NotACollection, ReadOnlyError, WriterBusy

LEGS = {"words": "bm25", "grams": "numen:512", "made": "given:terms"}
SOURCE = Path(str(numen.__file__)).parents[1]
COUNT = 40

COMMON = """
import sys, time
from numen import Collection
path = sys.argv[1]

def add(collection, number):
    collection.add(
        [{"id": f"d{i}", "text": f"shared generation{number}", "of": number} for i in range(40)],
        vectors=[{"shared": 1.0, f"generation{number}": 2.0}] * 40,
    )

def look(collection):
    '''The generation of an answer, after seeing that all of it is of one.'''
    one, two = collection.search_many(["shared", "generation1 shared"], 100, vectors=[{"shared": 1.0}] * 2)
    for results in (one, two):
        of = {hit.metadata["of"] for hit in results}
        assert len(of) == 1 and len(results) == 40, (of, len(results))
        assert {hit.text for hit in results} == {f"shared generation{min(of)}"}, of
        for leg in ("words", "grams", "made"):
            assert all(leg in hit.legs for hit in results), leg
    held = {one.metadata.get("of") for one in collection.documents()} - {None}
    assert len(held) == 1, held
    assert len(collection.search("shared", 100, legs=["words"], where="of >= 0")) == 40
    time.sleep(0.005)  # there are ten of us, and few cores
    return one[0].metadata["of"]
"""

WRITER = (
    COMMON
    + """
from numen.index import bundle, plan
plan.SMALL = 0
plan.FAN = 2  # merges, which remove segments, at every other change
collection = Collection.open(path)
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, 31):
    bundle.MOST_BYTES = 0 if number % 2 else 4_000
    add(collection, number)
    if number % 3 == 0:
        collection.add([{"id": "unlike", "text": "_"}], vectors=[{}])
        collection.delete(["unlike"])
    if number % 10 == 0:
        collection.compact()
collection.close()
"""
)

READER = (
    COMMON
    + """
import threading
collection = Collection.open(path, read_only=sys.argv[2] == "only")
look(collection)
print("ready", flush=True)
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
seen = []
while not stop.is_set():
    seen.append(look(collection))
    if len(seen) % 7 == 0:
        collection.close()
        collection = Collection.open(path, read_only=sys.argv[2] == "only")
seen.append(look(collection))
assert seen == sorted(seen), seen
print(len(set(seen)), seen[-1], flush=True)
"""
)


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


def test_eight_readers_see_one_commit_each_time(tmp_path: Path) -> None:
    path = tmp_path / "c"
    space: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["", str(path)])
        exec(COMMON, space)
    with Collection.create(path, legs=LEGS) as collection:
        space["add"](collection, 0)
        space["look"](collection)  # kernels are compiled now, if they have to be
    writer = start(WRITER, str(path))
    readers = [start(READER, str(path), kind) for kind in ("only", "only", "write", "write")]
    everyone = [writer, *readers]
    stop = threading.Event()
    seen: list[list[int]] = [[] for _ in range(4)]
    errors: list[BaseException] = []

    def read(mine: list[int], shared: Collection | None) -> None:
        try:
            while not stop.is_set():
                if shared is not None:
                    mine.append(space["look"](shared))
                else:
                    with Collection.open(path, read_only=True) as own:
                        mine.append(space["look"](own))
        except BaseException as error:
            errors.append(error)

    try:
        for one in everyone:
            assert one.stdout is not None
            line = one.stdout.readline()
            assert line == "ready\n", one.communicate()[1]
        with Collection.open(path) as collection:
            threads = [
                threading.Thread(target=read, args=(mine, collection if number < 2 else None))
                for number, mine in enumerate(seen)
            ]
            for thread in threads:
                thread.start()
            said = writer.communicate("go\n")[1]
            stop.set()
            for thread in threads:
                thread.join()
            assert (writer.returncode, said) == (0, "")
            assert errors == []
            assert all(mine == sorted(mine) for mine in seen)  # nobody goes back in time
            assert sum(len(set(mine)) for mine in seen) > 8
            for reader in readers:
                out, problem = reader.communicate("stop\n")
                assert (reader.returncode, problem) == (0, "")
                different, last = map(int, out.split())
                assert (different > 1, last) == (True, 30)
            assert collection.check() == []
            assert space["look"](collection) == 30
    finally:
        stop.set()
        for one in everyone:
            if one.poll() is None:
                one.kill()
                one.communicate()


# What is taken away under a reader ----------------------------------------------------------------------------------


def generation(number: int) -> list[dict[str, Any]]:
    return [{"id": f"d{i}", "text": f"shared generation{number}", "of": number} for i in range(COUNT)]


def test_a_folder_deleted_under_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from numen.index import bundle

    monkeypatch.setattr(bundle, "MOST_BYTES", 0)
    path = tmp_path / "c"
    legs = {"words": "bm25"}
    with Collection.create(path, legs=legs) as writer:
        writer.add(generation(0))
        with Collection.open(path) as loaded, Collection.open(path, read_only=True) as unloaded:
            before = list(loaded.search("shared", 100))
            shutil.rmtree(path)
            assert list(loaded.search("shared", 100)) == before  # what it holds it goes on holding
            with pytest.raises(CollectionError, match=r"segment\.json is missing"):
                unloaded.search("shared")
            for one in (writer, loaded):
                with pytest.raises(CollectionError, match=rf"{path}.* was removed or replaced"):
                    one.add(generation(1))
                with pytest.raises(CollectionError, match=rf"{path}.* was removed or replaced"):
                    one.delete(["d1"])
            assert loaded.check() != []
    assert not path.exists()
    with pytest.raises(NotACollection, match="no such folder"):
        Collection.open(path)


def test_a_folder_replaced_by_another_collection_under_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs={"words": "bm25"}) as old:
        old.add(generation(0))
        path.rename(tmp_path / "moved")
        with Collection.create(path, legs={"words": "bm25"}) as new:
            new.add(generation(7))
            with pytest.raises(CollectionError, match="was removed or replaced since it was opened"):
                old.add(generation(1))
            assert {hit.metadata["of"] for hit in new.search("shared", 100)} == {7}
            assert new.check() == []


def test_a_catalog_that_another_process_keeps_locked(tmp_path: Path) -> None:
    path = tmp_path / "c"
    holder = """
import sqlite3, sys
catalog = sqlite3.connect(sys.argv[1], isolation_level=None)
catalog.execute("BEGIN IMMEDIATE")
print("ready", flush=True)
sys.stdin.readline()
"""
    with Collection.create(path, legs={"words": "bm25"}) as collection:
        collection.add(generation(0))
        other = start(holder, str(path / "catalog.sqlite"))
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
            for change in (
                lambda: collection.add(generation(1)),
                lambda: collection.delete(["d1"]),
                collection.compact,
            ):
                with pytest.raises(WriterBusy, match="is being written by another process"):
                    change()
            (path / "segments" / "99").mkdir(parents=True)
            with pytest.raises(WriterBusy, match="is being written by another process"):
                Collection.repair(path)
            assert {hit.metadata["of"] for hit in collection.search("shared", 100)} == {0}
            assert collection.check() == []
            with Collection.open(path) as another:
                assert len(another) == COUNT
        finally:
            other.communicate("go\n")
        collection.add(generation(1))
        assert {hit.metadata["of"] for hit in collection.search("shared", 100)} == {1}
    assert not (path / "segments" / "99").exists()  # left over from nothing: the next change removes it


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have no owner here")
def test_a_read_only_folder_cannot_be_repaired(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Collection.create(path, legs={"words": "bm25"}) as collection:
        collection.add(generation(0))
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only for root")
    path.chmod(0o555)
    try:
        with pytest.raises(ReadOnlyError):
            Collection.repair(path)
    finally:
        path.chmod(0o755)
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before
