"""Collect rows of counts, document by document, and turn them into one leg of a segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import Exceptions, Inverted
from numen.index.keys import NumberKeys, TermKeys
from numen.index.rows import DocValues, Rows
from numen.kernels.codes import ESCAPE

__all__ = ["LegBuilder"]


COUNTING_LIMIT = 1 << 23
"""Below this many possible keys, which of them occur is counted in one array (64 MB); beyond, they are sorted."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of some consecutive documents, counts as codes."""

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    codes: NDArray[np.uint8]
    doc_values: DocValues


class LegBuilder:
    """Gathers `Rows` until `finish` makes them an `Inverted`; about 5 bytes a posting while it waits."""

    def __init__(self, *, log: bool) -> None:
        self._log = log
        self._parts: list[_Part] = []
        self._large: list[tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint32]]] = []
        self.n_docs = 0
        self.postings = 0

    def append(self, rows: Rows) -> None:
        """Take the rows of the next documents."""
        large = np.flatnonzero(rows.counts >= ESCAPE)
        if len(large):
            docs = np.searchsorted(rows.starts, large, side="right") - 1 + self.n_docs
            self._large.append((rows.numbers[large], docs.astype(np.uint16), rows.counts[large]))
        codes = np.minimum(rows.counts, ESCAPE).astype(np.uint8)
        self._parts.append(_Part(rows.starts, rows.numbers, codes, rows.doc_values))
        self.n_docs += len(rows.doc_values)
        self.postings += len(rows.numbers)

    def finish(self, vocabulary: list[bytes] | None) -> Inverted:
        """The leg. `vocabulary` names the numbers of the rows; None means that the numbers are the keys.

        The builder is empty afterwards.
        """
        from numen.kernels.postings import invert

        keys: NumberKeys | TermKeys
        if vocabulary is None:
            parts, named = _compact(self._parts)
            totals = _totals(parts)
            order = np.flatnonzero(totals)
            keys = NumberKeys(order.astype(np.uint32) if named is None else named[order])
        else:
            parts = self._parts
            totals = _totals(parts, len(vocabulary))
            order = np.array(sorted(range(len(vocabulary)), key=vocabulary.__getitem__), np.int64)
            keys = TermKeys.of(vocabulary[number] for number in order.tolist())
        starts = np.zeros(len(order) + 1, np.int64)
        np.cumsum(totals[order], out=starts[1:])
        cursor = np.zeros(len(totals), np.int64)
        cursor[order] = starts[:-1]
        place = np.zeros(len(totals), np.uint32)
        place[order] = np.arange(len(order), dtype=np.uint32)
        docs, codes = np.empty(starts[-1], np.uint16), np.empty(starts[-1], np.uint8)
        first = 0
        for part in parts:
            invert(part.starts, part.numbers, part.codes, first, cursor, docs, codes)
            first += len(part.doc_values)
        values: DocValues = np.concatenate([part.doc_values for part in parts])
        large = self._exceptions(vocabulary, keys, place)
        self._parts, self._large = [], []
        del parts
        return Inverted.pack(keys, starts, docs, codes, large, values, log=self._log)

    def _exceptions(
        self, vocabulary: list[bytes] | None, keys: NumberKeys | TermKeys, place: NDArray[np.uint32]
    ) -> Exceptions:
        numbers, docs, counts = (
            np.concatenate([np.empty(0, dtype), *(part[i] for part in self._large)])
            for i, dtype in enumerate((np.uint32, np.uint16, np.uint32))
        )
        places = keys.find(NumberKeys(numbers)).astype(np.uint32) if isinstance(keys, NumberKeys) else place[numbers]
        return Exceptions.of(places, docs, counts)


def _totals(parts: list[_Part], n: int = 0) -> NDArray[np.int64]:
    """int64: how often each number occurs; at least n long."""
    from numen.kernels.postings import count_numbers

    totals = np.zeros(max([n, *(int(part.numbers.max(initial=0)) + 1 for part in parts)]), np.int64)
    for part in parts:
        count_numbers(part.numbers, totals)
    return totals


def _compact(parts: list[_Part]) -> tuple[list[_Part], NDArray[np.uint32] | None]:
    """The parts with numbers small enough to count in an array, and what they stand for if they had to be changed."""
    if max((int(part.numbers.max(initial=0)) for part in parts), default=0) < COUNTING_LIMIT:
        return parts, None
    named, inverse = np.unique(np.concatenate([part.numbers for part in parts]), return_inverse=True)
    cuts = np.cumsum([len(part.numbers) for part in parts])[:-1]
    return [
        _Part(part.starts, numbers.astype(np.uint32), part.codes, part.doc_values)
        for part, numbers in zip(parts, np.split(inverse, cuts), strict=True)
    ], named
