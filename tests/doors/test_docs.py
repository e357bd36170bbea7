"""The examples in docs/DOORS.md run, each where its library is installed."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "DOORS.md").read_text(encoding="utf-8")
FIRST, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
PACKAGES = {
    "LangChain": "langchain_core",
    "LlamaIndex": "llama_index.core",
    "Haystack": "haystack",
    "PyTerrier": "pyterrier",
    "scikit-learn": "sklearn",
}

pytestmark = pytest.mark.filterwarnings("ignore")


def examples(text: str) -> str:
    """What stands in the blocks of a section that are sessions of Python."""
    return "\n".join(re.findall(r"```python\n(>>>.*?)```", text, re.DOTALL))


def test_every_door_has_a_section() -> None:
    assert [section.split("\n")[0] for section in SECTIONS] == [
        *("LangChain", "LlamaIndex", "Haystack", "PyTerrier", "MTEB", "scikit-learn", "MCP")
    ]


@pytest.mark.parametrize("section", [one for one in SECTIONS if examples(one)], ids=lambda one: one.split("\n")[0])
def test_examples(section: str) -> None:
    name = section.split("\n")[0]
    pytest.importorskip(PACKAGES[name], reason=f"{name} is not installed")
    names: dict[str, Any] = {}
    test = doctest.DocTestParser().get_doctest(examples(FIRST) + examples(section), names, name, "DOORS.md", 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert (result.failed, result.attempted > 3) == (0, True)
