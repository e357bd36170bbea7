"""Words in an already normalised text, with where they stand."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from numen.text.ranges import word_class

__all__ = ["whitespace_words", "words"]


def words(text: str) -> list[tuple[str, int, int]]:
    """(word, start, end) of each run of letters, marks and numbers; offsets in characters."""
    return [(m.group(), m.start(), m.end()) for m in _pattern().finditer(text)]


def whitespace_words(text: str) -> list[tuple[str, int, int]]:
    """(word, start, end) of each run of characters that are no white space: what str.split() gives."""
    return [(m.group(), m.start(), m.end()) for m in re.finditer(r"\S+", text)]


@cache
def _pattern() -> re.Pattern[str]:
    """Runs of word characters by the frozen table, not by the running Python's."""
    edges = np.diff(word_class().astype(np.int8), prepend=0, append=0)
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    cells = [f"{_escaped(a)}-{_escaped(b)}" for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True)]
    return re.compile(f"[{''.join(cells)}]+")


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"
