"""The standard library's docstrings: many, unique, public, and nothing is imported for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from numen.sources import standard_library
from numen.types import Document


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    found = list(standard_library())
    by_id = {document.id: document for document in found}
    assert len(by_id) == len(found)
    return by_id


def test_there_are_thousands(documents: dict[str, Document]) -> None:
    assert len(documents) > 3000


def test_a_function_is_described_as_its_docstring_says(documents: dict[str, Document]) -> None:
    document = documents["textwrap.dedent"]
    assert document.title == "textwrap.dedent"
    assert document.text.startswith("Remove any common leading whitespace")
    assert "\n\nNote that tabs" in document.text
    assert document.metadata["module"] == "textwrap"
    assert document.metadata["kind"] == "function"
    assert isinstance(document.metadata["line"], int)


@pytest.mark.parametrize(
    ("name", "kind"), [("json", "module"), ("csv.Sniffer", "class"), ("csv.Sniffer.sniff", "method")]
)
def test_each_kind_is_there(documents: dict[str, Document], name: str, kind: str) -> None:
    assert documents[name].metadata["kind"] == kind


def test_tests_and_private_names_are_left_out(documents: dict[str, Document]) -> None:
    modules = {str(document.metadata["module"]) for document in documents.values()}
    parts = {part for module in modules for part in module.split(".")}
    assert parts & {"test", "tests", "idlelib", "lib2to3", "turtledemo", "site-packages"} == set()
    assert [name for name in documents if name.startswith("_") or "._" in name] == []


def test_two_walks_give_the_same(documents: dict[str, Document]) -> None:
    assert [document.id for document in standard_library()] == list(documents)


def test_nothing_is_imported_and_nothing_warns() -> None:
    code = (
        "import sys; from numen.sources import standard_library; import numen.sources.stdlib\n"
        "before = set(sys.modules); n = sum(1 for _ in standard_library())\n"
        "assert n > 1000; assert not {'turtle', 'tkinter', 'antigravity', 'this'} & (set(sys.modules) - before)"
    )
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(source)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
