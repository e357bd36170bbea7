"""`numen serve`: what it refuses before it listens."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{papers}", "--host", "0.0.0.0"], "takes keys"),
        (["{papers}", "{papers}"], "NAME=DIR"),
        (["{papers}/nowhere"], "not a numen collection"),
        (["{papers}", "--keys", "{papers}/none"], "cannot read the keys"),
        (["{papers}", "--limit", "hits=3"], "no limit 'hits'"),
        (["a=b={papers}"], "not a numen collection"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    arguments: list[str], said: str, numen: Callable[..., Any], papers: Path
) -> None:
    result = numen("serve", *(argument.format(papers=papers) for argument in arguments))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_line(numen: Callable[..., Any], papers: Path) -> None:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        result = numen("serve", papers, "--port", sock.getsockname()[1])
    assert result.exit_code == 2
    assert "cannot listen" in result.stderr
    assert "address already in use" in result.stderr
    assert result.stderr.count("\n") == 1
