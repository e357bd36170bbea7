"""An explanation of a hit as a person reads it: a line a term or word, the greatest share first, with a bar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from numen.cli.output import counted, safe

if TYPE_CHECKING:
    from numen.search import Explanation, LegExplanation, Part

__all__ = ["print_explanation"]

_LINES = 8  # terms of a leg that get a line; what the others gave stands in one
_BAR = 10  # columns of a whole score
_NAME = 18  # columns of a term, at most
_GRAMS = 6  # n-grams and collisions named
_SHOWN_COLLISIONS = 0.01  # the share of a score from which on collisions are worth a line
_INDENT = "    "


def print_explanation(out: Console, explanation: Explanation) -> None:
    """Prints for each leg what gave how much of its score; of fused legs, also the sum that makes the fused score."""
    block = "█" if out.encoding.lower().startswith("utf") else "#"
    lines = []
    if explanation.fuse is not None:
        lines.append(_sum(explanation))
    if explanation.feedback is not None:
        lines.append(Text(f"after feedback ({explanation.feedback}): + is what the first hits brought", "dim"))
    for leg in explanation.legs:
        if explanation.fuse is None:
            lines += _leg(leg, block)
        else:
            lines.append(_fused(leg, explanation, block))
            lines += [Text("  ") + line for line in _leg(leg, block)]
    for line in lines:
        out.print(Text(_INDENT) + line, no_wrap=True, overflow="ellipsis")


def _sum(explanation: Explanation) -> Text:
    """The fused score as the sum of what the legs gave."""
    given = " + ".join(f"{leg.fused:.4g} {leg.leg}" for leg in explanation.legs if leg.fused)
    return Text(f"{explanation.score:.4g} = {given or 'nothing'}, fused by {explanation.fuse}")


def _fused(leg: LegExplanation, explanation: Explanation, block: str) -> Text:
    """A leg's heading: its share of the fused score, and how that follows from its rank or its score there."""
    gave, weight = leg.fused or 0.0, leg.weight or 0.0
    share = gave / explanation.score if explanation.score else 0.0
    if leg.rank is None:
        how = "not among its best"
    elif leg.scale is None:
        how = f"rank {leg.rank}, {weight:g} / ({weight / gave - leg.rank if gave else 0:.4g} + {leg.rank}) = {gave:.4g}"
    else:
        how = f"rank {leg.rank}, {leg.score:.4g} / {leg.scale:.4g} × {weight:g} = {gave:.4g}"
    return Text.assemble(_bar(share, block), (leg.leg, "bold"), f" ({leg.encoder})  {how}")


def _bar(share: float, block: str) -> Text:
    """A bar of _BAR columns for a share of a score, and the share in percent."""
    bar = block * round(_BAR * min(max(share, 0.0), 1.0))
    return Text.assemble((f"{bar:<{_BAR}}", "cyan"), f"{share:>5.0%} ")


def _leg(leg: LegExplanation, block: str) -> list[Text]:
    rows = _word_rows(leg) if leg.words else _term_rows(leg)
    shown, rest = rows[:_LINES], rows[_LINES:]
    if rest:
        shown.append((sum(gave for gave, _, _ in rest), f"{len(rest)} more", ""))
    if leg.constant:
        shown.append((leg.constant, "constant", "the same for every hit"))
    width = min(max((Text(name).cell_len for _, name, _ in shown), default=0), _NAME)
    lines = []
    for gave, name, note in shown:
        fitted = Text(safe(name), "bold")
        fitted.truncate(width, overflow="ellipsis", pad=True)
        bar = _bar(gave / leg.score if leg.score else 0.0, block)
        line = Text.assemble(bar, fitted, "  ", (safe(note), "dim"))
        line.rstrip()
        lines.append(line)
    if leg.words:
        lines += _gram_lines(leg)
    if any(part.kind == "related" for part in leg.parts):
        lines.append(Text("+ is a word that joined the query because the first hits have it", "dim"))
    if leg.missing:
        lines.append(Text(safe(f"not in it: {_list(leg.missing)}"), "dim"))
    return lines


def _term_rows(leg: LegExplanation) -> list[tuple[float, str, str]]:
    """(contribution, term, weights and counts) of each term of a words leg."""
    weights = [f"{part.query_weight:.3g} × {part.document_weight:.3g}" for part in leg.parts]
    times = [counted(part.count, "time") for part in leg.parts]
    widths = max(map(len, weights), default=0), max(map(len, times), default=0)
    return [
        (
            part.contribution,
            _as_asked(part),
            f"{weight:<{widths[0]}}  {count:<{widths[1]}}  in {part.document_frequency:,} of {leg.documents:,}"
            + _forms(part),
        )
        for part, weight, count in zip(leg.parts, weights, times, strict=True)
    ]


def _as_asked(part: Part) -> str:
    if part.added:
        return f"+{part.found[0] if len(part.found) == 1 else part.term}"
    match part.kind:
        case "pair":
            return f'"{part.term}"'
        case "word":
            return f"{part.term} itself"
    return "/".join(part.asked) or part.term


def _forms(part: Part) -> str:
    """The words of the document behind the term, where they are not those shown."""
    shown = part.found[:1] if part.added and len(part.found) == 1 else part.asked
    return "" if set(part.found) <= set(shown) else f"  as {_list(part.found)}"


def _word_rows(leg: LegExplanation) -> list[tuple[float, str, str]]:
    """(contribution, word, the words of the document it met) of each word of the query of a hashed leg."""
    return [
        (share.contribution, f"+{share.word}", "")
        if share.added
        else (
            share.contribution,
            share.word,
            f"met {_list(_bare(share.closest))}" if share.closest else "by collision only",
        )
        for share in leg.words
    ]


def _bare(words: Sequence[str]) -> list[str]:
    """The words without the punctuation that may stick to them, each once."""
    return list(dict.fromkeys(re.sub(r"^[^\w]+(?=\w)|(?<=\w)[^\w]+$", "", word) for word in words))


def _gram_lines(leg: LegExplanation) -> list[Text]:
    """The n-grams that gave most, and the collisions if they gave more than a trifle."""
    lines = []
    best = [gram for part in leg.parts if part.contribution > 0 for gram in part.found]
    if best:
        lines.append(Text(safe(f"n-grams: {_list(best, ' ')}"), "dim"))
    collided = sum(part.collided for part in leg.parts)
    if leg.score and abs(collided / leg.score) > _SHOWN_COLLISIONS:
        pairs = [
            f"{'/'.join(part.asked)} with {part.collisions[0]}"
            for part in sorted(leg.parts, key=lambda part: -abs(part.collided))
            if part.collided and part.collisions
        ]
        lines.append(Text(safe(f"{collided / leg.score:.0%} by collision: {_list(pairs)}"), "dim"))
    return lines


def _list(words: Sequence[str], separator: str = ", ") -> str:
    """The first few words, and how many more there are."""
    more = f"{separator}and {len(words) - _GRAMS:,} more" if len(words) > _GRAMS else ""
    return separator.join(words[:_GRAMS]) + more
