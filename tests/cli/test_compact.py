"""`numen compact`: one segment is left, without what was deleted, and every answer is as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def scattered(numen: Callable[..., Any], papers: Path, tmp_path: Path) -> Path:
    """The collection of papers in three segments, one document deleted and one replaced."""
    more = tmp_path / "more.jsonl"
    for text in ("first version", "second version"):
        more.write_text(json.dumps({"id": "d9", "text": text}) + "\n", encoding="utf-8")
        numen("add", papers, more)
    numen("delete", papers, "d2")
    return papers


def test_it_says_what_it_did(numen: Callable[..., Any], scattered: Path) -> None:
    before = numen("search", scattered, "boundary version", "--json").stdout
    result = numen("compact", scattered)
    assert result.exit_code == 0
    assert "segments before, 1 now; 1 deleted document dropped" in result.stdout
    assert numen("search", scattered, "boundary version", "--json").stdout == before
    assert json.loads(numen("check", scattered, "--json").stdout)["sound"] is True


def test_json(numen: Callable[..., Any], scattered: Path) -> None:
    info = json.loads(numen("info", scattered, "--json").stdout)
    printed = json.loads(numen("compact", scattered, "--json", "--memory", "64MB").stdout)
    assert printed["segments_before"] == info["segments"] > 1
    found = {key: printed[key] for key in ("path", "documents", "segments", "dropped")}
    assert found == {"path": str(scattered), "documents": 3, "segments": 1, "dropped": info["deleted"]}
    after = json.loads(numen("info", scattered, "--json").stdout)
    assert (after["bytes_index"], after["bytes_catalog"]) == (printed["bytes_index"], printed["bytes_catalog"])


def test_bad_input(numen: Callable[..., Any], scattered: Path, tmp_path: Path) -> None:
    assert "is not a numen collection" in numen("compact", tmp_path / "absent").stderr
    result = numen("compact", scattered, "--memory", "little")
    assert (result.exit_code, "such as '512MB'" in result.stderr) == (2, True)
