"""Which segments are worth merging, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numen.index.lists import MAX_DOCUMENTS
from numen.index.segment import LiveSegment

__all__ = ["FAN", "SMALL", "choose", "fill"]

FAN = 4
"""Segments of one size class that are merged together: a document is rewritten at most log4(65,536) = 8 times."""

SMALL = 256
"""Of segments with fewer documents than this, twice as many are merged together: each is searched in microseconds, and
a merge has a fixed cost. Adding a hundred documents at a time, a commit writes two thirds as much, and searches meet
eight segments instead of seven."""

DEAD_SHARE = 0.5
"""A segment with more dead documents than this is rewritten."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One segment, or several that are to be one: their places, living documents and bytes."""

    places: tuple[int, ...]
    documents: int
    bytes: int

    @property
    def size_class(self) -> int:
        return (max(self.documents, 1).bit_length() + 1) // 2


def choose(segments: Sequence[LiveSegment], most_bytes: int) -> list[list[int]]:
    """Groups of places in `segments` that are worth merging now, each group's living documents fitting one segment.

    Segments are put in classes by size, each class four times the one below; FAN of a class make a group, which counts
    as one of a class above at once, so that nothing is merged twice in a row. A segment that is mostly dead is a group
    of its own. most_bytes: what the arrays of a group may take together.
    """
    alone: list[list[int]] = []
    parts: list[_Part] = []
    for place, live in enumerate(segments):
        if len(live.dead) > DEAD_SHARE * live.segment.n_docs:
            alone.append([place])
        else:
            parts.append(_Part((place,), live.n_alive, live.segment.bytes))
    while True:
        classes: dict[int, list[_Part]] = {}
        for part in parts:
            if part.documents * 2 <= MAX_DOCUMENTS and part.bytes * 2 <= most_bytes:
                classes.setdefault(part.size_class, []).append(part)
        for _, some in sorted(classes.items()):
            group, cut = _first(some, most_bytes)
            fan = 2 * FAN if max(part.documents for part in group) < SMALL else FAN
            if len(group) >= fan or (len(group) > 1 and cut):
                parts = [part for part in parts if part not in group]
                parts.append(_joined(group))
                break
        else:
            return alone + [list(part.places) for part in parts if len(part.places) > 1]


def fill(segments: Sequence[LiveSegment], most_bytes: int) -> list[list[int]]:
    """Groups that leave as few segments as filling them in order allows; full ones without dead documents stay."""
    parts = [_Part((place,), live.n_alive, live.segment.bytes) for place, live in enumerate(segments)]
    groups: list[list[int]] = []
    while parts:
        group, _ = _first(parts, most_bytes)
        groups.append([place for part in group for place in part.places])
        parts = parts[len(group) :]
    return [group for group in groups if len(group) > 1 or any(len(segments[place].dead) for place in group)]


def _joined(group: Sequence[_Part]) -> _Part:
    places = sorted(place for part in group for place in part.places)
    return _Part(tuple(places), sum(part.documents for part in group), sum(part.bytes for part in group))


def _first(parts: Sequence[_Part], most_bytes: int) -> tuple[list[_Part], bool]:
    """(as many of the parts, from the first on, as fit one segment, at least one; whether others are left)."""
    documents = size = 0
    for taken, part in enumerate(parts):
        documents += part.documents
        size += part.bytes
        if taken and (documents > MAX_DOCUMENTS or size > most_bytes):
            return list(parts[:taken]), True
    return list(parts), False
