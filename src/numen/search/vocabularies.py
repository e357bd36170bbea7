"""The words of a snapshot as `numen.search.classes` looks through them: those of small segments together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import cast

from numen.encode.near import NearWords
from numen.index.keys import TermKeys
from numen.index.segment import LiveSegment
from numen.search.snapshot import Snapshot

__all__ = ["vocabularies"]

SMALL = (128, 1_024)
"""Segments of fewer documents than the first share one vocabulary, those of fewer than the second another: each that is
looked through costs a query as much as the next, and who adds often has a dozen small segments. Of the smaller ones
there are other ones with each commit; to join those anew takes a millisecond."""


def vocabularies(snapshot: Snapshot, leg: str) -> list[NearWords]:
    """Vocabularies that hold every word of a leg's segments, in any order; a word may be in several.

    Which words are near a word follows from each word alone, so it is the same however they are put together.
    """
    alone: list[LiveSegment] = []
    together: tuple[list[LiveSegment], ...] = tuple([] for _ in SMALL)
    for live in snapshot.segments:
        place = bisect_right(SMALL, live.segment.n_docs)
        (together[place] if place < len(SMALL) else alone).append(live)
    return [*(_own(live, leg) for live in alone), *(_joined(some, leg) for some in together if some)]


def _own(live: LiveSegment, leg: str) -> NearWords:
    known = live.segment.near
    if leg not in known:
        known.setdefault(leg, NearWords(_keys(live, leg)))
    return cast(NearWords, known[leg])


def _joined(small: Sequence[LiveSegment], leg: str) -> NearWords:
    """The words of all these; kept with the last of them, until the set is another."""
    if len(small) == 1:
        return _own(small[0], leg)
    numbers = tuple(live.segment.number for live in small)
    known = small[-1].segment.near
    before = known.get(f"{leg}/joined")
    if before is not None and before[0] == numbers:
        return cast(NearWords, before[1])
    keys = [_keys(live, leg) for live in small]
    made = NearWords(keys[0].union(keys[1:]))
    known[f"{leg}/joined"] = numbers, made
    return made


def _keys(live: LiveSegment, leg: str) -> TermKeys:
    return cast(TermKeys, live.segment.legs[leg].keys)
