"""One spelling for one text: compatibility forms, case and, if asked, diacritics; with the way back to the original.

Normalisation changes lengths (ﬁ -> fi, ß -> ss), so offsets into a normalised text say nothing of the original.
`normalise_with_offsets` works on stretches that normalisation cannot join with their neighbours, and remembers them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Normalisation"]

FOLDED_MARKS = (
    (0x0300, 0x036F),  # combining diacritical marks
    (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5), (0x05C7, 0x05C7),  # Hebrew points
    (0x064B, 0x065F), (0x0670, 0x0670),  # Arabic vowel signs
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),  # further combining diacritical marks
)  # fmt: skip
"""The marks that folding removes. Vowel signs of Indic scripts, Thai marks and Japanese voicing are letters to their
readers, and stay."""

UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
     "Ø": "O", "Ł": "L", "Đ": "D", "Ħ": "H", "Ŧ": "T", "Æ": "AE", "Œ": "OE", "Ð": "D", "Þ": "TH"}
)  # fmt: skip
"""Letters with a stroke and ligatures, which Unicode does not decompose."""


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Which differences between spellings are taken away.

    case: "fold" (full Unicode case folding), "lower" (str.lower) or "keep". nfkc: compatibility composition (NFKC),
    before and after case folding. fold_diacritics: take away the marks of Latin, Greek, Cyrillic, Arabic and Hebrew letters.
    A lone surrogate, which is no character, becomes U+FFFD in any case.
    """

    case: str = "fold"
    nfkc: bool = True
    fold_diacritics: bool = False

    def normalise(self, text: str) -> str:
        """The normalised text."""
        if text.isascii():
            return text if self.case == "keep" else text.lower()
        return self._apply(_without_surrogates(text))

    def with_offsets(self, text: str) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
        """(normalised, starts, ends): character i of `normalised` comes from text[starts[i]:ends[i]]."""
        if text.isascii():
            places = np.arange(len(text), dtype=np.int64)
            return self.normalise(text), places, places + 1
        clean = _without_surrogates(text)
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        cuts = [i for i, character in enumerate(clean) if i == 0 or _starts_anew(character)]
        for begin, end in zip(cuts, [*cuts[1:], len(clean)], strict=True):
            piece = self._apply(clean[begin:end])
            pieces.append(piece)
            starts += [begin] * len(piece)
            ends += [end] * len(piece)
        # str.lower looks at a sigma's neighbours; that changes the letter, never the length.
        return self._apply(clean), np.array(starts, np.int64), np.array(ends, np.int64)

    def _apply(self, text: str) -> str:
        if self.nfkc:
            text = unicodedata.normalize("NFKC", text)
        if self.case == "fold":
            text = text.casefold()
        elif self.case == "lower":
            text = text.lower()
        if self.nfkc and self.case != "keep":
            text = unicodedata.normalize("NFKC", text)
        if self.fold_diacritics:
            bare = "".join(c for c in unicodedata.normalize("NFD", text) if c not in _folded_marks())
            text = unicodedata.normalize("NFC", bare).translate(UNDECOMPOSED)
        return text


def _without_surrogates(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD: as long as before, and encodable."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


SECONDS = frozenset(
    chr(code)
    for code in (
        0x09BE, 0x09D7, 0x0B3E, 0x0B56, 0x0B57, 0x0BBE, 0x0BD7, 0x0CC2, 0x0CD5, 0x0CD6, 0x0D3E, 0x0D57, 0x0DCF, 0x0DDF,
        0x102E, *range(0x1161, 0x1176), *range(0x11A8, 0x11C3), 0x1B35, 0x11127, 0x1133E, 0x11357, 0x114B0, 0x114BA,
        0x114BD, 0x115AF, 0x11930,
    )
)  # fmt: skip
"""Characters of combining class 0 that can all the same join the one before: vowel signs and Hangul's V and T."""


def _starts_anew(character: str) -> bool:
    """Whether no normalisation joins this character with what stands before it."""
    if character < "\u0300":
        return True
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.combining(first) == 0 and first not in SECONDS


@cache
def _folded_marks() -> frozenset[str]:
    return frozenset(chr(code) for first, last in FOLDED_MARKS for code in range(first, last + 1))
