"""One changed byte in any file of a collection: an error that names the folder, or the answers unchanged."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numen import Collection
from numen.errors import CollectionError
from numen.index import bundle

LEGS = {"words": "bm25", "grams": "numen:4096", "made": "given:64"}
QUERIES = ["common word3", "second title", "word7 word11 deleted", "wörd 東京"]
PLACES = 1_000


def documents(start: int, count: int, mark: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"d{i}",
            "title": f"title {i % 5}",
            "text": f"{mark} common word{i % 13} wörd{i} 東京",
            "of": {"n": i % 3},
        }
        for i in range(start, start + count)
    ]


def vectors(rng: np.random.Generator, count: int) -> list[dict[int, float]]:
    return [
        {int(i): float(w) for i, w in zip(rng.choice(64, 9, replace=False), rng.random(9) + 0.1, strict=True)}
        for _ in range(count)
    ]


def make(path: Path, while_open: Path) -> None:
    """A collection of several segments with deleted documents at `path`, closed; a copy as it was before closing."""
    rng = np.random.default_rng(1)
    with Collection.create(path, legs=LEGS) as collection:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(bundle, "MOST_BYTES", 0)  # a segment in a folder; the others are in the catalog
            collection.add(documents(0, 60, "first"), vectors=vectors(rng, 60))
        collection.add(documents(50, 30, "second"), vectors=vectors(rng, 30))
        collection.add(documents(90, 9, "third"), vectors=vectors(rng, 9))
        collection.delete([f"d{i}" for i in range(0, 99, 11)])
        shutil.copytree(path, while_open)


def answers(path: Path) -> list[Any]:
    """What searches and readers of every kind say."""
    with Collection.open(path, read_only=True) as collection:
        given = vectors(np.random.default_rng(2), len(QUERIES))
        out: list[Any] = [len(collection), list(collection.documents())]
        out += [list(hits) for hits in collection.search_many(QUERIES, 20, vectors=given, threads=1)]
        out += [list(hits) for hits in collection.search_many(QUERIES, 7, vectors=given, where="of.n = 1", threads=1)]
        for leg in LEGS:
            texts = None if leg == "made" else QUERIES
            chosen = given if leg == "made" else None
            out += list(collection.rank_many(texts, 200, legs=[leg], vectors=chosen, threads=1))
        return out


def said(path: Path) -> tuple[list[Any], str]:
    """What `answers` says, or the error; any other than numen's own about collections comes out."""
    try:
        return answers(path), ""
    except CollectionError as error:
        return [], str(error)


@contextmanager
def flipped(file: Path, rng: np.random.Generator) -> Iterator[str]:
    """One byte of the file is another meanwhile; yields which."""
    with file.open("r+b") as opened:
        place = int(rng.integers(file.stat().st_size))
        opened.seek(place)
        before = opened.read(1)
        after = bytes([before[0] ^ int(rng.integers(1, 256))])
        for value in (after, before):
            opened.seek(place)
            opened.write(value)
            opened.flush()
            if value is after:
                yield f"{file}, byte {place}: {before!r} -> {after!r}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("flipped")
    make(root / "closed", root / "open")
    return root / "closed", root / "open"


@pytest.mark.parametrize("state", ["closed", "open"])
def test_one_changed_byte_is_an_error_or_changes_nothing(state: str, made: tuple[Path, Path]) -> None:
    path = made[state == "open"]
    whole = answers(path)
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    files = sorted(file for file, data in before.items() if data and not file.name.endswith("-shm"))
    sizes = np.array([len(before[file]) for file in files], float)
    # Half of the places by file, so that small ones have their turn; half by byte.
    share = 0.5 / len(files) + 0.5 * sizes / sizes.sum()
    rng = np.random.default_rng(3)
    seen: Counter[str] = Counter()
    for _ in range(PLACES // 2):
        with flipped(files[int(rng.choice(len(files), p=share))], rng) as what:
            got, message = said(path)
            assert got == whole or str(path) in message, f"{what}: {message or 'other answers'}"
            seen["errors" if message else "unchanged"] += 1
        for file in path.glob("*-shm"):  # what SQLite made of the log is made anew, as after a restart
            file.unlink()
    assert seen["errors"] > PLACES // 4  # bytes that nothing depends on are the fewer
    assert seen["unchanged"] > 0
    assert answers(path) == whole
