"""What one commit holds: its segments, and what follows from them for every search of that commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, Statistics
from numen.index.keys import NumberKeys, TermKeys
from numen.index.segment import LiveSegment

__all__ = ["Kept", "Snapshot"]


@dataclass(frozen=True)
class Kept:
    """The living documents of one segment that a filter keeps: uint16, ascending."""

    docs: NDArray[np.uint16]
    n_docs: int

    @cached_property
    def left_out(self) -> NDArray[np.uint16]:
        """uint16, ascending: all others of the segment's `n_docs`, the dead among them."""
        mask = np.ones(self.n_docs, bool)
        mask[self.docs] = False
        return np.flatnonzero(mask).astype(np.uint16)


class Snapshot:
    """The living segments of one generation. Immutable but for caches of derived values, so any thread may use it."""

    def __init__(self, generation: int, segments: Sequence[LiveSegment]) -> None:
        """kept: what filters keep of each segment, by filter; numen.search.keep fills it."""
        self.generation = generation
        self.segments = tuple(segments)
        self.kept: dict[str, tuple[Kept, ...]] = {}
        self._statistics: dict[str, Statistics] = {}
        self._doc_values: dict[tuple[str, int], tuple[BM25 | None, NDArray[np.float32]]] = {}

    def statistics(self, leg: str, encoder: Encoder) -> Statistics:
        """Over all living documents: their number, and their lengths if the leg has lengths."""
        known = self._statistics.get(leg)
        if known is None:
            length = 0 if encoder.log else sum(live.total(leg) for live in self.segments)
            known = Statistics(sum(live.n_alive for live in self.segments), length)
            self._statistics[leg] = known
        return known

    def find(self, key: int) -> tuple[int, int] | None:
        """(place of the segment, document) of the living document with this catalog key, None if there is none."""
        for place, live in enumerate(self.segments):
            keys = live.segment.doc_keys
            doc = int(np.searchsorted(keys, key))
            if doc < len(keys) and keys[doc] == key and not live.dead_mask[doc]:
                return place, doc
        return None

    def frequencies(self, leg: str, keys: NumberKeys | TermKeys) -> NDArray[np.int64]:
        """int64 (len(keys)): living documents that have each key."""
        total = np.zeros(len(keys), np.int64)
        for live in self.segments:
            total += live.frequencies(leg, live.segment.legs[leg].keys.find(keys))  # type: ignore[arg-type]
        return total

    def doc_values(self, leg: str, place: int, encoder: Encoder, bm25: BM25 | None) -> NDArray[np.float32]:
        """What the kernel needs of each document of a segment; kept for the parameters used last."""
        known = self._doc_values.get((leg, place))
        if known is not None and known[0] == bm25:
            return known[1]
        stored = self.segments[place].segment.legs[leg].doc_values
        values = encoder.doc_values(stored, self.statistics(leg, encoder), bm25)
        self._doc_values[leg, place] = (bm25, values)
        return values
