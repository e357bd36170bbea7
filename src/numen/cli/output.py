"""What commands print: one JSON object, or tables and lines that fit the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from numen.types import JSON

__all__ = ["console", "counted", "print_json", "safe", "size", "speed", "table"]

_SAFE = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239)), "�")
_SAFE |= dict.fromkeys(range(0x2066, 0x206A), "\N{REPLACEMENT CHARACTER}") | {code: chr(code) for code in (0x09, 0x0A)}
# control characters, among them those that move the cursor, and those that turn the direction of the text


class _Console(Console):
    """A console that leaves a broken pipe to the caller, where rich would end the process with exit code 1."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console on the standard output (or error) of this moment; it guesses no colours for numbers and paths."""
    return _Console(stderr=stderr, highlight=False, emoji=False)


def print_json(value: Mapping[str, JSON]) -> None:
    """Writes `value` to standard output as one line of JSON in UTF-8, whatever the terminal's encoding."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
    out = typer.get_binary_stream("stdout")
    left = memoryview(line.encode("utf-8", errors="replace"))
    while left:
        left = left[out.write(left) :]  # under PYTHONUNBUFFERED a stream takes only as much as the pipe has room for
    out.flush()


def safe(text: str) -> str:
    """`text`, as long as before, with U+FFFD for characters that would drive the terminal instead of showing."""
    return text.translate(_SAFE)


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 document", "2,000 documents"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def size(n_bytes: int) -> str:
    """Bytes for people: "512 bytes", "3.4 MB" (decimal)."""
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    amount, units = n_bytes / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.1f} {units[0]}"


def speed(count: int, seconds: float) -> str:
    """How long and how fast: "3.1 s (16,129/s)"."""
    rate = f" ({count / seconds:,.0f}/s)" if seconds > 0 and count else ""
    return f"{seconds:.1f} s{rate}"


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, left: int = 1) -> Table:
    """A table of `rows` under `columns`: the first `left` columns hold text, the others are aligned to the right.

    What does not fit the terminal wraps inside its column. Where all names are empty there is no line of them.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(columns))
    for number, name in enumerate(columns):
        made.add_column(Text(name), justify="left" if number < left else "right", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(safe(str(cell))) for cell in row))
    return made
