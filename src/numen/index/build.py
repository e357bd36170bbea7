"""Collect rows of counts, document by document, and turn them into one leg of a segment."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import Exceptions, Inverted
from numen.index.keys import NumberKeys, TermKeys
from numen.index.rows import DocValues, Rows

__all__ = ["LegBuilder"]

T = TypeVar("T", bound=np.generic)

COUNTING_LIMIT = 1 << 23
"""Below this many possible keys, which of them occur is counted in one array (64 MB); beyond, they are sorted."""


class LegBuilder:
    """Gathers `Rows` until `finish` makes them an `Inverted`; about 5 bytes a posting while it waits."""

    def __init__(self, *, log: bool) -> None:
        self._log = log
        self._lengths: list[NDArray[np.int64]] = []
        self._numbers: list[NDArray[np.uint32]] = []
        self._codes: list[NDArray[np.uint8]] = []
        self._doc_values: list[DocValues] = []
        self._large: list[tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint32]]] = []
        self.n_docs = 0
        self.postings = 0

    def append(self, rows: Rows) -> None:
        """Take the rows of the next documents."""
        lengths = np.diff(rows.starts)
        large = np.flatnonzero(rows.counts > 254)
        if len(large):
            docs = np.searchsorted(rows.starts, large, side="right") - 1 + self.n_docs
            self._large.append((rows.numbers[large], docs.astype(np.uint16), rows.counts[large]))
        self._lengths.append(lengths)
        self._numbers.append(rows.numbers)
        self._codes.append(np.minimum(rows.counts, 255).astype(np.uint8))
        self._doc_values.append(rows.doc_values)
        self.n_docs += len(lengths)
        self.postings += len(rows.numbers)

    def finish(self, vocabulary: list[bytes] | None) -> Inverted:
        """The leg. `vocabulary` names the numbers of the rows; None means that the numbers are the keys."""
        from numen.kernels.postings import invert

        row_starts = np.zeros(self.n_docs + 1, np.int64)
        np.cumsum(_joined(self._lengths, np.int64), out=row_starts[1:])
        numbers = _joined(self._numbers, np.uint32)
        codes = _joined(self._codes, np.uint8)
        large_numbers = _joined([part[0] for part in self._large], np.uint32)
        large_docs = _joined([part[1] for part in self._large], np.uint16)
        large_counts = _joined([part[2] for part in self._large], np.uint32)
        keys: NumberKeys | TermKeys
        if vocabulary is None:
            keys, numbers = _number_keys(numbers)
            large_places = keys.find(NumberKeys(large_numbers)).astype(np.uint32)
        else:
            order = sorted(range(len(vocabulary)), key=vocabulary.__getitem__)
            keys = TermKeys.of(vocabulary[number] for number in order)
            place = np.empty(len(order), np.uint32)
            place[order] = np.arange(len(order), dtype=np.uint32)
            numbers = place[numbers]
            large_places = place[large_numbers]
        starts, docs, codes = invert(row_starts, numbers, codes, len(keys))
        exceptions = Exceptions.of(large_places, large_docs, large_counts)
        values: DocValues = np.concatenate(self._doc_values)  # type: ignore[assignment]  # parts of one dtype
        return Inverted.pack(keys, starts, docs, codes, exceptions, values, log=self._log)


def _number_keys(numbers: NDArray[np.uint32]) -> tuple[NumberKeys, NDArray[np.uint32]]:
    """The distinct numbers, and each number's place among them."""
    highest = int(numbers.max(initial=0))
    if highest < COUNTING_LIMIT:
        present = np.flatnonzero(np.bincount(numbers, minlength=highest + 1)).astype(np.uint32)
        place = np.zeros(highest + 1, np.uint32)
        place[present] = np.arange(len(present), dtype=np.uint32)
        return NumberKeys(present), place[numbers]
    present, inverse = np.unique(numbers, return_inverse=True)
    return NumberKeys(present), inverse.astype(np.uint32)


def _joined(parts: list[NDArray[T]], dtype: type[T]) -> NDArray[T]:
    """The parts as one array, and the list emptied, so that only one copy stays."""
    whole = np.concatenate(parts) if parts else np.empty(0, dtype)
    parts.clear()
    return whole
