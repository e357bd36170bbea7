"""docs/CLI.md has a heading for each command, with each of its options, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from numen.cli.main import app

DOC = Path(__file__).parents[2] / "docs" / "CLI.md"
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def _sections() -> dict[str, str]:
    parts = re.split(r"^## numen (\w+)$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_headings_are_the_commands_in_order() -> None:
    assert list(_sections()) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_is_described_and_none_is_invented(command: str) -> None:
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts if option.startswith("-")}
    described = set(
        re.findall(r"`(--?[a-z][a-z0-9-]*)", "".join(re.findall(r"^- .*?(?=:)", _sections()[command], re.M)))
    )
    assert described == options - {"--help", "-h"}
