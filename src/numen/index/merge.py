"""Several segments into one, without their dead documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.index.flat import Flat
from numen.index.inverted import Inverted
from numen.index.keys import Vocabulary
from numen.index.lists import MAX_DOCUMENTS, Exceptions, Lists, Values, gathered
from numen.index.packing import unpack
from numen.index.segment import LiveSegment, Segment
from numen.index.tokens import Tokens

__all__ = ["merge"]


def merge(number: int, segments: Sequence[LiveSegment]) -> Segment | None:
    """One segment with the living documents of all; None if none lives.

    Raises ValueError if more than 65,536 are alive.
    """
    total = sum(live.n_alive for live in segments)
    if total == 0:
        return None
    if total > MAX_DOCUMENTS:
        raise ValueError(f"{total} living documents do not fit one segment of {MAX_DOCUMENTS}")
    # Documents keep the order that they have, one segment after the other; `Segment.of` puts like beside like.
    doc_maps: list[NDArray[np.int64]] = []
    at = 0
    for live in segments:
        doc_map = np.full(live.segment.n_docs, -1, np.int64)
        doc_map[live.dead_mask == 0] = np.arange(at, at + live.n_alive)
        doc_maps.append(doc_map)
        at += live.n_alive
    keys = np.concatenate([live.segment.doc_keys[live.dead_mask == 0] for live in segments])
    ids = Vocabulary.joined([live.segment.names.take(np.flatnonzero(live.dead_mask == 0)) for live in segments])
    legs = {
        name: _merge_leg([live.segment.legs[name] for live in segments], doc_maps, total)
        for name in segments[0].segment.legs
    }
    flats = {
        name: _merge_flat([(live.segment.flats[name], live) for live in segments]) for name in segments[0].segment.flats
    }
    tokens = {
        name: Tokens.joined(
            [
                live.segment.tokens[name].take(np.flatnonzero(live.dead_mask == 0))
                if len(live.dead)
                else live.segment.tokens[name]
                for live in segments
            ]
        )
        for name in segments[0].segment.tokens
    }
    return Segment.of(number, keys, ids, legs, flats, tokens)


def _merge_flat(parts: Sequence[tuple[Flat, LiveSegment]]) -> Flat:
    return Flat.joined(
        [part.take(np.flatnonzero(live.dead_mask == 0)) if len(live.dead) else part for part, live in parts]
    )


def _merge_leg(parts: Sequence[Inverted], doc_maps: Sequence[NDArray[np.int64]], total: int) -> Lists:
    from numen.kernels.postings import merge_lists

    of_parts: list[Any] = [part.keys for part in parts]  # of one kind, as they are of one leg
    keys, key_maps = of_parts[0].united(of_parts[1:])
    unpacked = [unpack(part) for part in parts]
    cursor = np.zeros(len(keys), np.int64)
    nothing = np.empty(0, np.uint16)
    for lists, key_map, doc_map in zip(unpacked, key_maps, doc_maps, strict=True):
        merge_lists(
            lists.starts, lists.docs, lists.values, key_map, doc_map, cursor, nothing, lists.values[:0].copy(), False
        )
    kept = np.flatnonzero(cursor)
    starts = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(cursor, out=starts[1:])
    cursor = starts[:-1].copy()
    docs = np.empty(starts[-1], np.uint16)
    values: Values = np.empty(starts[-1], unpacked[0].values.dtype)
    doc_values: Any = np.empty(total, parts[0].doc_values.dtype)
    large: list[tuple[NDArray[Any], ...]] = []
    place_of_key = np.cumsum(np.bincount(kept, minlength=len(keys))) - 1
    for lists, key_map, doc_map in zip(unpacked, key_maps, doc_maps, strict=True):
        merge_lists(lists.starts, lists.docs, lists.values, key_map, doc_map, cursor, docs, values, True)
        living = doc_map >= 0
        doc_values[doc_map[living]] = lists.doc_values[living]
        some = lists.exceptions
        alive = living[some.docs]
        large.append(
            (
                place_of_key[key_map[some.keys[alive]]].astype(np.uint32),
                doc_map[some.docs[alive]].astype(np.uint16),
                some.counts[alive],
            )
        )
    trails = [
        gathered(lists.trail, lists.doc_values, np.flatnonzero(doc_map >= 0))
        for lists, doc_map in zip(unpacked, doc_maps, strict=True)
        if lists.trail is not None
    ]
    return Lists(
        keys.select(kept),
        unpacked[0].form,
        np.append(starts[kept], starts[-1]),
        docs,
        values,
        Exceptions.of(*(np.concatenate(column) for column in zip(*large, strict=True))),
        doc_values,
        np.concatenate(trails) if trails else None,
    )
