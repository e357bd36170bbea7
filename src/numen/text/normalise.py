"""One spelling for one text: compatibility forms, case and, if asked, diacritics; with the way back to the original.

Normalisation changes lengths (ﬁ -> fi, ß -> ss), so offsets into a normalised text say nothing of the original.
`normalise_with_offsets` works on stretches that normalisation cannot join with their neighbours, and remembers them.

Diacritic folding removes the marks of Latin, Greek, Cyrillic, Arabic and Hebrew letters, and maps the common letters
that Unicode does not decompose (ø, ł, đ, ħ, ı, ŧ, æ, œ, ð, þ). Vowel signs of Indic scripts, Thai marks and Japanese
voicing marks are letters to their readers, and stay.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["normalise", "normalise_with_offsets"]

FOLDED_MARKS = (
    (0x0300, 0x036F),  # combining diacritical marks
    (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x05C7, 0x05C7),  # Hebrew points
    (0x064B, 0x065F), (0x0670, 0x0670),  # Arabic vowel signs
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),  # further combining diacritical marks
)  # fmt: skip
"""The marks that folding removes."""

UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
     "Ø": "O", "Ł": "L", "Đ": "D", "Ħ": "H", "Ŧ": "T", "Æ": "AE", "Œ": "OE", "Ð": "D", "Þ": "TH"}
)  # fmt: skip
"""Letters with a stroke and ligatures, which Unicode does not decompose."""

SECONDS = frozenset(
    chr(code)
    for code in (
        0x09BE, 0x09D7, 0x0B3E, 0x0B56, 0x0B57, 0x0BBE, 0x0BD7, 0x0CC2, 0x0CD5, 0x0CD6, 0x0D3E, 0x0D57, 0x0DCF, 0x0DDF,
        0x102E, *range(0x1161, 0x1176), *range(0x11A8, 0x11C3), 0x1B35, 0x11127, 0x1133E, 0x11357, 0x113B8, 0x113BB,
        0x113C2, 0x113C9, 0x114B0, 0x114BA, 0x114BD, 0x115AF, 0x11930, 0x16D67,
    )
)  # fmt: skip
"""Characters of combining class 0 that can all the same join the one before: vowel signs and Hangul's V and T; up to
Unicode 16, so that a later Python needs no other table."""

STRIDE = 32
"""Characters from one sample to the next in the search for long runs of marks: every run of twice as many is found, and
shorter ones are cheap to sort."""


def normalise(text: str, *, case: str = "fold", nfkc: bool = True, fold_diacritics: bool = False) -> str:
    """The text in one spelling, which can be encoded as UTF-8.

    case: "fold" (full Unicode case folding), "lower" (str.lower) or "keep". nfkc: compatibility composition (NFKC),
    before and after the case. fold_diacritics: the letters without their marks (see the top of this file).
    A lone surrogate, which is no character, becomes U+FFFD in any case.
    """
    if text.isascii():
        return text if case == "keep" else text.lower()
    return _apply(_without_surrogates(text), case, nfkc, fold_diacritics)


def normalise_with_offsets(
    text: str, *, case: str = "fold", nfkc: bool = True, fold_diacritics: bool = False
) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    """(normalised, starts, ends): character i of what `normalise` gives comes from text[starts[i]:ends[i]].

    starts, ends: int64, as long as the normalised text, neither ever descending.
    """
    if text.isascii():
        places = np.arange(len(text), dtype=np.int64)
        return normalise(text, case=case), places, places + 1
    clean = _without_surrogates(text)
    starts: list[int] = []
    ends: list[int] = []
    cuts = [i for i, character in enumerate(clean) if i == 0 or _starts_anew(character)]
    for begin, end in zip(cuts, [*cuts[1:], len(clean)], strict=True):
        length = len(_apply(clean[begin:end], case, nfkc, fold_diacritics))
        starts += [begin] * length
        ends += [end] * length
    # Not the pieces joined: str.lower looks at a sigma's neighbours. That changes the letter, never the length.
    normal = _apply(clean, case, nfkc, fold_diacritics)
    return normal, np.array(starts, np.int64), np.array(ends, np.int64)


def _apply(text: str, case: str, nfkc: bool, fold_diacritics: bool) -> str:
    if nfkc:
        text = unicodedata.normalize("NFKC", _marks_in_order(text, "NFKD"))
    if case == "fold":
        text = text.casefold()
    elif case == "lower":
        text = text.lower()
    if nfkc and case != "keep":
        text = unicodedata.normalize("NFKC", _marks_in_order(text, "NFKD"))
    if fold_diacritics:
        apart = unicodedata.normalize("NFD", _marks_in_order(text, "NFD"))
        bare = "".join(c for c in apart if c not in _folded_marks())
        text = unicodedata.normalize("NFC", bare).translate(UNDECOMPOSED)
    return text


def _without_surrogates(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD: as long as before, and encodable."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def _marks_in_order(text: str, form: Literal["NFD", "NFKD"]) -> str:
    """The text, or one that normalises to the same, with long runs of marks sorted by combining class.

    Python sorts the marks behind a letter by insertion, in quadratic time unless they are in order: a word of a million
    mixed marks would take it a quarter of an hour.
    """
    if len(text) <= STRIDE:
        return text
    samples = [_is_mark(character, form) for character in text[::STRIDE]]
    dense = [i * STRIDE for i in range(len(samples) - 1) if samples[i] and samples[i + 1]]
    pieces, done = [], 0
    for begin in dense:
        if begin < done:
            continue
        end = begin
        while begin > done and _is_mark(text[begin - 1], form):
            begin -= 1
        while end < len(text) and _is_mark(text[end], form):
            end += 1
        marks = "".join(unicodedata.normalize(form, mark) for mark in text[begin:end])
        pieces += [text[done:begin], "".join(sorted(marks, key=unicodedata.combining))]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _is_mark(character: str, form: Literal["NFD", "NFKD"]) -> bool:
    """Whether the character decomposes to marks that are sorted behind the letter before them."""
    return character >= "\u0300" and unicodedata.combining(unicodedata.normalize(form, character)[0]) != 0


def _starts_anew(character: str) -> bool:
    """Whether no normalisation joins this character with what stands before it."""
    if character < "\u0300":
        return True
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.combining(first) == 0 and first not in SECONDS


@cache
def _folded_marks() -> frozenset[str]:
    return frozenset(chr(code) for first, last in FOLDED_MARKS for code in range(first, last + 1))
