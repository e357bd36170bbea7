"""What to do, in plain words, with the figures that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numen.room.bands import difference_band
from numen.room.free import Fitted
from numen.room.size import WORTH, Size, knee
from numen.types import JSON

__all__ = ["Verdict", "verdict"]

_FRONT, _LOST = "nDCG@10", 0.05
"""Where no size reaches so much, answers are not found but met."""

_TELL = 0.02
"""What chance reaches is worth telling from here on."""


@dataclass(frozen=True)
class Verdict:
    """recommended: the size to build. sentences: the verdict, one thought each. evidence: beside each sentence the
    figures that it rests on."""

    recommended: Size
    sentences: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def to_json(self) -> dict[str, JSON]:
        return {
            "recommended": self.recommended.name,
            "sentences": list(self.sentences),
            "evidence": list(self.evidence),
        }


def verdict(
    sizes: Sequence[Size],
    measure: str,
    ceiling: float = 1.0,
    free: Sequence[Fitted] = (),
    chance: float = 0.0,
) -> Verdict:
    """The verdict on all sizes by one measure.

    Recommended is the fewest bytes within 0.01 of the best, of what a leg of numen keeps. ceiling: the most that any
    run of this depth could reach. free: what free vectors reached. chance: what documents in any order would reach.
    """
    best = max(sizes, key=lambda size: (size.measures[measure], -size.index_bytes))
    top = max(size.measures[measure] for size in sizes if size.leg)
    near = [size for size in sizes if size.measures[measure] >= top - WORTH]
    chosen, least = (
        min(some, key=lambda size: (size.index_bytes, -size.measures[measure], size.name))
        for some in ([size for size in near if size.leg], near)
    )
    front = max(size.measures.get(_FRONT, 1.0) for size in sizes)
    said: list[tuple[str, str]] = [_take(chosen, best, measure)] if front >= _LOST else [_lost(front, measure)]
    if least is not chosen:
        said.append(_unkept(least, measure))
    if chance >= _TELL:
        said.append((f"In any order at all {_percent(chance)} would be reached.", f"{measure} by chance: {chance:.4f}"))
    families: dict[str, list[Size]] = {}
    for size in sizes:
        if size.room:
            families.setdefault(size.family, []).append(size)
    for family, members in families.items():
        if len(members) > 1 and family.rpartition(", ")[2] not in ("projected", "bits", "largest values"):
            said.append(_family(members, best, measure))
    words = [size for size in sizes if not size.room]
    if words and chosen not in words:
        said.append(_words(max(words, key=lambda size: size.measures[measure]), chosen, measure))
    if free and free[-1].perfect:
        said.append(
            (
                f"On paper {free[-1].dim} dimensions could hold these judgements: it is texts that ask for more.",
                "free vectors: " + ", ".join(f"{one.dim}: {one.accuracy:.4f}" for one in free),
            )
        )
    if ceiling < 1 - WORTH / 2:
        said.append(
            (
                f"{_percent(ceiling)} is all there is to reach: some queries have more answers than are looked at.",
                f"ceiling of {measure}: {ceiling:.4f}",
            )
        )
    sentences, evidence = zip(*said, strict=True)
    return Verdict(chosen, sentences, evidence)


def _lost(front: float, measure: str) -> tuple[str, str]:
    """Where nothing puts answers in front, the smallest of the useless is no advice."""
    return (
        f"Nothing that was measured finds these answers: {_FRONT} is {front:.3f} at most. More room will not do; it "
        "takes a representation that knows more than the letters, or other queries.",
        f"the highest {_FRONT} of all sizes: {front:.4f}; the verdict goes by {measure}",
    )


def _take(chosen: Size, best: Size, measure: str) -> tuple[str, str]:
    found = f"{_bytes(chosen.index_bytes)} {_plural(measure)} {_percent(chosen.measures[measure])}"
    text = f"Take {chosen.name}: {found}"
    if _recall(measure):
        text += f" of the answers in the first {measure[2:]} hits"
    low, high = chosen.band[measure]
    figures = f"{chosen.name}: {measure} {chosen.measures[measure]:.4f}, 95 % band {low:.4f} to {high:.4f}"
    if chosen is best:
        return f"{text}, and nothing that was measured does better.", figures
    down, up = difference_band(chosen.per_query[measure], best.per_query[measure])
    times = best.index_bytes / max(chosen.index_bytes, 1)
    figures += f"; {best.name} {best.measures[measure]:.4f}, difference {down:+.4f} to {up:+.4f} query by query"
    return (
        f"{text}; the most was {_percent(best.measures[measure])}, by {best.name}, in {_times(times)}.",
        figures,
    )


def _unkept(least: Size, measure: str) -> tuple[str, str]:
    """What would do in fewer bytes, if numen kept it."""
    return (
        f"{least.name} would do in {_bytes(least.index_bytes)} ({_percent(least.measures[measure])}), "
        "but no leg of numen keeps vectors so.",
        f"{least.name}: {measure} {least.measures[measure]:.4f}, measured on plain arrays",
    )


def _family(members: Sequence[Size], best: Size, measure: str) -> tuple[str, str]:
    """Whether a family has enough room, and whether more of it would help."""
    rising = sorted(members, key=lambda size: size.room)
    last, enough = rising[-1], knee(rising, measure)
    name = last.family.removesuffix(", first")
    gap = best.measures[measure] - last.measures[measure]
    lead = f"{last.room:,} dimensions of {name} {_plural(measure)} {_percent(last.measures[measure])}"
    figures = ", ".join(f"{size.room:,}: {size.measures[measure]:.4f}" for size in rising)
    half = [size for size in rising if size.room <= last.room / 2]
    gain = last.measures[measure] - half[-1].measures[measure] if half else 0.0
    if enough is last:
        tail = (
            f"going there from {half[-1].room:,} added {gain * 100:.1f} points, so that more room would help"
            if half
            else "no smaller size was measured"
        )
    else:
        tail = f"{enough.room:,} are enough ({_percent(enough.measures[measure])}), and more add less than a point"
        if gap > WORTH:
            tail += f": what it lacks to the best, {gap * 100:.0f} points, is not a matter of room"
    return f"{lead}; {tail}.", f"{name}, {measure} by dimensions: {figures}"


def _words(best: Size, chosen: Size, measure: str) -> tuple[str, str]:
    """The best of those that take as many dimensions as the text has terms."""
    ratio = best.index_bytes / max(chosen.index_bytes, 1)
    return (
        f"{best.name}, with a dimension for every word, {_singular(measure)} {_percent(best.measures[measure])} "
        f"in {_times(ratio)}.",
        f"{best.name}: {measure} {best.measures[measure]:.4f} in {best.index_bytes:,} bytes",
    )


def _recall(measure: str) -> bool:
    return measure.startswith("R@")


def _plural(measure: str) -> str:
    return "find" if _recall(measure) else f"reach {measure} of"


def _singular(measure: str) -> str:
    return "finds" if _recall(measure) else f"reaches {measure} of"


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %" if value >= 0.1 or value == 0 else f"{value * 100:.1f} %"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times the bytes" if ratio >= 1.05 or ratio <= 0.95 else "as many bytes"


def _bytes(count: int) -> str:
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"
