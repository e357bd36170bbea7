"""What one commit holds: its segments, and what follows from them for every search of that commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Encoder, Statistics
from numen.index.inverted import BOUND_MINIMUM
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

        tuned: (share, recall) of approximate searches; numen.search.approximate fills it. derived: the documents in
        another representation, by leg; numen.search.token_candidates fills it. searched: whether anybody has.
        """
        self.generation = generation
        self.searched = False
        self.segments = tuple(segments)
        self.kept: dict[str, tuple[Kept, ...]] = {}
        self.derived: dict[str, Snapshot] = {}
        self.tuned: dict[tuple[str, int, float, bool], tuple[float, float]] = {}
        self._statistics: dict[str, Statistics] = {}
        self._heavy_tables: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        self._tables: dict[str, tuple[BM25 | None, NDArray[np.int64], list[NDArray[np.float32]]]] = {}

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

    def located(
        self, leg: str, table: NDArray[np.int64], keys: NumberKeys | TermKeys
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(places, frequencies): where each key stands in each segment, and how many living documents have it.

        places: int64 (n_segments, len(keys)), -1 where a segment lacks the key. frequencies: int64 (len(keys)). table:
        the leg's (`table`).
        """
        from numen.kernels.places import find_keys_in_all, find_terms_in_all

        places = np.empty((len(self.segments), len(keys)), np.int64)
        frequencies = np.zeros(len(keys), np.int64)
        if isinstance(keys, NumberKeys):
            find_keys_in_all(table, keys.numbers, places, frequencies)
        else:
            find_terms_in_all(table, *keys.sealed(), places, frequencies)
        for at, live in zip(places, self.segments, strict=True):
            if len(live.dead):
                frequencies -= live.dead_frequencies(leg, at)
        return places, frequencies

    @property
    def tabled(self) -> dict[str, BM25 | None]:
        """The legs whose tables are made, and for which parameters."""
        return {leg: known[0] for leg, known in self._tables.items()}

    def table(self, leg: str, encoder: Encoder, bm25: BM25 | None) -> NDArray[np.int64]:
        """A leg's segments as kernels read them (numen.kernels.part); kept for the parameters used last."""
        return self._tabled(leg, encoder, bm25)[0]

    def tabled_values(self, leg: str, encoder: Encoder, bm25: BM25 | None) -> list[NDArray[np.float32]]:
        """`doc_values` of every segment, kept with the table."""
        return self._tabled(leg, encoder, bm25)[1][::2]

    def _tabled(
        self, leg: str, encoder: Encoder, bm25: BM25 | None
    ) -> tuple[NDArray[np.int64], list[NDArray[np.float32]]]:
        """(the table, what it points to beside the segments: document values and saturations of each in turn)."""
        from numen.kernels.part import row_with, table_of

        known = self._tables.get(leg)
        if known is not None and known[0] == bm25:
            return known[1:]
        rows, held = [], []
        for place, live in enumerate(self.segments):
            part = live.segment.legs[leg]
            saturations = np.empty(0, np.float32)
            if part.form == "ratio" and part.n_docs >= BOUND_MINIMUM:
                # A saturation rises with the length, so the shortest document has the smallest.
                saturations = encoder.doc_values(part.shortest, self.statistics(leg, encoder), bm25)
            values = self.doc_values(leg, place, encoder, bm25)
            rows.append(
                row_with(
                    part.table_row,
                    doc_values=values,
                    saturations=saturations,
                    dead=live.dead,
                    ranks=live.segment.ranks,
                )
            )
            held += [values, saturations]
        table = np.stack(rows) if rows else table_of([])
        self._tables[leg] = (bm25, table, held)
        return table, held

    def heavy_table(self, leg: str, table: NDArray[np.int64]) -> NDArray[np.int64]:
        """A product leg's `table` with its lists by falling weight (numen.index.heavy), made once a segment."""
        from numen.kernels.part import row_with

        known = self._heavy_tables.get(leg)
        if known is not None and known[0] is table:
            return known[1]
        rows = []
        for row, live in zip(table, self.segments, strict=True):
            heavy = live.segment.heavy(leg)
            rows.append(
                row_with(
                    row,
                    heavy_starts=heavy.starts,
                    heavy_docs=heavy.docs,
                    heavy_codes=heavy.codes,
                    heavy_lengths=heavy.lengths,
                    heavy_levels=heavy.levels,
                    forward_starts=heavy.row_starts,
                    forward_keys=heavy.row_keys,
                    forward_codes=heavy.row_codes,
                )
            )
        out = np.stack(rows) if rows else table
        self._heavy_tables[leg] = (table, out)
        return out

    def doc_values(self, leg: str, place: int, encoder: Encoder, bm25: BM25 | None) -> NDArray[np.float32]:
        """What the kernel needs of each document of a segment."""
        stored = self.segments[place].segment.legs[leg].doc_values
        return encoder.doc_values(stored, self.statistics(leg, encoder), bm25)
