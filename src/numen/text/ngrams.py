"""Character n-grams inside a marked word."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["END", "START", "ngrams", "ngrams_with_offsets"]

START, END = "^", "$"
"""The markers before and behind a word, so that beginnings and ends are told from middles."""


def ngrams(word: str, sizes: Sequence[int], start: str = START, end: str = END) -> list[str]:
    """The runs of n characters of the marked word, for each n of `sizes`; none for an n longer than that."""
    marked = f"{start}{word}{end}"
    return [marked[i : i + n] for n in sizes for i in range(len(marked) - n + 1)]


def ngrams_with_offsets(
    word: str, sizes: Sequence[int], start: str = START, end: str = END
) -> list[tuple[str, int, int]]:
    """`ngrams`, each with the part [first, last) of the unmarked word that it covers; a marker covers nothing."""
    marked = f"{start}{word}{end}"
    skip, length = len(start), len(word)
    return [
        (marked[i : i + n], min(max(i - skip, 0), length), min(max(i + n - skip, 0), length))
        for n in sizes
        for i in range(len(marked) - n + 1)
    ]
