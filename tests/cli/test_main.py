"""The command as a whole: help, version, errors as one line, exit codes, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from numen import __version__
from numen.errors import NotACollection
from numen.sources import jsonl

SRC = Path(__file__).parents[2] / "src"
COMMANDS = ["demo", "index", "add", "delete", "search", "info", "check", "eval"]


def _run(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "numen.cli.main", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(SRC), "COLUMNS": "100"} | more.pop("env", {})
    return subprocess.run(command, capture_output=True, text=True, env=environment, **more)


def test_help_names_every_command_in_order(numen: Callable[..., Any]) -> None:
    result = numen("--help")
    assert result.exit_code == 0
    first_words = [line.strip("│ ").split(" ")[0] for line in result.stdout.splitlines()]
    assert [word for word in first_words if word in COMMANDS] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(numen: Callable[..., Any], command: str) -> None:
    result = numen(command, "--help")
    assert result.exit_code == 0
    assert f" {command} [OPTIONS]" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom numen.cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'numba', 'numpy', 'pyarrow', 'ir_measures', 'ir_datasets', 'Stemmer', 'sqlite3'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SRC)}
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_is_one_line_on_standard_error_and_exit_code_2(tmp_path: Path) -> None:
    done = _run("search", tmp_path / "absent", "words")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("numen: error: ")
    assert str(tmp_path / "absent") in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_traceback_is_shown_on_demand(tmp_path: Path) -> None:
    done = _run("search", tmp_path / "absent", "words", env={"NUMEN_TRACEBACK": "1"})
    assert done.returncode not in (0, 2)
    assert "Traceback" in done.stderr
    assert NotACollection.__name__ in done.stderr


def test_the_version_is_printed(numen: Callable[..., Any]) -> None:
    result = numen("--version")
    assert (result.exit_code, result.stdout) == (0, f"numen {__version__}\n")


def test_an_unknown_command_and_option_are_usage_errors(numen: Callable[..., Any]) -> None:
    assert numen("serch", "x").exit_code == 2
    assert numen("search", "x", "y", "--frobnicate").exit_code == 2


def test_an_interrupt_says_that_nothing_was_changed(
    numen: Callable[..., Any], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jsonl, "document_from", interrupted)
    result = numen("index", source, "--into", tmp_path / "new" / "papers")
    assert result.exit_code == 130
    assert "stopped; nothing was changed" in result.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("options", ["--full", "--json"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_ends_the_command_quietly(
    numen: Callable[..., Any], tmp_path: Path, options: str, unbuffered: str
) -> None:
    source = tmp_path / "s.jsonl"
    source.write_text(json.dumps({"id": "a", "text": "straw " * 200_000}), encoding="utf-8")  # more than a pipe holds
    numen("index", source, "--into", tmp_path / "p")
    command = f"({sys.executable} -m numen.cli.main search {tmp_path / 'p'} straw {options}; echo $? >&2) | head -c 5"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONUNBUFFERED": unbuffered},
    )
    # Where kernels are compiled first, a line says so.
    assert [line for line in done.stderr.splitlines() if not line.startswith("compiling")] == ["141"]


def test_a_disk_error_is_a_line_too(numen: Callable[..., Any], papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(papers))

    monkeypatch.setattr("numen.search.Collection.open", full)
    result = numen("info", papers)
    assert result.exit_code == 2
    assert result.stderr.startswith("numen: error: ")
    assert "No space left" in result.stderr
