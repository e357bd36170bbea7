"""One leg of a segment that keeps a vector for each token of each document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.index.files import Array
from numen.index.flat import Flat, widened

__all__ = ["FORM", "Tokens", "TokensBuilder"]

FORM = "tokens"
"""What the array `form` of such a leg says."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of document d are vectors [starts[d], starts[d + 1]) of `flat`. Arrays are read-only.

    starts: int64 (n_docs + 1). flat: the vectors, at a precision of its own (numen.index.flat): what is kept is the
    value, and it is never rounded again.
    """

    starts: NDArray[np.int64]
    flat: Flat

    @property
    def n_docs(self) -> int:
        return len(self.starts) - 1

    @property
    def n_tokens(self) -> int:
        return int(self.starts[-1])

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.flat.dim

    def between(self, begin: int, end: int) -> NDArray[np.float32]:
        """float32 (end - begin, dim): consecutive vectors as they are scored; a view where they are kept so."""
        flat = self.flat
        if len(flat.rows):
            return flat.rows[begin:end]
        if len(flat.halves):
            return widened(flat.halves[begin:end])
        return flat.codes[begin:end].astype(np.float32) * flat.scales[begin:end, None]

    def of(self, docs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(starts int64 (len(docs) + 1), rows float32): the tokens of some documents, one after the other."""
        starts, places = self._places(docs)
        return starts, self.flat.matrix(places)

    def take(self, docs: NDArray[np.int64]) -> Tokens:
        """The leg with document docs[i] as document i."""
        starts, places = self._places(docs)
        return Tokens(starts, self.flat.take(places))

    @classmethod
    def joined(cls, parts: Sequence[Tokens]) -> Tokens:
        """The documents of all parts, one part after the other; at least one part."""
        ends = np.cumsum([0, *(part.n_tokens for part in parts)])
        starts = [part.starts[1:] + end for part, end in zip(parts, ends, strict=False)]
        return cls(np.concatenate([np.zeros(1, np.int64), *starts]), Flat.joined([part.flat for part in parts]))

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        form = {"form": np.frombuffer(FORM.encode(), np.uint8)}
        return {**self.flat.arrays(), **form, "token_starts": self.starts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Tokens:
        """The leg whose `arrays()` these are."""
        return cls(arrays["token_starts"].view(np.int64), Flat.from_arrays(arrays))

    def faults(self) -> list[str]:
        """What does not fit together, half a sentence each; none if all does."""
        found = self.flat.faults()
        if self.starts[0] != 0 or (np.diff(self.starts) < 0).any() or self.starts[-1] != self.flat.n_docs:
            found.append(f"its documents do not share out its {self.flat.n_docs} vectors")
        return found

    def _places(self, docs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(starts of the documents' tokens when they stand one after the other, the places of these tokens here)."""
        begins = self.starts[docs]
        lengths = self.starts[docs + 1] - begins
        starts = np.zeros(len(docs) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return starts, np.arange(starts[-1]) + np.repeat(begins - starts[:-1], lengths)


class TokensBuilder:
    """Gathers token vectors until `finish` makes them one leg; they wait at the precision that they will have."""

    def __init__(self, dim: int, precision: str) -> None:
        self._precision = precision
        self._parts = [Tokens(np.zeros(1, np.int64), Flat.of(np.empty((0, dim), np.float32), precision))]
        self.bytes = 0

    def append(self, starts: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        """Take the tokens of the next documents: document d's are rows [starts[d], starts[d + 1])."""
        part = Tokens(starts, Flat.of(rows, self._precision))
        self._parts.append(part)
        self.bytes += sum(array.nbytes for array in part.arrays().values())

    def finish(self) -> Tokens:
        """The leg; the builder is empty afterwards."""
        made = Tokens.joined(self._parts)
        self._parts, self.bytes = self._parts[:1], 0
        return made
