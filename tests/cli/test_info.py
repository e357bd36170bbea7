"""`numen info`: what a collection holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from numen.index.seals import setting_seal


def test_documents_legs_and_sizes_are_shown(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("info", papers)
    assert result.exit_code == 0
    words = result.stdout.split()
    assert [word for word in ("3", "words", "bm25", "title,", "text") if word not in words] == []


def test_json_holds_every_figure(numen: Callable[..., Any], papers: Path) -> None:
    printed = json.loads(numen("info", papers, "--json").stdout)
    (leg,) = printed.pop("legs")
    assert (leg["name"], leg["encoder"]) == ("words", "bm25")
    assert leg["postings"] >= leg["terms"] > 0
    assert printed["path"] == str(papers)
    assert printed["documents"] == 3
    assert printed["fields"] == ["title", "text"]
    assert {"format", "segments", "deleted", "bytes_index", "bytes_catalog", "generation"} <= printed.keys()


@pytest.mark.parametrize("command", [["info"], ["search", "wing"], ["check"]])
def test_a_collection_of_a_newer_format_is_refused(numen: Callable[..., Any], papers: Path, command: list[str]) -> None:
    with closing(sqlite3.connect(papers / "catalog.sqlite")) as catalog, catalog:
        seal = setting_seal("format", "999")
        catalog.execute("UPDATE settings SET value = '999', seal = ? WHERE name = 'format'", (seal,))
    result = numen(command[0], papers, *command[1:])
    assert result.exit_code == 2
    assert "999" in result.stderr
    assert str(papers) in result.stderr


def test_the_folder_is_not_changed(numen: Callable[..., Any], papers: Path) -> None:
    # Beside the catalog SQLite keeps files of its own, which come and go.
    before = {path: path.read_bytes() for path in papers.rglob("*") if path.is_file() and "sqlite-" not in path.name}
    assert before
    numen("info", papers)
    assert {path: path.read_bytes() for path in before} == before
