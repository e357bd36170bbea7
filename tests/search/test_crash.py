"""A process killed at any moment leaves the last commit, whole, and the next one goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import numpy as np
import pytest

import numen
from numen import Collection

SOURCE = Path(str(numen.__file__)).parents[1]

KILLS = 25
PATIENCE_S = 35.0

CHILD = """
import sys
from numen import Collection
from numen.index import merge
from numen.search import writing
from numen.search.warm import warm_up
merge.FAN = 3
writing.MAX_DOCUMENTS = 60
writing.BATCH_DOCUMENTS = 25
path, number = sys.argv[1], int(sys.argv[2])
warm_up("bm25")
collection = Collection.open(path)
print("ready", flush=True)
while True:
    number += 1
    # Generation `number` of every document: 100 texts that say so; then some go, then all is rewritten.
    collection.add({"id": f"d{i}", "text": f"shared generation{number} word{i}", "of": number} for i in range(100))
    print("added", number, flush=True)
    if number % 3 == 0:
        collection.delete([f"d{i}" for i in range(number % 50)])
        print("deleted", number, flush=True)
    if number % 4 == 0:
        collection.compact()
        print("compacted", number, flush=True)
"""


def expected(done: str, number: int) -> tuple[int, int]:
    """(generation, documents) of the commit that was acknowledged with `done`."""
    gone = number % 50 if number % 3 == 0 and done in ("deleted", "compacted") else 0
    return number, 100 - gone


def following(done: str, number: int) -> tuple[str, int]:
    """What the child does after `done`."""
    order = ["added", *(["deleted"] if number % 3 == 0 else []), *(["compacted"] if number % 4 == 0 else [])]
    at = order.index(done) + 1
    return (order[at], number) if at < len(order) else ("added", number + 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "c"
    rng = np.random.default_rng(11)
    with Collection.create(path, legs={"words": "bm25"}) as collection:
        collection.add({"id": f"d{i}", "text": f"shared generation0 word{i}", "of": 0} for i in range(100))
    last = ("added", 0)
    left_over = kills = 0
    began = time.monotonic()
    while kills < KILLS and time.monotonic() - began < PATIENCE_S:
        acknowledged = run_and_kill(path, last[1], float(rng.uniform(0.002, 0.25)))
        kills += 1
        # A child begins with the next generation; what it does after that follows from what it did last.
        upcoming = following(*acknowledged[-1]) if acknowledged else ("added", last[1] + 1)
        last = acknowledged[-1] if acknowledged else last
        left_over += len(list((path / "segments").iterdir())) > segments_named(path)
        possible = [expected(*last), expected(*upcoming)]  # the commit may be through, its word not yet
        with Collection.open(path) as collection:
            assert collection.check() == []
            hits = collection.search("shared", 1_000)
            number = {hit.metadata["of"] for hit in hits}
            assert len(number) == 1
            assert (number.pop(), len(hits)) in possible
            assert len(collection) == len(hits) == len({hit.id for hit in hits})
            assert all(hit.text == f"shared generation{hit.metadata['of']} word{hit.id[1:]}" for hit in hits)
            folders = {folder.name for folder in (path / "segments").iterdir()}
            assert len(folders) == collection.info().segments
            # Go on from here, so that what the next child does first is known.
            start = last[1] + 1
            collection.add(
                {"id": f"d{i}", "text": f"shared generation{start} word{i}", "of": start} for i in range(100)
            )
            assert len(collection) == 100
        last = ("added", start)
    assert kills >= 10
    assert left_over > 0  # else the kills came at harmless moments only


def segments_named(path: Path) -> int:
    """How many segments the last commit has."""
    with Collection.open(path, read_only=True) as collection:
        return collection.info().segments


def run_and_kill(path: Path, number: int, seconds: float) -> list[tuple[str, int]]:
    """Let a child change the collection for a while, kill it, and return what it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(number)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert child.stdout is not None
    lines: list[str] = []
    ready = threading.Event()

    def listen(stream: IO[str]) -> None:
        for line in stream:
            if line == "ready\n":
                ready.set()
            elif line.endswith("\n"):
                lines.append(line)

    listener = threading.Thread(target=listen, args=(child.stdout,))
    listener.start()
    assert ready.wait(60)
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.wait()
    listener.join()
    child.stdout.close()
    return [(done, int(of)) for done, of in (line.split() for line in lines)]


def test_killed_while_it_is_made_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"")  # what a kill in the first milliseconds leaves
    with pytest.raises(numen.NumenError, match=r"catalog\.sqlite is not a readable catalog.*index anew"):
        Collection.open(tmp_path)
