"""Does a collection bear being killed? A writer gets SIGKILL at random moments; what it had acknowledged must be there.

    python benchmarks/kills.py [--kills 300] [--seed 1]

A child process adds, replaces, deletes and compacts in a loop and says after each commit which it was. The parent kills
it, and knows from what was said which commit must be the last, and which one may have come through unsaid. It then
checks every byte, every document and every leg, and makes a change of its own. POSIX only: others have no SIGKILL.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import numen
from numen import Collection
from numen.index import bundle, plan
from numen.search import batches, building
from stand_in import VECTOR_LEGS, stand_ins

__all__ = ["Kills", "kill_often"]

LEGS = {"words": "bm25", "grams": "numen:512", "made": "given:terms", "near": "given:dense:8", **VECTOR_LEGS}
"""A leg of each kind; those that run a model have a stand-in for it."""

DENSE_LEGS = ("near", *VECTOR_LEGS)
"""Legs whose hits are all documents, whatever is asked: what they must get right is the scores."""

DOCUMENTS = 100

ROUND = ("added", "again", "deleted", "compacted")
"""What a child does, over and over: a new generation of all documents, some of them once more, some gone, merged."""

BUNDLED = (0, 20_000, 1 << 22)
"""Below how many bytes a segment is kept in the catalog: none is, the small ones are, all are; children take turns."""

NOBODY = 1 << 30
"""No process has this number."""

SOURCES = (Path(str(numen.__file__)).parents[1], Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Step:
    """A commit: what was done, the generation that it belongs to, and how many documents there are after it."""

    done: str
    number: int
    documents: int

    def then(self, done: str) -> Step:
        """The next commit, if it is this one."""
        match done:
            case "added":
                return Step(done, self.number + 1, DOCUMENTS)
            case "deleted":
                return Step(done, self.number, DOCUMENTS - self.number % 50)
        return Step(done, self.number, self.documents)

    @property
    def next(self) -> Step:
        """What a child does after it."""
        return self.then(ROUND[(ROUND.index(self.done) + 1) % len(ROUND)])

    @property
    def state(self) -> tuple[int, int]:
        """(generation, documents) after it."""
        return self.number, self.documents

    def make(self, collection: Collection) -> None:
        """Do it."""
        match self.done:
            case "added":
                add(collection, self.number, range(DOCUMENTS))
            case "again":
                add(collection, self.number, range(30))
            case "deleted":
                collection.delete([f"d{i}" for i in range(self.number % 50)])
            case "compacted":
                collection.compact()


@dataclass
class Kills:
    """What was seen. under_way: kills by what was being done. unsaid: commits made, but not yet acknowledged."""

    kills: int = 0
    acknowledged: int = 0
    unsaid: int = 0
    left_over: int = 0
    under_way: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def add(collection: Collection, number: int, which: Sequence[int]) -> None:
    """Documents of a generation: text, metadata and vector say which."""
    collection.add(
        ({"id": f"d{i}", "text": f"shared generation{number} word{i}", "of": number} for i in which),
        vectors={
            "made": [{"shared": 1.0, f"generation{number}": 2.0} for _ in which],
            "near": [_near(number, i) for i in which],
        },
    )


def _near(number: int, i: int) -> list[float]:
    """The vector of a document of a generation."""
    return [1.0, number % 7, number % 11, number % 13, i % 3, i % 5, i % 17, i]


def kill_often(path: Path, kills: int, seed: int, most_seconds: float = float("inf")) -> Kills:
    """Kill `kills` children that change a new collection at `path`, and look at it after each."""
    with stand_ins():
        return _kill_often(path, kills, seed, most_seconds)


def _kill_often(path: Path, kills: int, seed: int, most_seconds: float) -> Kills:
    seen = Kills()
    rng = np.random.default_rng(seed)
    last = Step("added", 0, DOCUMENTS)
    with Collection.create(path, legs=LEGS) as collection:
        last.make(collection)
    began = time.monotonic()
    with _Nursery(path) as nursery:
        while seen.kills < kills and time.monotonic() - began < most_seconds:
            begin = last.then(ROUND[seen.kills % len(ROUND)])
            bundled = BUNDLED[int(rng.integers(len(BUNDLED)))]
            said = nursery.run_and_kill(begin, bundled, float(rng.exponential(0.02)))
            seen.kills += 1
            seen.acknowledged += len(said)
            upcoming = begin
            for done, number in said:
                last, upcoming = upcoming, upcoming.next
                if (done, number) != (last.done, last.number):
                    raise RuntimeError(f"the child did {done} {number} instead of {last}")
            seen.under_way[upcoming.done] += 1
            last = _look(path, last, upcoming, seen)
    return seen


def _look(path: Path, last: Step, upcoming: Step, seen: Kills) -> Step:
    """Check the collection after a kill, and make one change; returns that."""
    seen.left_over += _folders(path) > _folders_named(path)
    with Collection.open(path) as collection:
        problems = [f"check: {one}" for one in collection.check()]
        found = collection.search("shared", 1_000, legs=["words"])
        state = (next(iter({hit.metadata["of"] for hit in found}), -1), len(found))
        if state == upcoming.state and state != last.state:
            seen.unsaid += 1
        elif state != last.state:
            problems.append(f"there is {state}, but {last.state} was acknowledged; at most {upcoming.state} followed")
        problems += _halves(collection, *state)
        if _folders(path) != _folders_named(path):
            problems.append("a folder was left over")
        step = upcoming.then("added")
        step.make(collection)
        problems += _halves(collection, *step.state)
    seen.failures += [f"kill {seen.kills}, after {last}: {one}" for one in problems]
    return step


def _halves(collection: Collection, number: int, count: int) -> list[str]:
    """What shows that the collection is not, in every respect, the `count` documents of this generation."""
    if count == 0:
        return ["it is empty"]
    word = f"generation{number}"
    ids = {document.id for document in collection.documents()}
    problems = []
    if len(ids) != count or len(collection) != count:
        problems.append(f"{len(ids)} documents, length {len(collection)}, instead of {count}")
    if any(one.text != f"shared {word} word{one.id[1:]}" for one in collection.documents()):
        problems.append("texts of another generation")
    with Collection.create(legs={leg: LEGS[leg] for leg in DENSE_LEGS}) as fresh:
        near = {"near": [_near(number, int(one.id[1:])) for one in collection.documents()]}
        fresh.add(collection.documents(), vectors=near)
        given: dict[str, list[Any]] = {"made": [{word: 1.0}], "near": [_near(number, 3)]}
        for leg in LEGS:
            vectors = {leg: given[leg]} if leg in given else None
            asked = None if vectors else [f"{word} word3"]
            hits = collection.rank_many(asked, 1_000, legs=[leg], vectors=vectors)[0]
            if {id for id, _ in hits} != ids:
                problems.append(f"leg {leg} does not find all documents, or others")
            elif leg in DENSE_LEGS and hits != fresh.rank_many(asked, 1_000, legs=[leg], vectors=vectors)[0]:
                problems.append(f"leg {leg} has other scores than a fresh build")
    return problems


def _folders(path: Path) -> int:
    return len(list((path / "segments").glob("*")))


def _folders_named(path: Path) -> int:
    """How many folders the last commit has."""
    with Collection.open(path, read_only=True) as collection:
        return sum(not entry.bundled for entry in collection._store.catalog.segments())


class _Nursery:
    """A process that has everything loaded and makes children of itself: a child begins within milliseconds."""

    def __init__(self, path: Path) -> None:
        self._child = NOBODY
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import kills; kills._nurse()", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCES))},
        )

    def __enter__(self) -> _Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)  # in case of an error: it would work for ever
        self._process.communicate()

    def run_and_kill(self, begin: Step, bundled: int, seconds: float) -> list[tuple[str, int]]:
        """Let a child work for a while from `begin` on, kill it, and return what it acknowledged."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the nursery has no pipes")
        stdin.write(f"{begin.done} {begin.number} {begin.documents} {bundled}\n")
        stdin.flush()
        self._child = int(stdout.readline())
        if stdout.readline() != "ready\n":
            raise RuntimeError("the child did not get to work")
        timer = threading.Timer(seconds, os.kill, (self._child, signal.SIGKILL))
        timer.start()
        said = []
        while (line := stdout.readline()) != "gone\n":
            if not line:
                raise RuntimeError("the nursery is gone")
            done, of = line.split()
            said.append((done, int(of)))
        timer.join()
        self._child = NOBODY
        return said


