"""The part of a text that shows why it was found, as the terminal shows it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from numen.cli.output import safe

__all__ = ["LONGEST", "marked", "shown_snippet"]

LONGEST = 200_000
"""Characters of a text that are searched for matches to show: the rest of a book would cost more time than it shows."""

_STYLE = "bold yellow"


def shown_snippet(text: str, spans: Sequence[tuple[int, int]], length: int, *, plain: bool) -> Text:
    """The snippet of `text` on one line with its `spans` marked; "..." stands for what is left out.

    White space is squeezed. `plain` marks a match with brackets, for output without styles.
    """
    from numen.search.snippet import snippet

    part = snippet(text, spans, length)
    body = marked(part.text, part.highlights, plain=plain, squeeze=True)
    return Text.assemble("... " if part.cut_before else "", body, " ..." if part.cut_after else "")


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
