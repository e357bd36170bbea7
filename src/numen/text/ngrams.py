"""Character n-grams inside a marked word."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["END", "START", "ngrams", "ngrams_with_offsets"]

START, END = "^", "$"
"""The markers before and behind a word, so that beginnings and ends are told from middles."""


def ngrams(word: str, sizes: Sequence[int]) -> list[str]:
    """The runs of n characters of the marked word, for each n of `sizes`; none for an n longer than that."""
    marked = f"{START}{word}{END}"
    return [marked[i : i + n] for n in sizes for i in range(len(marked) - n + 1)]


def ngrams_with_offsets(word: str, sizes: Sequence[int]) -> list[tuple[str, int, int]]:
    """`ngrams`, each with the part [start, end) of the unmarked word that it covers."""
    marked = f"{START}{word}{END}"
    return [
        (marked[i : i + n], max(i - 1, 0), min(i + n - 1, len(word))) for n in sizes for i in range(len(marked) - n + 1)
    ]
