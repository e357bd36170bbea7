"""One leg of one segment: how a key's documents are kept, and what searches need of them.

A key is kept in one of three ways:

- a short list: document numbers as uint16 (a segment holds at most 65,536 documents), a code beside each;
- a long list: the gaps between document numbers as uint8, a code beside each, and every 32nd document number in full
  so that a search may jump; a gap over 255 is led up to by entries of code 0. Chosen where it takes fewer bytes;
- a row (ratio and log only): one code a document, for a key that at least a fifth of the documents have: smaller than
  a list from a third on, and summed by a loop that vectorises.

A code is the count itself (255: "see the exceptions"); for scaled legs it is multiplied by the document's scale; for
product legs it bounds a float32 weight, and three bytes more say how far below (numen.kernels.weights). Where the
similarity takes logarithms, the codes of a row are levels 1..255 that rise with the count and almost linearly with its
logarithm, so that slope * level estimates the logarithm; `row_counts` holds the count that each level stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from numen.index.keys import NumberKeys, TermKeys, keys_from_arrays
from numen.index.lists import Exceptions
from numen.index.rows import DocValues, Form
from numen.kernels.codes import BOUND_BLOCK, ESCAPE, SKIP, WEIGHT_ESCAPE

if TYPE_CHECKING:
    from numen.kernels.part import Part

__all__ = ["Bounds", "Inverted", "log_table", "numbered"]

Array: TypeAlias = NDArray[np.generic]

BOUND_SHARE = 64
"""A key of at least one document in so many has its largest value in each block kept as a bound, for pruning."""

BOUND_MINIMUM = 4_096
"""Segments with fewer documents have no bounds: scoring all of them costs less."""


def log_table() -> NDArray[np.float32]:
    """ln(1 + c) for c in 0..255, float32."""
    return np.log1p(np.arange(256, dtype=np.float64)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Bounds:
    """For frequent keys, how large a count can be in each block of BOUND_BLOCK documents.

    of_key: int32 (n_keys), the key's row of `codes`, or -1. codes: uint8 (n, n_blocks), 255 for a count that no code
    holds.
    """

    of_key: NDArray[np.int32]
    codes: NDArray[np.uint8]


@dataclass(frozen=True)
class Inverted:
    """The lists of one leg in one segment. Arrays are read-only views of what is on disk: do not write.

    starts: int64 (n_keys + 1), docs uint16, codes uint8: the short lists (empty for other keys).
    long_places: uint32 (n_long), ascending: which keys have long lists; long_starts int64 (n_long + 1), gaps uint8,
        long_codes uint8: their entries; long_counts uint32 (n_long): how many documents each has; skips uint16.
    steps: float32 (n_keys), product only: what a key's codes are multiplied by; fine, long_fine uint8 (n, 3): how far
        below that each weight lies.
    row_places: uint32 (n_rows), ascending: which keys have rows; rows uint8 (n_rows, n_docs); row_frequencies uint32.
    row_counts: uint32 (n_rows, 256) where rows hold levels (log), else (0, 256).
    doc_values: (n_docs): uint32 lengths (ratio, product), float32 inverse norms (log) or scales (scaled).
    """

    keys: NumberKeys | TermKeys
    form: Form
    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    fine: NDArray[np.uint8]
    long_places: NDArray[np.uint32]
    long_starts: NDArray[np.int64]
    gaps: NDArray[np.uint8]
    long_codes: NDArray[np.uint8]
    long_fine: NDArray[np.uint8]
    long_counts: NDArray[np.uint32]
    skips: NDArray[np.uint16]
    row_places: NDArray[np.uint32]
    rows: NDArray[np.uint8]
    row_frequencies: NDArray[np.uint32]
    row_counts: NDArray[np.uint32]
    steps: NDArray[np.float32]
    exceptions: Exceptions
    doc_values: DocValues

    @property
    def n_docs(self) -> int:
        return len(self.doc_values)

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """int64 (n_keys): in how many documents of the segment, dead ones included, each key occurs."""
        counts = np.diff(self.starts)
        counts[self.long_places] = self.long_counts
        counts[self.row_places] = self.row_frequencies
        return counts

    @cached_property
    def long_of(self) -> NDArray[np.int32]:
        """int32 (n_keys): which long list a key has, -1 where it has none."""
        return numbered(self.long_places, len(self.keys))

    @cached_property
    def row_of(self) -> NDArray[np.int32]:
        """int32 (n_keys): which row a key has, -1 where it has none."""
        return numbered(self.row_places, len(self.keys))

    @cached_property
    def skip_starts(self) -> NDArray[np.int64]:
        """int64 (n_long + 1): where each long list's part of `skips` begins."""
        starts = np.zeros(len(self.long_places) + 1, np.int64)
        np.cumsum(-(-np.diff(self.long_starts) // SKIP), out=starts[1:])
        return starts

    @cached_property
    def shortest(self) -> NDArray[np.uint32]:
        """uint32 (n_blocks), ratio only: the smallest length in each block of BOUND_BLOCK documents."""
        lengths = self.doc_values.view(np.uint32)
        return np.minimum.reduceat(lengths, np.arange(0, len(lengths), BOUND_BLOCK))

    @cached_property
    def bounds(self) -> Bounds:
        """What pruning needs; derived from the lists once, in some milliseconds."""
        n_blocks = -(-self.n_docs // BOUND_BLOCK)
        chosen = np.empty(0, np.int64)
        if self.form == "ratio" and self.n_docs >= BOUND_MINIMUM:
            chosen = np.flatnonzero(self.frequencies * BOUND_SHARE >= self.n_docs)
        codes = np.zeros((len(chosen), n_blocks), np.uint8)
        if len(chosen):
            from numen.kernels.prune import bound_blocks

            bound_blocks(chosen, *self.lists, self.row_of, self.rows, codes)
        return Bounds(numbered(chosen.astype(np.uint32), len(self.keys)), codes)

    @property
    def lists(
        self,
    ) -> tuple[
        NDArray[np.int64],
        NDArray[np.uint16],
        NDArray[np.uint8],
        NDArray[np.int32],
        NDArray[np.int64],
        NDArray[np.uint8],
        NDArray[np.uint8],
        NDArray[np.int64],
        NDArray[np.uint16],
    ]:
        """The short and long lists as kernels take them."""
        return (
            self.starts,
            self.docs,
            self.codes,
            self.long_of,
            self.long_starts,
            self.gaps,
            self.long_codes,
            self.skip_starts,
            self.skips,
        )

    @cached_property
    def part(self) -> Part:
        """The leg as kernels read it; what a snapshot adds is left empty."""
        from numen.kernels.part import Part

        log = self.form == "log"
        levels, numbers = np.empty((0, 256), np.float32), np.empty(0, np.float32)
        nothing = np.empty(0, np.uint16)
        return Part(
            *self.lists,
            self.fine,
            self.long_fine,
            self.steps,
            self.row_of,
            self.rows,
            self.row_values if log else levels,
            self.row_steps if log else numbers,
            self.row_errors if log else numbers,
            self.bounds.of_key,
            self.bounds.codes,
            numbers,
            self.exceptions.keys,
            self.exceptions.docs,
            self.exceptions.counts,
            numbers,
            log_table(),
            nothing,
            nothing,
            self.keys.numbers if isinstance(self.keys, NumberKeys) else np.empty(0, np.uint32),
            self.keys.blob if isinstance(self.keys, TermKeys) else np.empty(0, np.uint8),
            self.keys.starts if isinstance(self.keys, TermKeys) else np.empty(0, np.int64),
            self.keys.samples if isinstance(self.keys, TermKeys) else np.empty(0, np.uint64),
            self.frequencies,
            np.empty(0, np.int64),
            nothing,
            np.empty(0, np.uint8),
            np.empty(0, np.uint32),
            np.empty((0, 0), np.uint8),
            np.empty(0, np.int64),
            nothing,
            np.empty(0, np.uint8),
        )

    @cached_property
    def table_row(self) -> NDArray[np.int64]:
        """The row of `part` in a table of parts."""
        from numen.kernels.part import table_of

        row: NDArray[np.int64] = table_of([self.part])[0]
        return row

    @cached_property
    def row_values(self) -> NDArray[np.float32]:
        """float32 (n_rows, 256), log only: ln(1 + count) of each level."""
        values: NDArray[np.float32] = np.log1p(self.row_counts.astype(np.float64)).astype(np.float32)
        return values

    @cached_property
    def row_steps(self) -> NDArray[np.float32]:
        """float32 (n_rows), log only: the slope by which a level estimates its value."""
        highest = self.row_values.max(axis=1, initial=0)
        levels = np.where(self.row_counts > 0, np.arange(256), 0).max(axis=1, initial=1)
        steps: NDArray[np.float32] = (highest / np.maximum(levels, 1)).astype(np.float32)
        return steps

    @cached_property
    def row_errors(self) -> NDArray[np.float32]:
        """float32 (n_rows), log only: how far slope * level can be from the value, over the levels in use."""
        estimates = self.row_steps[:, None] * np.arange(256, dtype=np.float32)
        off = np.where(self.row_counts > 0, np.abs(estimates - self.row_values), np.float32(0))
        errors: NDArray[np.float32] = off.max(axis=1, initial=0)
        return errors

    def values_of(self, doc: int, places: NDArray[np.int64]) -> NDArray[np.int64] | NDArray[np.float32]:
        """The document's value for each key, 0 where it has none or the place is -1.

        int64 (len(places)): counts, or for scaled the codes; float32 weights for product.
        """
        out = np.zeros(len(places), np.float32 if self.form == "product" else np.int64)
        for i in np.flatnonzero(places >= 0).tolist():
            out[i] = self._value(doc, int(places[i]))
        return cast("NDArray[np.int64] | NDArray[np.float32]", out)

    def _value(self, doc: int, place: int) -> float:
        r, i = int(self.row_of[place]), int(self.long_of[place])
        if r >= 0:
            code = int(self.rows[r, doc])
            if len(self.row_counts):
                # Levels stand for counts; only codes that are counts have exceptions.
                return int(self.row_counts[r, code])
        elif i >= 0:
            begin, end = self.long_starts[i : i + 2].tolist()
            numbers = np.cumsum(self.gaps[begin:end], dtype=np.int64)
            at = int(np.searchsorted(numbers, doc))
            if at == len(numbers) or numbers[at] != doc:
                return 0
            # An entry that only leads up to a wide gap has the value 0: right, as the document has none.
            entry, codes, fine = begin + at, self.long_codes, self.long_fine
        else:
            begin, end = self.starts[place : place + 2].tolist()
            at = begin + int(np.searchsorted(self.docs[begin:end], np.uint16(doc)))
            if at == end or self.docs[at] != doc:
                return 0
            entry, codes, fine = at, self.codes, self.fine
        if r < 0:
            code = int(codes[entry])
        if self.form == "product":
            below = int.from_bytes(fine[entry].tobytes(), "little")
            if below == WEIGHT_ESCAPE:
                return float(np.uint32(self.exceptions.count(place, doc)).view(np.float32))
            bound = np.float32(self.steps[place] * np.float32(code))
            return float(np.int32(int(bound.view(np.int32)) - below).view(np.float32)) if code else 0
        if code == ESCAPE and self.form != "scaled":
            return self.exceptions.count(place, doc)
        return code

    @property
    def postings(self) -> int:
        """How many (key, document) pairs there are, dead documents included."""
        return int(self.frequencies.sum())

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        return {
            "form": np.frombuffer(self.form.encode(), np.uint8),
            **self.keys.arrays(),
            "starts": self.starts,
            "docs": self.docs,
            "codes": self.codes,
            "fine": self.fine,
            "long_places": self.long_places,
            "long_starts": self.long_starts,
            "gaps": self.gaps,
            "long_codes": self.long_codes,
            "long_fine": self.long_fine,
            "long_counts": self.long_counts,
            "skips": self.skips,
            "row_places": self.row_places,
            "rows": self.rows,
            "row_frequencies": self.row_frequencies,
            "row_counts": self.row_counts,
            "steps": self.steps,
            "exception_keys": self.exceptions.keys,
            "exception_docs": self.exceptions.docs,
            "exception_counts": self.exceptions.counts,
            "doc_values": self.doc_values,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Inverted:
        """The leg whose `arrays()` these are."""
        return cls(
            keys_from_arrays(arrays),
            cast("Form", arrays["form"].tobytes().decode()),
            arrays["starts"].view(np.int64),
            arrays["docs"].view(np.uint16),
            arrays["codes"].view(np.uint8),
            arrays["fine"].view(np.uint8),
            arrays["long_places"].view(np.uint32),
            arrays["long_starts"].view(np.int64),
            arrays["gaps"].view(np.uint8),
            arrays["long_codes"].view(np.uint8),
            arrays["long_fine"].view(np.uint8),
            arrays["long_counts"].view(np.uint32),
            arrays["skips"].view(np.uint16),
            arrays["row_places"].view(np.uint32),
            arrays["rows"].view(np.uint8),
            arrays["row_frequencies"].view(np.uint32),
            arrays["row_counts"].view(np.uint32),
            arrays["steps"].view(np.float32),
            Exceptions(
                arrays["exception_keys"].view(np.uint32),
                arrays["exception_docs"].view(np.uint16),
                arrays["exception_counts"].view(np.uint32),
            ),
            _typed(arrays["doc_values"], np.uint32),
        )


def _typed(array: Array, other: type[np.generic]) -> NDArray[np.float32]:
    """The array as float32 if it holds that, else as `other` (which the return type does not show)."""
    return array.view(np.float32) if array.dtype == np.float32 else cast("NDArray[np.float32]", array.view(other))


def numbered(places: NDArray[np.uint32], n: int) -> NDArray[np.int32]:
    """int32 (n): the place of each number among `places`, -1 where it is not."""
    out = np.full(n, -1, np.int32)
    out[places] = np.arange(len(places), dtype=np.int32)
    return out
