"""What the tests of the terminal share: a way to call it, and a small collection to call it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from numen.cli.main import app

DOCUMENTS = [
    {"id": "d1", "title": "Wings", "text": "The boundary layer of a wing in slow flow.", "year": 1962},
    {"id": "d2", "title": "Heat", "text": "Heat transfer through a laminar boundary layer."},
    {"id": "d3", "text": "Nothing but supersonic nozzles, and a ünïcode word."},
]


@pytest.fixture
def numen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`numen("search", "papers", "x")`: the result of that command line, with `stdout`, `stderr` and `exit_code`."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NUMEN_TRACEBACK", raising=False)

    def call(*arguments: object, stdin: str | bytes | None = None) -> Any:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)

    return call


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A JSON lines file of three documents, d1 to d3."""
    path = tmp_path / "source.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in DOCUMENTS), encoding="utf-8")
    return path


@pytest.fixture
def papers(numen: Callable[..., Any], source: Path, tmp_path: Path) -> Path:
    """The folder of a collection that holds these documents, in one leg, words."""
    folder = tmp_path / "papers"
    result = numen("index", source, "--into", folder, "--encoder", "bm25")
    assert result.exit_code == 0, result.output
    return folder
