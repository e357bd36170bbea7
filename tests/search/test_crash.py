"""What a crash leaves behind; the kills themselves are in tests/benchmarks/test_kills.py."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import numen
from numen import Collection
from numen.errors import AlreadyExists
from numen.index.connection import Connection


def test_killed_while_it_is_made_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"")  # what a kill in the first milliseconds leaves
    with pytest.raises(numen.NumenError, match=r"catalog\.sqlite is not a readable catalog.*index anew"):
        Collection.open(tmp_path)


def test_a_create_that_was_killed_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Connection._run
    moments: list[Path] = []

    def run(self: Connection, sql: str, values: Any = ()) -> list[Any]:
        moments.append(tmp_path / str(len(moments)))
        shutil.copytree(tmp_path / "made", moments[-1])  # what a kill just now would leave
        return real(self, sql, values)

    monkeypatch.setattr(Connection, "_run", run)
    Collection.create(tmp_path / "made", legs={"words": "bm25"}).close()
    monkeypatch.undo()
    assert len(moments) > 10
    for folder in moments:
        assert (folder / "catalog.sqlite").exists()
        with Collection.create(folder, legs={"words": "bm25"}) as collection:
            collection.add([{"id": "a", "text": "text"}])
            assert collection.check() == []
        with pytest.raises(AlreadyExists, match="holds a collection already"):
            Collection.create(folder)


@pytest.mark.parametrize("name", ["notes.txt", "last-commit", "segments"])
def test_a_folder_with_anything_else_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"")
    (tmp_path / name).mkdir()
    with pytest.raises(AlreadyExists):
        Collection.create(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["catalog.sqlite", name])


def test_a_file_that_is_no_catalog_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"something else entirely" * 100)
    with pytest.raises(AlreadyExists):
        Collection.create(tmp_path)
    assert (tmp_path / "catalog.sqlite").read_bytes() == b"something else entirely" * 100
