"""One leg of a segment in the making: a plain list of postings per key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.index.files import sealed
from numen.index.keys import NumberKeys, TermKeys
from numen.index.rows import DocValues, Form

__all__ = ["MAX_DOCUMENTS", "Exceptions", "Lists", "Values", "gathered"]

MAX_DOCUMENTS = 65_536
"""Documents in a segment: document numbers are uint16 and a segment's scores (256 KB) stay in the processor's cache."""

Values: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
"""A posting's value: a code (uint8) for ratio, log and scaled, the weight itself (float32) for product."""


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Counts over 254, sorted by key place, then document: keys uint32, docs uint16, counts uint32.

    Of a packed product leg: the bits of weights that lie too far below their bound.
    """

    keys: NDArray[np.uint32]
    docs: NDArray[np.uint16]
    counts: NDArray[np.uint32]

    @classmethod
    def of(cls, keys: NDArray[np.uint32], docs: NDArray[np.uint16], counts: NDArray[np.uint32]) -> Exceptions:
        order = np.lexsort((docs, keys))
        return cls(keys[order], docs[order], counts[order])

    @classmethod
    def none(cls) -> Exceptions:
        """No exception at all."""
        return cls(np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.uint32))

    def count(self, place: int, doc: int) -> int:
        """The count of one key in one document that has an exception for it."""
        begin, end = (int(np.searchsorted(self.keys, np.uint32(place), side)) for side in ("left", "right"))
        return int(self.counts[begin + np.searchsorted(self.docs[begin:end], np.uint16(doc))])


@dataclass(frozen=True, slots=True)
class Lists:
    """Every key's postings, key p's in [starts[p], starts[p + 1]), by document.

    starts: int64 (n_keys + 1). docs: uint16. values: codes (ESCAPE: the count is among the exceptions) or weights.
    trail: uint16, the documents' terms in order as hashes, where the leg keeps them (numen.index.rows).
    """

    keys: NumberKeys | TermKeys
    form: Form
    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    values: Values
    exceptions: Exceptions
    doc_values: DocValues
    trail: NDArray[np.uint16] | None = None

    @property
    def n_docs(self) -> int:
        return len(self.doc_values)

    def reordered(self, order: NDArray[np.int64]) -> Lists:
        """The same with document order[i] as document i."""
        from numen.kernels.postings import renumber

        number = np.empty(len(order), np.uint16)
        number[order] = np.arange(len(order))
        docs, values = renumber(self.starts, self.docs, self.values, number)
        some = self.exceptions
        return replace(
            self,
            docs=docs,
            values=values,
            exceptions=Exceptions.of(some.keys, number[some.docs], some.counts),
            doc_values=self.doc_values[order],
            trail=None if self.trail is None else gathered(self.trail, self.doc_values, order),
        )


def gathered(trail: NDArray[np.uint16], lengths: DocValues, order: NDArray[np.int64]) -> NDArray[np.uint16]:
    """The trails of documents `order`, one after the other; lengths: of every document's trail."""
    from numen.kernels.pairs import gather_trails

    return gather_trails(sealed(trail).view(np.uint16), sealed(lengths).view(np.uint32), order)
