"""Collections that earlier versions wrote are still read, and answer what they answered then."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from numen import Collection

ROOT = Path(__file__).parents[2]
FORMATS = sorted(path.parent for path in (ROOT / "tests" / "data" / "formats").glob("*/answers.json"))


def answers(collection: Collection) -> Any:
    """As the script that wrote them asks."""
    spec = importlib.util.spec_from_file_location("make_format", ROOT / "scripts" / "make_format.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script.answers(collection)


def test_there_is_a_collection_of_the_current_format() -> None:
    assert [path.name for path in FORMATS] == ["1"]


@pytest.mark.parametrize("folder", FORMATS, ids=lambda path: path.name)
def test_it_answers_as_it_did(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(folder / "collection", copied)
    with Collection.open(copied) as collection:
        assert collection.check() == []
        assert len(collection) == 5
        assert collection.count("year >= 2003") == 3
        assert answers(collection) == json.loads((folder / "answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FORMATS, ids=lambda path: path.name)
def test_it_can_be_added_to(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(folder / "collection", copied)
    with Collection.open(copied) as collection:
        row = {"given": [{1: 2.0}], "small": [{"new": 1.0}], "signed": [{4: -1.5}]}
        collection.add([{"id": "new", "text": "a new document"}], vectors=row)
        collection.compact()
        assert collection.check() == []
        assert collection.search("new document", 1, legs=["words"])[0].id == "new"
