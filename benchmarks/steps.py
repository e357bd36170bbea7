"""Is a collection that has seen thousands of changes the same as a new one? Random steps against fresh builds.

    python benchmarks/steps.py [--steps 10000] [--every 250] [--seed 1] [--legs every|terms|vectors]

A step adds, replaces or deletes some documents, compacts, or opens the collection anew. After every so many steps each
leg's hits, with all their scores, are compared bit for bit with those of a fresh build of what is alive. There is a leg
of each kind; those that run a model have a stand-in for it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from numen import Collection
from numen.index import bundle, packing, plan
from numen.index.flat import PRECISIONS
from numen.search import building
from stand_in import VECTOR_LEGS, stand_ins

__all__ = ["KINDS", "Steps", "take_steps"]

TEXT_LEGS = {
    "words": "bm25",
    "plus": "bm25:english,formula=bm25+",
    "grams": "numen:512",
    "signed": "numen:4096,signed=true,split=words",
}
GIVEN_LEGS = {"made": "given:64", "rounded": "given:64,precision=8bit", "both": "given:64,negative=allow"}
DENSE_LEGS = {f"near-{precision}": f"given:dense:20,precision={precision}" for precision in PRECISIONS}
TERM_LEGS = {**TEXT_LEGS, **GIVEN_LEGS}
NEAR_LEGS = {**DENSE_LEGS, **VECTOR_LEGS}
KINDS = {"every": {**TERM_LEGS, **NEAR_LEGS}, "terms": TERM_LEGS, "vectors": NEAR_LEGS}

WORDS = [f"{a}{b}" for a in ("al", "be", "ga", "de", "ep", "ze") for b in ("pha", "ta", "mma", "lta", "silon", "eta")]

IDS = 1_500
"""Ids that documents may have, so that most additions replace one before long."""

BOUNDS: tuple[tuple[Any, str, int], ...] = (
    (plan, "FAN", 3),
    (plan, "SMALL", 0),
    (plan, "MAX_DOCUMENTS", 400),
    (building, "MAX_DOCUMENTS", 400),
    (packing, "MINIMUM", 16),
    (bundle, "MOST_BYTES", 60_000),
)
"""Small, so that some hundred documents are several segments, with rows, in the catalog and in folders."""


@dataclass
class Steps:
    """What was done, by kind, and what was compared: hits of all legs. failures: what was not the same, and when."""

    done: Counter[str] = field(default_factory=Counter)
    comparisons: int = 0
    hits: int = 0
    alive: int = 0
    failures: list[str] = field(default_factory=list)


def take_steps(path: Path, steps: int, every: int, seed: int, legs: Mapping[str, str]) -> Steps:
    """Make `steps` random changes to a new collection at `path`, compared with a fresh build after every `every`.

    legs: of those in KINDS.
    """
    with stand_ins():
        return _take_steps(path, steps, every, np.random.default_rng(seed), legs)


def _take_steps(path: Path, steps: int, every: int, rng: np.random.Generator, legs: Mapping[str, str]) -> Steps:
    seen = Steps()
    alive: dict[str, dict[str, Any]] = {}
    collection = Collection.create(path, legs=legs)
    try:
        for begin in range(0, steps, every):
            with small_bounds():
                for _ in range(min(every, steps - begin)):
                    collection = _step(path, collection, alive, rng, seen)
            seen.failures += [f"after {begin + every} steps: {one}" for one in _compare(collection, alive, rng, seen)]
        with small_bounds():
            collection.compact()
        seen.failures += [f"after the end: {one}" for one in _compare(collection, alive, rng, seen)]
        seen.alive = len(collection)
    finally:
        collection.close()
    return seen


@contextmanager
def small_bounds() -> Iterator[None]:
    """The bounds of segments and merges are small meanwhile."""
    before = [(module, name, vars(module)[name]) for module, name, _ in BOUNDS]
    for module, name, value in BOUNDS:
        vars(module)[name] = value
    try:
        yield
    finally:
        for module, name, value in before:
            vars(module)[name] = value


def _step(
    path: Path, collection: Collection, alive: dict[str, dict[str, Any]], rng: np.random.Generator, seen: Steps
) -> Collection:
    """One change; the collection, which may have been opened anew."""
    kind = str(rng.choice(["add", "delete", "compact", "open"], p=[0.68, 0.28, 0.02, 0.02]))
    size = int(rng.choice([1, 3, 12, 150], p=[0.5, 0.3, 0.17, 0.03]))
    numbers = rng.choice(IDS, size, replace=False).tolist()
    given = [leg for leg in collection.legs if leg in GIVEN_LEGS or leg in DENSE_LEGS]
    seen.done[kind] += 1
    match kind:
        case "add":
            documents = [_document(f"d{number}", rng, given) for number in numbers]
            seen.done["documents added"] += len(documents)
            seen.done["documents replaced"] += sum(one["id"] in alive for one in documents)
            collection.add(
                ({name: one[name] for name in ("id", "title", "text", "n")} for one in documents),
                vectors={leg: [one[leg] for one in documents] for leg in given},
            )
            alive.update({one["id"]: one for one in documents})
        case "delete":
            ids = [f"d{number}" for number in numbers]
            seen.done["documents deleted"] += collection.delete(ids)
            for one in ids:
                alive.pop(one, None)
        case "compact":
            collection.compact()
        case "open":
            collection.close()
            collection = Collection.open(path)
    return collection


def _document(id: str, rng: np.random.Generator, given: Sequence[str]) -> dict[str, Any]:
    """A random document: its fields, and its vector for each leg that takes one."""
    length = int(rng.choice([0, 1, 5, 20, 300], p=[0.05, 0.15, 0.5, 0.28, 0.02]))
    share = np.arange(1, len(WORDS) + 1) ** -1.0
    text = " ".join(rng.choice(WORDS, length, p=share / share.sum()))
    title = str(rng.choice(WORDS)) if rng.random() < 0.3 else ""
    vectors = {leg: _given(rng, leg) for leg in given}
    return {"id": id, "title": title, "text": text, "n": int(rng.integers(5)), **vectors}


def _given(rng: np.random.Generator, leg: str) -> Any:
    """A random vector of a leg that takes them; at times there is none."""
    if leg not in DENSE_LEGS:
        return _vector(rng, negative=leg == "both")
    return None if rng.random() < 0.1 else rng.integers(-9, 10, 20).astype(np.float32) / 8


def _vector(rng: np.random.Generator, *, negative: bool) -> dict[int, float]:
    """A random sparse vector, at times an empty one; small numbers are frequent, so that some keys become rows."""
    numbers = np.unique((64 * rng.random(int(rng.integers(0, 20))) ** 2).astype(int))
    values = rng.integers(1, 1_000, len(numbers)) / 256
    signs = np.where(rng.random(len(numbers)) < 0.4, -1, 1) if negative else np.ones(len(numbers))
    return dict(zip(numbers.tolist(), (values * signs).tolist(), strict=True))


def _compare(
    collection: Collection, alive: dict[str, dict[str, Any]], rng: np.random.Generator, seen: Steps
) -> list[str]:
    """In what the collection differs from a fresh build of what is alive."""
    problems = [f"check: {one}" for one in collection.check()]
    texts = [" ".join(rng.choice([*WORDS, "absent"], int(rng.integers(0, 6)))) for _ in range(10)]
    given = [leg for leg in collection.legs if leg in GIVEN_LEGS or leg in DENSE_LEGS]
    with Collection.create(legs=collection.legs) as fresh:
        fresh.add(
            ({name: one[name] for name in ("id", "title", "text", "n")} for one in alive.values()),
            vectors={leg: [one[leg] for one in alive.values()] for leg in given},
        )
        for leg in collection.legs:
            vectors = None
            if leg in given:
                vectors = [_given(rng, leg) for _ in texts]
                vectors = [np.zeros(20, np.float32) if one is None else one for one in vectors]
            for k, where in ((10, None), (IDS, None), (10, "n in [1, 4]")):
                got, expected = (
                    list(
                        one.rank_many(
                            texts if vectors is None else None,
                            k,
                            legs=[leg],
                            vectors=vectors,
                            where=where if alive else None,
                            threads=1,
                        )
                    )
                    for one in (collection, fresh)
                )
                seen.hits += sum(map(len, expected))
                if got != expected:
                    problems.append(f"leg {leg}, k {k}, where {where}: other hits or scores")
        held, expected_documents = ({one.id: one for one in some.documents()} for some in (collection, fresh))
        if held != expected_documents:
            problems.append("other documents")
    seen.comparisons += 1
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare a collection after random changes with fresh builds.")
    parser.add_argument("--steps", type=int, default=10_000, help="changes (default 10000)")
    parser.add_argument("--every", type=int, default=250, help="changes between two comparisons (default 250)")
    parser.add_argument("--seed", type=int, default=1, help="of the changes (default 1)")
    parser.add_argument("--legs", choices=tuple(KINDS), default="every", help="which kinds of legs (default every)")
    options = parser.parse_args()
    legs = KINDS[options.legs]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        seen = take_steps(Path(folder) / "c", options.steps, options.every, options.seed, legs)
    figures = {
        "steps": options.steps,
        "legs": legs,
        **dict(seen.done),
        "alive at the end": seen.alive,
        "comparisons with a fresh build": seen.comparisons,
        "hits compared, ids and scores, bit for bit": seen.hits,
        "failures": seen.failures,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures, indent=2))
    if seen.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
