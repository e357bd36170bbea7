"""Progress: a line per stage in a log, bars on a terminal, nothing when quiet."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from numen.cli import progress as module
from numen.cli.progress import progress_shown


def _on(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> io.StringIO:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    monkeypatch.setattr(module, "console", lambda *, stderr: console)
    return out


def _drive() -> None:
    with progress_shown() as progress:
        assert progress is not None
        for done in (0, 500, 1000):
            progress("indexing", done, 1000)
        progress("writing", 3, None)


def test_a_log_gets_a_line_per_finished_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    out = _on(monkeypatch, terminal=False)
    _drive()
    first, second = out.getvalue().splitlines()
    assert first.startswith("indexing: 1,000 in ")
    assert second.startswith("writing: 3 in ")


def test_a_log_gets_no_line_for_a_stage_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    out = _on(monkeypatch, terminal=False)

    def fail() -> None:
        with progress_shown() as progress:
            assert progress is not None
            progress("indexing", 5, None)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert out.getvalue() == ""


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    out = _on(monkeypatch, terminal=True)
    _drive()
    assert "indexing" in out.getvalue()
    assert "1,000/1,000" in out.getvalue()
    assert "writing" in out.getvalue()


def test_a_bar_of_unknown_length_is_full_when_the_next_stage_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    out = _on(monkeypatch, terminal=True)
    with progress_shown() as progress:
        assert progress is not None
        progress("reading", 1, None)
        progress("reading", 42, None)
        progress("indexing", 1, 2)
        progress("indexing", 2, 2)
        progress("indexing", 0, 2)
    assert "42/42" in out.getvalue()
    assert "0/2" in out.getvalue().rpartition("indexing")[2]


def test_quiet_is_no_callback_at_all() -> None:
    with progress_shown(quiet=True) as progress:
        assert progress is None
