"""What is printed: figures for people, text that cannot drive the terminal, JSON as UTF-8."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from numen.cli.output import safe, size, speed, table


@pytest.mark.parametrize(
    ("n_bytes", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes(n_bytes: int, shown: str) -> None:
    assert size(n_bytes) == shown


@pytest.mark.parametrize(
    ("count", "seconds", "shown"), [(50_000, 3.1, "3.1 s (16,129/s)"), (0, 2.0, "2.0 s"), (5, 0.0, "0.0 s")]
)
def test_speeds(count: int, seconds: float, shown: str) -> None:
    assert speed(count, seconds) == shown


def test_control_characters_become_visible_one_for_one() -> None:
    text = "a\x1b[31m\x00\x9b\u202eb\tc\nd\u2066é"
    assert safe(text) == "a\ufffd[31m\ufffd\ufffd\ufffdb\tc\nd\ufffdé"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_tables_fit_the_width_and_lose_nothing(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(table(("encoder", "value"), [("a very long name " * 4, 1.5), ("[b]x[/b]", 2)]))
    assert max(map(len, out.getvalue().splitlines())) <= width
    assert out.getvalue().count("name") == 4
    assert "[b]x[/b]" in out.getvalue()
