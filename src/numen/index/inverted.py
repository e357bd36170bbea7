"""One leg of one segment: an inverted list per key, with the most frequent keys as plain rows.

A posting is a document number (uint16: a segment holds at most 65,536 documents) and a code (uint8: the count itself,
255 meaning "see the exceptions"). A key that at least a fifth of the documents have is a row of one code a document
instead: smaller than a list from a third on, and summed by a loop that vectorises.

Where the similarity takes logarithms, the codes of a row are not the counts but levels 1..255 that rise with the count
and almost linearly with its logarithm, so that slope * level estimates the logarithm; `row_counts` holds the count that
each level stands for. A key whose counts are too many and too different for that stays a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.index.keys import NumberKeys, TermKeys, keys_from_arrays
from numen.index.rows import DocValues
from numen.kernels.codes import ESCAPE

__all__ = ["MAX_DOCUMENTS", "Exceptions", "Inverted", "log_table"]

MAX_DOCUMENTS = 65_536
"""Documents in a segment: document numbers are uint16 and a segment's scores (256 KB) stay in the processor's cache."""

ROW_SHARE = 5
"""A key is kept as a row when at least one document in ROW_SHARE has it; on LIMIT, 4 and 6 were slower."""

LEVEL_ERROR = 0.05
"""Where levels would estimate logarithms worse than this, too many documents would have to be summed exactly."""

ROW_MINIMUM = 1_024
"""Segments with fewer documents have no rows: there is nothing to save."""

Array: TypeAlias = NDArray[np.generic]


def log_table() -> NDArray[np.float32]:
    """ln(1 + c) for c in 0..255, float32."""
    return np.log1p(np.arange(256, dtype=np.float64)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Counts over 254, sorted by key place, then document: keys uint32, docs uint16, counts uint32."""

    keys: NDArray[np.uint32]
    docs: NDArray[np.uint16]
    counts: NDArray[np.uint32]

    @classmethod
    def of(cls, keys: NDArray[np.uint32], docs: NDArray[np.uint16], counts: NDArray[np.uint32]) -> Exceptions:
        order = np.lexsort((docs, keys))
        return cls(keys[order], docs[order], counts[order])

    def count(self, place: int, doc: int) -> int:
        """The count of one key in one document that has an exception for it."""
        begin, end = (int(np.searchsorted(self.keys, np.uint32(place), side)) for side in ("left", "right"))
        return int(self.counts[begin + np.searchsorted(self.docs[begin:end], np.uint16(doc))])


