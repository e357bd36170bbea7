"""What some scripts ask for: n-grams where nothing stands between words, one script for a word of look-alikes.

Chinese, Japanese, Thai and others are written without spaces. Their runs are cut into overlapping n-grams instead of
being looked up in dictionaries: the same for every language, and nothing to download. One and two characters of a
script whose characters are words or syllables, two and three letters of the others. Measured on XQuAD's Chinese part,
one and two together rank better than either (nDCG@10 .966; .952 and .963), and a query of one character is answered.

A word that mixes Latin and Cyrillic letters is nearly always a slip of the keyboard or a disguise. It becomes a word of
the script that most of its letters are of, or else of the other, if the rest look like letters of that script, in
capitals or small.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = ["one_script", "pieces"]

SYLLABIC = (
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035),  # Han: radicals, repetition, numerals
    (0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F),  # Hiragana, Katakana
    (0x3100, 0x312F), (0x31A0, 0x31BF),  # Bopomofo
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF),  # Han
    (0x17000, 0x18DFF), (0x1B170, 0x1B2FF),  # Tangut, Khitan, Nushu
)  # fmt: skip
"""Scripts without spaces in which a character is a syllable or a word."""

ALPHABETIC = (
    (0x0E01, 0x0E7F), (0x0E81, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),  # Myanmar
    (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0xAA80, 0xAADF),  # Khmer, Tai scripts
    (0x1B00, 0x1B7F), (0xA980, 0xA9DF),  # Balinese, Javanese
)  # fmt: skip
"""Scripts without spaces in which a character is a letter."""

SYLLABLES, LETTERS = (1, 2), (2, 3)
"""Lengths of their n-grams; marks count with their letter."""

CYRILLIC = "авекмнорстухіјѕԁһ" + "АВЕКМНОРСТУХІЈЅԀҺ"
LATIN = "abekmhopctyxijsdh" + "ABEKMHOPCTYXIJSDH"
"""Letters that look alike, if only in capitals: в is there for В, and case may be folded before."""


def pieces(word: str) -> list[tuple[str, int, int]]:
    """(piece, first, last): the word itself, or where it has runs of scripts without spaces, their n-grams.

    first, last: the characters [first, last) of the word that the piece covers. Other runs are pieces as they are; a
    run that is shorter than any n-gram is one piece.
    """
    if word.isascii() or not _unspaced().search(word):
        return [(word, 0, len(word))]
    out = []
    for run in _runs().finditer(word):
        begin, end = run.span()
        if run.lastgroup == "other":
            out.append((run.group(), begin, end))
            continue
        edges = _edges(word, begin, end)
        sizes = SYLLABLES if run.lastgroup == "syllables" else LETTERS
        grams = [(word[edges[i] : edges[i + n]], edges[i], edges[i + n]) for n in sizes for i in range(len(edges) - n)]
        out += grams or [(run.group(), begin, end)]
    return out


def one_script(word: str) -> str:
    """The word with Latin letters that look Cyrillic among Cyrillic ones, or the other way round, made the same."""
    if word.isascii() or not _cyrillic().search(word):
        return word
    latin = [c for c in word if c.isascii() and c.isalpha()]
    cyrillic = _cyrillic().findall(word)
    if not latin:
        return word
    ways = [(len(latin), cyrillic, CYRILLIC, _to_latin), (len(cyrillic), latin, LATIN, _to_cyrillic)]
    for _, others, alike, table in sorted(ways, key=lambda way: -way[0]):
        if set(others) <= set(alike):
            return word.translate(table())
    return word


def _edges(word: str, begin: int, end: int) -> list[int]:
    """Where letters of word[begin:end] begin, marks not counted, and `end`."""
    firsts = [i for i in range(begin, end) if i == begin or not unicodedata.category(word[i]).startswith("M")]
    return [*firsts, end]


def _cells(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_cells(SYLLABIC + ALPHABETIC)}]")


@cache
def _runs() -> re.Pattern[str]:
    syllables, letters = _cells(SYLLABIC), _cells(ALPHABETIC)
    return re.compile(f"(?P<syllables>[{syllables}]+)|(?P<letters>[{letters}]+)|(?P<other>[^{syllables}{letters}]+)")


@cache
def _cyrillic() -> re.Pattern[str]:
    return re.compile("[\u0400-\u052f]")


@cache
def _to_latin() -> dict[int, int]:
    return str.maketrans(CYRILLIC, LATIN)


@cache
def _to_cyrillic() -> dict[int, int]:
    return str.maketrans(LATIN[::-1], CYRILLIC[::-1])
