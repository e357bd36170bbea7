"""`numen delete`: what was there goes, what was not is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_it_says_how_many_went_and_which_were_unknown(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("delete", papers, "d1", "nobody", "d1")
    assert result.exit_code == 0
    assert "1 document deleted, 2 left" in result.stdout
    assert "1 id not there: 'nobody'" in result.stdout
    assert json.loads(numen("search", papers, "wing", "--json").stdout)["hits"] == []


@pytest.mark.parametrize("content", ["d1\nd2\n", "\ufeffd1\r\n\r\nd2", "d2\nd1\nd1\n"])
def test_ids_come_from_a_file(numen: Callable[..., Any], papers: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(content.encode())
    printed = json.loads(numen("delete", papers, "--ids-from", path, "--json").stdout)
    assert printed == {"path": str(papers), "deleted": 2, "unknown": [], "documents": 1}


def test_ids_come_from_standard_input_beside_arguments(numen: Callable[..., Any], papers: Path) -> None:
    printed = json.loads(numen("delete", papers, "d3", "--ids-from", "-", "--json", stdin="d1\nan id\n").stdout)
    assert (printed["deleted"], printed["unknown"], printed["documents"]) == (2, ["an id"], 1)


def test_many_unknown_ids_are_named_in_part(numen: Callable[..., Any], papers: Path) -> None:
    result = numen("delete", papers, *(f"x{number}" for number in range(30)))
    assert "30 ids not there" in result.stdout
    assert "and 20 more" in result.stdout


@pytest.mark.parametrize(("arguments", "words"), [([], "no id given"), (["--ids-from", "absent"], "cannot be read")])
def test_without_ids_it_says_how(numen: Callable[..., Any], papers: Path, arguments: list[str], words: str) -> None:
    result = numen("delete", papers, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_a_list_that_is_not_utf8_is_refused(numen: Callable[..., Any], papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(b"d1\n\xff\n")
    result = numen("delete", papers, "--ids-from", path)
    assert (result.exit_code, "invalid UTF-8 at offset 3" in result.stderr) == (2, True)
    assert json.loads(numen("info", papers, "--json").stdout)["documents"] == 3