def _nurse() -> None:
    """The nursery's side: for each line a child, until there are no more lines."""
    with stand_ins():
        _nurse_here(Path(sys.argv[1]))


def _nurse_here(path: Path) -> None:
    with Collection.create(legs=LEGS) as warm:
        Step("added", 0, DOCUMENTS).make(warm)
        warm.compact()
    # Small bounds, so that a hundred documents are several segments, which are merged at every other change.
    for module, name, value in (
        (plan, "FAN", 3),
        (plan, "SMALL", 0),
        (building, "MAX_DOCUMENTS", 60),
        (batches, "BATCH_DOCUMENTS", 25),
    ):
        vars(module)[name] = value
    for line in sys.stdin:
        done, number, documents, bundled = line.split()
        child = os.fork()
        if child == 0:
            try:
                _say(str(os.getpid()))
                bundle.MOST_BYTES = int(bundled)
                _work(path, Step(done, int(number), int(documents)))
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        _say("gone")


def _work(path: Path, step: Step) -> None:
    """A child's life, which has no end of its own."""
    collection = Collection.open(path)
    _say("ready")
    while True:
        step.make(collection)
        _say(f"{step.done} {step.number}")
        step = step.next


def _say(line: str) -> None:
    """One line to the parent at once: a kill cannot leave half of it."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill writers at random moments and check what they leave.")
    parser.add_argument("--kills", type=int, default=300, help="how many (default 300)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (default 1)")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        seen = kill_often(Path(folder) / "c", options.kills, options.seed)
    figures = {
        "kills": seen.kills,
        "commits_acknowledged": seen.acknowledged,
        "commits_through_before_their_word": seen.unsaid,
        "kills_with_folders_left_over": seen.left_over,
        "kills_by_what_was_under_way": dict(sorted(seen.under_way.items())),
        "failures": seen.failures,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures, indent=2))
    if seen.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