@dataclass(frozen=True)
class Inverted:
    """The lists of one leg in one segment. Arrays are read-only views of what is on disk: do not write.

    starts: int64 (n_keys + 1), docs uint16, codes uint8: the lists (empty for a key that has a row).
    row_places: uint32 (n_rows), ascending: which keys have rows; rows uint8 (n_rows, n_docs).
    row_counts: uint32 (n_rows, 256) where rows hold levels (`log` similarity), else (0, 256).
    doc_values: (n_docs), float32 inverse norms or uint32 lengths.
    """

    keys: NumberKeys | TermKeys
    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    row_places: NDArray[np.uint32]
    rows: NDArray[np.uint8]
    row_counts: NDArray[np.uint32]
    exceptions: Exceptions
    doc_values: DocValues

    @classmethod
    def pack(
        cls,
        keys: NumberKeys | TermKeys,
        starts: NDArray[np.int64],
        docs: NDArray[np.uint16],
        codes: NDArray[np.uint8],
        exceptions: Exceptions,
        doc_values: DocValues,
        *,
        log: bool,
    ) -> Inverted:
        """From plain lists, which it takes over and writes to, to lists and rows; `log`: rows hold levels."""
        from numen.kernels.postings import densify

        n_docs = len(doc_values)
        lengths = np.diff(starts)
        frequent = lengths * ROW_SHARE >= n_docs if n_docs >= ROW_MINIMUM else np.zeros(len(lengths), bool)
        row_counts = np.zeros((0, 256), np.uint32)
        rows = np.zeros((0, n_docs), np.uint8)
        if log:
            frequent[exceptions.keys] = False
            levels = {key: _levels(codes[starts[key] : starts[key + 1]]) for key in np.flatnonzero(frequent).tolist()}
            levels = {key: table for key, table in levels.items() if _level_error(table) <= LEVEL_ERROR}
            frequent[:] = False
            frequent[list(levels)] = True
        chosen = np.flatnonzero(frequent).astype(np.uint32)
        if len(chosen):
            starts, rows = densify(starts, docs, codes, chosen, n_docs)
            docs, codes = docs[: starts[-1]].copy(), codes[: starts[-1]].copy()
            if log:
                row_counts = np.stack([levels[key] for key in chosen.tolist()])
                for row, table in zip(rows, row_counts, strict=True):
                    used = np.flatnonzero(table)
                    recode = np.zeros(256, np.uint8)
                    recode[table[used]] = used
                    row[:] = recode[row]
        return cls(keys, starts, docs, codes, chosen, rows, row_counts, exceptions, doc_values)

    def unpacked(self) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]:
        """(starts, docs, codes) with every key as a list and every code a count: what `pack` was given."""
        from numen.kernels.postings import sparsify

        if not len(self.row_places):
            return self.starts, self.docs, self.codes
        rows = self.rows
        if len(self.row_counts):
            rows = np.stack([counts.astype(np.uint8)[row] for counts, row in zip(self.row_counts, rows, strict=True)])
        return sparsify(self.starts, self.docs, self.codes, self.row_places, rows)

    @property
    def n_docs(self) -> int:
        return len(self.doc_values)

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """int64 (n_keys): in how many documents of the segment, dead ones included, each key occurs."""
        counts = np.diff(self.starts)
        if len(self.row_places):
            counts[self.row_places] = [np.count_nonzero(row) for row in self.rows]
        return counts

    @cached_property
    def row_values(self) -> NDArray[np.float32]:
        """float32 (n_rows, 256): ln(1 + count) of each level."""
        values: NDArray[np.float32] = np.log1p(self.row_counts.astype(np.float64)).astype(np.float32)
        return values

    @cached_property
    def row_steps(self) -> NDArray[np.float32]:
        """float32 (n_rows): the slope by which a level estimates its value."""
        highest = self.row_values.max(axis=1, initial=0)
        levels = np.where(self.row_counts > 0, np.arange(256), 0).max(axis=1, initial=1)
        steps: NDArray[np.float32] = (highest / np.maximum(levels, 1)).astype(np.float32)
        return steps

    @cached_property
    def row_errors(self) -> NDArray[np.float32]:
        """float32 (n_rows): how far slope * level can be from the value, over the levels in use."""
        estimates = self.row_steps[:, None] * np.arange(256, dtype=np.float32)
        off = np.where(self.row_counts > 0, np.abs(estimates - self.row_values), np.float32(0))
        errors: NDArray[np.float32] = off.max(axis=1, initial=0)
        return errors

    def row_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64: the row of each place, -1 where it has none (or is -1 itself)."""
        if not len(self.row_places):
            return np.full(len(places), -1, np.int64)
        at = np.minimum(np.searchsorted(self.row_places, places), len(self.row_places) - 1)
        return np.where(self.row_places[at] == places, at, -1)

    def counts(self, doc: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 (len(places)): how often the document has each key, as stored; 0 where the place is -1."""
        out = np.zeros(len(places), np.int64)
        rows = self.row_of(places)
        in_row = rows >= 0
        codes = self.rows[rows[in_row], doc]
        # A row's codes are counts, or levels that stand for counts; only codes that are counts have exceptions.
        out[in_row] = self.row_counts[rows[in_row], codes] if len(self.row_counts) else codes
        for i in np.flatnonzero((places >= 0) & ~in_row).tolist():
            begin, end = self.starts[places[i] : places[i] + 2].tolist()
            at = begin + int(np.searchsorted(self.docs[begin:end], np.uint16(doc)))
            if at < end and self.docs[at] == doc:
                out[i] = self.codes[at]
        counted = ~in_row if len(self.row_counts) else np.ones(len(places), bool)
        for i in np.flatnonzero(counted & (out == ESCAPE)).tolist():
            out[i] = self.exceptions.count(int(places[i]), doc)
        return out

    @property
    def postings(self) -> int:
        """How many (key, document) pairs there are, dead documents included."""
        return int(self.frequencies.sum())

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        return {
            **self.keys.arrays(),
            "starts": self.starts,
            "docs": self.docs,
            "codes": self.codes,
            "row_places": self.row_places,
            "rows": self.rows,
            "row_counts": self.row_counts,
            "exception_keys": self.exceptions.keys,
            "exception_docs": self.exceptions.docs,
            "exception_counts": self.exceptions.counts,
            "doc_values": self.doc_values,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Inverted:
        """The leg whose `arrays()` these are."""
        values = arrays["doc_values"]
        return cls(
            keys_from_arrays(arrays),
            arrays["starts"].view(np.int64),
            arrays["docs"].view(np.uint16),
            arrays["codes"].view(np.uint8),
            arrays["row_places"].view(np.uint32),
            arrays["rows"].view(np.uint8),
            arrays["row_counts"].view(np.uint32),
            Exceptions(
                arrays["exception_keys"].view(np.uint32),
                arrays["exception_docs"].view(np.uint16),
                arrays["exception_counts"].view(np.uint32),
            ),
            values.view(np.float32) if values.dtype == np.float32 else values.view(np.uint32),
        )


def _levels(codes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """uint32 (256): the count that each level stands for, 0 for one not used, for a list of these counts.

    A count c gets the level nearest to 255 ln(1 + c) / ln(1 + largest), moved up or down where two counts would share
    one: levels rise strictly with counts, so nothing is lost.
    """
    counts = np.flatnonzero(np.bincount(codes, minlength=256)[1:]) + 1
    places = np.arange(len(counts))
    ideal = np.rint(255 * np.log1p(counts) / np.log1p(counts[-1])).astype(np.int64)
    # Strictly rising from below, then pushed back under 255 from above; both keep the order.
    rising = np.maximum.accumulate(ideal - places) + places
    table = np.zeros(256, np.uint32)
    table[np.minimum(rising, 255 - places[::-1])] = counts
    return table


def _level_error(table: NDArray[np.uint32]) -> float:
    """How far slope * level can be from ln(1 + count), over the levels in use."""
    used = np.flatnonzero(table)
    values = np.log1p(table[used].astype(np.float64))
    return float(np.abs(used * (values[-1] / used[-1]) - values).max())
