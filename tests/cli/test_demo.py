"""`numen demo`: documents, three searches, measures, and what it says without the extra."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from numen.sources import standard_library
from numen.types import Document


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo on a part of the documentation, which is quicker."""

    def some() -> Iterator[Document]:
        wanted = ("calendar", "collections", "textwrap")
        yield from islice((found for found in standard_library() if found.id.startswith(wanted)), 300)

    monkeypatch.setattr("numen.cli.demo.standard_library", some)


@pytest.mark.usefixtures("few")
def test_it_searches_and_measures(numen: Callable[..., Any]) -> None:
    pytest.importorskip("ir_measures")
    result = numen("demo")
    assert result.exit_code == 0, result.output
    assert result.stdout.count(" 1. ") == 3
    assert "[" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert [row[0] for row in rows].count("numen:32768") >= 2
    assert "nDCG@10" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.usefixtures("few")
def test_without_the_extra_it_says_what_to_install(numen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    result = numen("demo")
    assert result.exit_code == 0
    assert "pip install 'numen[eval]'" in result.stdout
    assert "nDCG@10" not in result.stdout


@pytest.mark.usefixtures("few")
def test_the_collection_can_be_kept(numen: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    result = numen("demo", "--into", tmp_path / "docs")
    assert f"numen search {tmp_path / 'docs'}" in result.stdout
    hits = json.loads(numen("search", tmp_path / "docs", "dedent", "--leg", "words", "--json").stdout)["hits"]
    assert "textwrap.dedent" in [hit["id"] for hit in hits]
