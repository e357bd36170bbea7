"""Which code points belong to a word: a frozen table, so that the same text has the same words in every Python.

`ranges.txt` lists the letters, marks and numbers (general categories L, M, N) of one Unicode version;
`scripts/make_ranges.py` makes it. Marks belong to words: Python's own `\\w` leaves them out and cuts Hindi words apart.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["SPACES", "is_word", "nonspace_class", "unicode_version", "word_class"]

SPACES = (
    *range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
    0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
)  # fmt: skip
"""The code points at which str.split() splits."""


@cache
def _table() -> tuple[str, NDArray[np.uint8]]:
    version, *cells = files("numen.text").joinpath("ranges.txt").read_text(encoding="ascii").splitlines()
    classes = np.zeros(0x110000, np.uint8)
    for cell in " ".join(cells).split():
        first, _, last = cell.partition("-")
        classes[int(first, 16) : int(last or first, 16) + 1] = 1
    classes.flags.writeable = False
    return version.removeprefix("Unicode "), classes


def unicode_version() -> str:
    """The Unicode version of the table."""
    return _table()[0]


def word_class() -> NDArray[np.uint8]:
    """uint8 (0x110000), read-only: 1 where the code point is a letter, a mark or a number."""
    return _table()[1]


@cache
def nonspace_class() -> NDArray[np.uint8]:
    """uint8 (0x110000), read-only: 0 where str.split() splits, else 1."""
    classes = np.ones(0x110000, np.uint8)
    classes[list(SPACES)] = 0
    classes.flags.writeable = False
    return classes


def is_word(character: str) -> bool:
    """Whether one character belongs to a word."""
    return bool(word_class()[ord(character)])
