"""What one commit holds: its segments, and what follows from them for every search of that commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, Statistics
from numen.index.inverted import BOUND_MINIMUM, log_table
from numen.index.keys import NumberKeys, TermKeys
from numen.index.segment import LiveSegment
from numen.kernels.codes import LOG, PRODUCT, RATIO, SCALED

__all__ = ["FORMS", "Kept", "Snapshot"]

FORMS = {"ratio": RATIO, "log": LOG, "product": PRODUCT, "scaled": SCALED}
"""Forms as kernels take them."""


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
        """kept: what filters keep of each segment, by filter; numen.search.keep fills it.

        tuned: (share, recall) of approximate searches; numen.search.approximate fills it.
        """
        self.generation = generation
        self.segments = tuple(segments)
        self.kept: dict[str, tuple[Kept, ...]] = {}
        self.tuned: dict[tuple[str, int, float, bool], tuple[float, float]] = {}
        self._statistics: dict[str, Statistics] = {}
        self._arguments: dict[tuple[str, int], tuple[BM25 | None, tuple[Any, ...], tuple[Any, ...]]] = {}

    def statistics(self, leg: str, encoder: Encoder) -> Statistics:
        """Over all living documents: their number, and their lengths if the leg has lengths."""
        known = self._statistics.get(leg)
        if known is None:
            length = sum(live.total(leg) for live in self.segments) if encoder.form == "ratio" else 0
            known = Statistics(sum(live.n_alive for live in self.segments), length)
            self._statistics[leg] = known
        return known

    def find(self, key: int) -> tuple[int, int] | None:
        """(place of the segment, document) of the living document with this catalog key, None if there is none."""
        for place, live in enumerate(self.segments):
            doc = int(live.segment.docs_of(np.array([key]))[0])
            if doc >= 0 and not live.dead_mask[doc]:
                return place, doc
        return None

    def frequencies(self, leg: str, keys: NumberKeys | TermKeys) -> NDArray[np.int64]:
        """int64 (len(keys)): living documents that have each key."""
        total = np.zeros(len(keys), np.int64)
        for live in self.segments:
            total += live.frequencies(leg, live.segment.legs[leg].keys.find(keys))  # type: ignore[arg-type]
        return total

    def arguments(
        self, leg: str, place: int, encoder: Encoder, bm25: BM25 | None
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What kernels take of a leg's segment, between the places of the terms and the documents to leave out.

        (for `search_few`, for `search_lists`); kept for the parameters used last.
        """
        known = self._arguments.get((leg, place))
        if known is not None and known[0] == bm25:
            return known[1], known[2]
        part = self.segments[place].segment.legs[leg]
        values = self.doc_values(leg, place, encoder, bm25)
        log = part.form == "log"
        nothing = np.empty((0, 256), np.float32)
        lists = (*part.lists, part.fine, part.long_fine, part.steps, part.row_of, part.rows)
        levels = part.row_values if log else nothing
        errors = (part.row_steps, part.row_errors) if log else (nothing[:, 0], nothing[:, 0])
        saturations = nothing[:, 0]
        if part.form == "ratio" and part.n_docs >= BOUND_MINIMUM:
            saturations = encoder.doc_values(part.shortest, self.statistics(leg, encoder), bm25)  # rises with length
        bounds = (part.bounds.of_key, part.bounds.codes, saturations)
        exceptions = (part.exceptions.keys, part.exceptions.docs, part.exceptions.counts)
        form = (FORMS[part.form], values, log_table())
        few = (*lists, levels, *exceptions, *form)
        all_ = (*lists, levels, *errors, *bounds, *exceptions, *form)
        self._arguments[leg, place] = (bm25, few, all_)
        return few, all_

    def doc_values(self, leg: str, place: int, encoder: Encoder, bm25: BM25 | None) -> NDArray[np.float32]:
        """What the kernel needs of each document of a segment."""
        stored = self.segments[place].segment.legs[leg].doc_values
        return encoder.doc_values(stored, self.statistics(leg, encoder), bm25)
