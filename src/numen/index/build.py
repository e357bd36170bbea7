"""Collect rows of values, document by document, and turn them into one leg of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.index.keys import NumberKeys, TermKeys, Vocabulary
from numen.index.lists import Exceptions, Lists, Values
from numen.index.rows import DocValues, Form, Rows
from numen.kernels.codes import ESCAPE

__all__ = ["LegBuilder"]


COUNTING_LIMIT = 1 << 23
"""Below this many possible keys, which of them occur is counted in one array (64 MB); beyond, they are sorted."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of some consecutive documents, values as the lists will hold them."""

    starts: NDArray[np.int64]
    numbers: NDArray[np.uint32]
    values: Values
    doc_values: DocValues
    trail: NDArray[np.uint16] | None = None


class LegBuilder:
    """Gathers `Rows` until `finish` makes them `Lists`; 5 bytes a posting while it waits, 8 for the product form."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._parts: list[_Part] = []
        self._large: list[tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint32]]] = []
        self.n_docs = 0
        self.postings = 0

    def append(self, rows: Rows) -> None:
        """Take the rows of the next documents."""
        values, doc_values = rows.values, rows.doc_values
        kept: Values
        if values.dtype == np.float32:
            kept = values.view(np.float32)
            if self._form == "scaled":
                kept, doc_values = _rounded(rows.starts, kept)
        else:
            counts = values.view(np.uint32)
            large = np.flatnonzero(counts >= ESCAPE)
            if len(large):
                docs = np.searchsorted(rows.starts, large, side="right") - 1 + self.n_docs
                self._large.append((rows.numbers[large], docs.astype(np.uint16), counts[large]))
            kept = np.minimum(counts, ESCAPE).astype(np.uint8)
        self._parts.append(_Part(rows.starts, rows.numbers, kept, doc_values, rows.trail))
        self.n_docs += len(rows.doc_values)
        self.postings += len(rows.numbers)

    def finish(self, vocabulary: Sequence[bytes] | None) -> Lists:
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
            terms = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary.of(vocabulary)
            totals = _totals(parts, len(terms))
            order, keys = terms.in_order()
        starts = np.zeros(len(order) + 1, np.int64)
        np.cumsum(totals[order], out=starts[1:])
        cursor = np.zeros(len(totals), np.int64)
        cursor[order] = starts[:-1]
        place = np.zeros(len(totals), np.uint32)
        place[order] = np.arange(len(order), dtype=np.uint32)
        docs = np.empty(starts[-1], np.uint16)
        values: Values = np.empty(starts[-1], np.float32 if self._form == "product" else np.uint8)
        first = 0
        for part in parts:
            invert(part.starts, part.numbers, part.values, first, cursor, docs, values)
            first += len(part.doc_values)
        doc_values: DocValues = np.concatenate([part.doc_values for part in parts])
        trails = [part.trail for part in self._parts if part.trail is not None]
        large = self._exceptions(keys, place)
        self._parts, self._large = [], []
        del parts
        trail = np.concatenate(trails) if trails else None
        return Lists(keys, self._form, starts, docs, values, large, doc_values, trail)

    def _exceptions(self, keys: NumberKeys | TermKeys, place: NDArray[np.uint32]) -> Exceptions:
        if not self._large:
            return Exceptions.none()
        numbers, docs, counts = (np.concatenate(column) for column in zip(*self._large, strict=True))
        places = keys.find(NumberKeys(numbers)).astype(np.uint32) if isinstance(keys, NumberKeys) else place[numbers]
        return Exceptions.of(places, docs, counts)


def _rounded(starts: NDArray[np.int64], values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(codes 1..255, each document's scale): code * scale is the value, rounded to a 255th of the document's largest.

    It depends on the document alone, so that it stays what it is whatever else is added, removed or merged.
    """
    lengths = np.diff(starts)
    filled = np.flatnonzero(lengths)
    scales = np.ones(len(lengths), np.float32)
    if len(filled):
        scales[filled] = np.maximum.reduceat(values, starts[filled]) / np.float32(ESCAPE)
    scales = np.maximum(scales, np.finfo(np.float32).tiny)
    return np.clip(np.rint(values / np.repeat(scales, lengths)), 1, ESCAPE).astype(np.uint8), scales


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
        _Part(part.starts, numbers.astype(np.uint32), part.values, part.doc_values)
        for part, numbers in zip(parts, np.split(inverse, cuts), strict=True)
    ], named
