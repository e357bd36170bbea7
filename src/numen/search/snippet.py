"""The part of a text that shows best why it was found."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Snippet", "snippet"]

BEFORE = 40
"""Characters shown before the first match of a snippet, so that it can be read, and at most to the end of a word."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text with its matches.

    text: characters `start` to `end` of the whole. highlights: character spans [begin, end) in `text`, ascending and
    disjoint. cut_before, cut_after: whether anything but white space was left out there.
    """

    text: str
    start: int
    end: int
    highlights: tuple[tuple[int, int], ...]
    cut_before: bool
    cut_after: bool

    def marked(self, opening: str = "[", closing: str = "]") -> str:
        """The part on one line with every match between `opening` and `closing`, and "..." for what is left out.

        White space is squeezed. Nothing is escaped: for HTML, escape `text` piece by piece by `highlights`.
        """
        pieces, at = [], 0
        for first, last in self.highlights:
            pieces += [self.text[at:first], opening, self.text[first:last], closing]
            at = last
        line = " ".join("".join([*pieces, self.text[at:]]).split())
        return f"{'... ' if self.cut_before else ''}{line}{' ...' if self.cut_after else ''}"


def snippet(text: str, spans: Sequence[tuple[int, int]], length: int) -> Snippet:
    """About `length` characters of `text`, from where the most `spans` are; the beginning if it will do.

    spans: character positions [begin, end), ascending and disjoint. It begins and ends with a word where there are
    words, which can make it a little longer; one word without end is cut.
    """
    start = _start(text, spans, length)
    end = min(len(text), start + length)
    while end < min(len(text), start + length + BEFORE) and not (text[end - 1].isspace() or text[end].isspace()):
        end += 1  # to the end of the word
    inside = tuple(
        (max(first, start) - start, min(last, end) - start) for first, last in spans if first < end and last > start
    )
    return Snippet(text[start:end], start, end, inside, bool(text[:start].strip()), bool(text[end:].strip()))


def _start(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Where a window of `length` characters that begins shortly before a match holds the most matches."""
    if not spans:
        return 0
    firsts = [first for first, _ in spans]
    before = min(BEFORE, length // 2)
    room = length - before
    held = [bisect_left(firsts, first + room) - number for number, first in enumerate(firsts)]
    number = max(range(len(held)), key=lambda number: (held[number], -number))
    if bisect_left(firsts, room) >= held[number]:
        return 0  # the beginning of a text says more than its middle
    best = firsts[number]
    start = max(0, best - before)
    to_word = next((at for at in range(start, best) if text[at].isspace()), None)
    return start if to_word is None else to_word + 1  # in a script without spaces there is no word to begin with
