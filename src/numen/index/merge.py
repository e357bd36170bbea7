"""Several segments into one, without their dead documents; and when to do so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import MAX_DOCUMENTS, Exceptions, Inverted
from numen.index.segment import LiveSegment, Segment

__all__ = ["choose", "merge"]

FAN = 8
"""Segments of one size class that are merged together: a document is rewritten at most log8(65,536) = 6 times."""

DEAD_SHARE = 0.5
"""A segment with more dead documents than this is rewritten."""


def choose(segments: Sequence[LiveSegment]) -> list[list[int]]:
    """Groups of places in `segments` that are worth merging now, each group's living documents fitting one segment.

    Segments are put in classes by size, each class eight times the one below; eight of a class make a group, and a
    segment that is mostly dead is a group of its own.
    """
    groups: list[list[int]] = []
    classes: dict[int, list[int]] = {}
    for place, live in enumerate(segments):
        if len(live.dead) > DEAD_SHARE * live.segment.n_docs:
            groups.append([place])
        elif live.n_alive * 2 <= MAX_DOCUMENTS:
            classes.setdefault(max(live.n_alive, 1).bit_length() // 3, []).append(place)
    for _, places in sorted(classes.items()):
        group: list[int] = []
        total = 0
        for place in places:
            if total + segments[place].n_alive > MAX_DOCUMENTS:
                break
            group.append(place)
            total += segments[place].n_alive
        if len(group) >= FAN or (len(group) > 1 and len(group) < len(places)):
            groups.append(group)
    return groups


def merge(number: int, segments: Sequence[LiveSegment]) -> Segment | None:
    """One segment with the living documents of all, ordered by document key; None if none lives.

    Raises ValueError if more than 65,536 are alive.
    """
    total = sum(live.n_alive for live in segments)
    if total == 0:
        return None
    if total > MAX_DOCUMENTS:
        raise ValueError(f"{total} living documents do not fit one segment of {MAX_DOCUMENTS}")
    all_keys = np.concatenate([live.segment.doc_keys[live.dead_mask == 0] for live in segments])
    order = np.argsort(all_keys, kind="stable")
    number_of = np.empty(total, np.int64)
    number_of[order] = np.arange(total)
    doc_maps: list[NDArray[np.int64]] = []
    at = 0
    for live in segments:
        doc_map = np.full(live.segment.n_docs, -1, np.int64)
        doc_map[live.dead_mask == 0] = number_of[at : at + live.n_alive]
        doc_maps.append(doc_map)
        at += live.n_alive
    ids = np.empty(total, object)
    for live, doc_map in zip(segments, doc_maps, strict=True):
        ids[doc_map[doc_map >= 0]] = live.segment.ids[doc_map >= 0]
    legs = {
        name: _merge_leg([live.segment.legs[name] for live in segments], doc_maps, total)
        for name in segments[0].segment.legs
    }
    return Segment.of(number, all_keys[order], ids.tolist(), legs)


def _merge_leg(parts: Sequence[Inverted], doc_maps: Sequence[NDArray[np.int64]], total: int) -> Inverted:
    from numen.kernels.postings import merge_lists

    of_parts: list[Any] = [part.keys for part in parts]  # of one kind, as they are of one leg
    keys = of_parts[0].union(of_parts[1:])
    key_maps = [keys.find(one) for one in of_parts]
    unpacked = [part.unpacked() for part in parts]
    cursor = np.zeros(len(keys), np.int64)
    nothing_docs, nothing_codes = np.empty(0, np.uint16), np.empty(0, np.uint8)
    for (starts, docs, codes), key_map, doc_map in zip(unpacked, key_maps, doc_maps, strict=True):
        merge_lists(starts, docs, codes, key_map, doc_map, cursor, nothing_docs, nothing_codes, False)
    kept = np.flatnonzero(cursor)
    new_starts = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(cursor, out=new_starts[1:])
    cursor = new_starts[:-1].copy()
    new_docs, new_codes = np.empty(new_starts[-1], np.uint16), np.empty(new_starts[-1], np.uint8)
    doc_values: Any = np.empty(total, parts[0].doc_values.dtype)
    large: list[tuple[NDArray[Any], ...]] = []
    place_of_key = np.cumsum(np.bincount(kept, minlength=len(keys))) - 1
    ascending = True
    last = -1
    for part, (starts, docs, codes), key_map, doc_map in zip(parts, unpacked, key_maps, doc_maps, strict=True):
        merge_lists(starts, docs, codes, key_map, doc_map, cursor, new_docs, new_codes, True)
        living = doc_map >= 0
        doc_values[doc_map[living]] = part.doc_values[living]
        ascending = ascending and (not living.any() or int(doc_map[living][0]) > last)
        last = int(doc_map[living][-1]) if living.any() else last
        some = part.exceptions
        alive = living[some.docs]
        large.append(
            (
                place_of_key[key_map[some.keys[alive]]].astype(np.uint32),
                doc_map[some.docs[alive]].astype(np.uint16),
                some.counts[alive],
            )
        )
    if not ascending:
        new_docs, new_codes = _sort_lists(new_starts, new_docs, new_codes)
    return Inverted.pack(
        keys.select(kept),
        np.append(new_starts[kept], new_starts[-1]),
        new_docs,
        new_codes,
        Exceptions.of(*(np.concatenate(column) for column in zip(*large, strict=True))),
        doc_values,
        log=doc_values.dtype == np.float32,
    )


def _sort_lists(
    starts: NDArray[np.int64], docs: NDArray[np.uint16], codes: NDArray[np.uint8]
) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """The lists with their documents ascending, for parts whose documents interleave."""
    list_of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((docs, list_of))
    return docs[order], codes[order]
