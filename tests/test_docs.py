"""The examples in the docs run and print what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "docs/ENCODERS.md", "docs/PYTHON.md"]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


@pytest.mark.parametrize("page", PAGES)
def test_python_examples(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"```python\n(>>>.*?)```", text, re.DOTALL))
    names: dict[str, Any] = {"FOLDER": tmp_path / "papers"}
    test = doctest.DocTestParser().get_doctest(examples, names, page, page, 0)
    assert test.examples, f"{page} has no examples"
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert result.failed == 0


def test_the_format_can_be_read_without_numen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from numen import Collection

    with Collection.create(tmp_path / "c") as collection:
        collection.add([{"id": "one", "text": "red fox fox"}, {"id": "two", "text": "red"}])
    text = (ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "import numen" not in code
    exec(compile(code, "FORMAT.md", "exec"), {"COLLECTION": tmp_path / "c"})
    assert capsys.readouterr().out.splitlines() == ["fox one 2", "red one 1", "red two 1"]


def test_links_between_pages_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
