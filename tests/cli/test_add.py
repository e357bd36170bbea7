"""`numen add`: new documents are added, known ids replaced, and a failure changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _more(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "more.jsonl"
    path.write_text(content, encoding="utf-8")
    return path


def test_new_documents_are_added_and_known_ids_replaced(
    numen: Callable[..., Any], papers: Path, tmp_path: Path
) -> None:
    more = _more(tmp_path, '{"id": "d1", "text": "replaced"}\n{"id": "d9", "text": "new"}\n')
    result = numen("add", papers, more)
    assert result.exit_code == 0
    assert "1 document added, 1 replaced" in result.stdout
    assert "4 documents" in result.stdout
    assert json.loads(numen("search", papers, "wing", "--json").stdout)["hits"] == []


def test_json_counts(numen: Callable[..., Any], papers: Path, tmp_path: Path) -> None:
    more = _more(
        tmp_path, '{"id": "d1", "text": "replaced"}\nbad\n{"id": "d9", "text": "x"}\n{"id": "d9", "text": "y"}\n'
    )
    printed = json.loads(numen("add", papers, more, "--skip-bad", "--json").stdout)
    found = {key: printed[key] for key in ("documents", "added", "replaced", "repeated", "skipped")}
    assert found == {"documents": 4, "added": 1, "replaced": 1, "repeated": 1, "skipped": 1}


def test_a_bad_document_changes_nothing(numen: Callable[..., Any], papers: Path, tmp_path: Path) -> None:
    more = _more(tmp_path, '{"id": "d1", "text": "replaced"}\n{"id": "d9"}\n')
    result = numen("add", papers, more)
    assert result.exit_code == 2
    assert "line 2" in result.stderr
    assert json.loads(numen("info", papers, "--json").stdout)["documents"] == 3
    assert len(json.loads(numen("search", papers, "wing", "--json").stdout)["hits"]) == 1
    assert json.loads(numen("check", papers, "--json").stdout)["sound"] is True


def test_a_folder_without_a_collection_is_named(numen: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    result = numen("add", tmp_path, source)
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


def test_commits_on_the_way_and_going_on(numen: Callable[..., Any], papers: Path, tmp_path: Path) -> None:
    good = "".join(json.dumps({"id": f"n{i}", "text": f"new number{i}"}) + "\n" for i in range(5))
    result = numen("add", papers, _more(tmp_path, good + "bad\n"), "--commit-every", "2", "--memory", "100MB")
    assert result.exit_code == 2
    assert "what was committed stays (7 documents): go on with --resume" in result.stderr
    printed = json.loads(numen("add", papers, _more(tmp_path, good), "--resume", "--json").stdout)
    assert (printed["documents"], printed["added"], printed["unchanged"]) == (8, 1, 4)
