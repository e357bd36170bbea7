"""The part of a text that shows why it was found, with the matches marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rich.text import Text

from numen.cli.output import safe

__all__ = ["LONGEST", "marked", "snippet"]

LONGEST = 200_000
"""Characters of a text that are searched for matches to show: the rest of a book would cost more time than it shows."""

_STYLE = "bold yellow"
_BEFORE = 40  # characters shown before the first match of a snippet, so that it can be read


def snippet(text: str, spans: Sequence[tuple[int, int]], length: int, *, plain: bool) -> Text:
    """About `length` characters of `text` on one line, from where the most `spans` are, with these marked.

    `spans`: character positions [start, end), sorted. White space is squeezed; "..." stands for what is left out.
    `plain` marks a match with brackets, for output without styles.
    """
    start = _start(text, spans, length)
    end = min(len(text), start + length)
    while end < min(len(text), start + length + _BEFORE) and not (text[end - 1].isspace() or text[end].isspace()):
        end += 1  # to the end of the word
    inside = [(max(first, start), min(last, end)) for first, last in spans if first < end and last > start]
    body = marked(text[start:end], [(first - start, last - start) for first, last in inside], plain=plain, squeeze=True)
    return Text.assemble("... " if text[:start].strip() else "", body, " ..." if text[end:].strip() else "")


def marked(text: str, spans: Sequence[tuple[int, int]], *, plain: bool, squeeze: bool = False) -> Text:
    """`text` with the `spans` in another style, or in brackets where `plain`; `squeeze` makes white space one space."""
    out, at = Text(), 0
    for first, last in [*spans, (len(text), len(text))]:
        out.append(_shown(text[at:first], squeeze))
        match = _shown(text[first:last], squeeze)
        if match:
            out.append(f"[{match}]" if plain else match, None if plain else _STYLE)
        at = last
    if squeeze:
        return out[len(out.plain) - len(out.plain.lstrip()) : len(out.plain.rstrip())]
    return out


def _shown(text: str, squeeze: bool) -> str:
    if not squeeze:
        return safe(text)
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return safe(f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}")


def _start(text: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Where a window of `length` characters that begins shortly before a match holds the most matches."""
    if not spans:
        return 0
    firsts = [first for first, _ in spans]
    room = max(1, length - _BEFORE)
    held = [bisect_left(firsts, first + room) - number for number, first in enumerate(firsts)]
    best = firsts[max(range(len(held)), key=lambda number: (held[number], -number))]
    if best < room:
        return 0  # the beginning of a text says more than its middle
    start = max(0, best - _BEFORE)
    to_word = next((at for at in range(start, best) if text[at].isspace()), None)
    return start if to_word is None else to_word + 1  # in a script without spaces there is no word to begin with
