"""One leg of a segment that keeps a vector a document as it is: a matrix, or its rounded form, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.index.files import Array

__all__ = ["FORM", "PRECISIONS", "Flat", "FlatBuilder", "widened"]

FORM = "flat"
"""What the array `form` of such a leg says; legs of inverted lists say theirs."""

PRECISIONS = ("float32", "float16", "int8", "8bit")
"""float32: 4 bytes a number. float16: 2, and the rounded number is the value. int8: codes of a byte, by which searches
find what could be a hit, beside the float32 numbers that give the scores: 5. 8bit: codes alone, and a code times the
document's scale is the value."""

LARGEST_CODE = 127

AT_ONCE = 4_096
"""Vectors whose lengths are computed at a time, in float64."""

Vectors: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Flat:
    """A segment's vectors, document d's in row d. Arrays are read-only; what the precision does not keep is empty.

    rows: float32 (n, dim), of float32 and int8. halves: uint16 (n, dim), the bits of float16 numbers. codes: int8
    (n, dim), of int8 and 8bit: about vector / scale. scales: float32 (n). norms: float32 (n): no less than a vector's
    length, and 0 where a document has no vector. residues: float32 (n), of int8: no less than the length of
    vector - scale * codes.
    """

    rows: NDArray[np.float32]
    halves: NDArray[np.uint16]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    norms: NDArray[np.float32]
    residues: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Vectors, precision: str) -> Flat:
        """The leg of these vectors, float32 (n, dim), finite, at a precision of PRECISIONS."""
        n, dim = vectors.shape
        rows, halves, codes = np.empty((0, dim), np.float32), np.empty((0, dim), np.uint16), np.empty((0, dim), np.int8)
        nothing = np.empty(0, np.float32)
        scales = nothing
        if precision in ("int8", "8bit"):
            codes, scales = _codes(vectors)
        if precision == "float16":
            halves = np.ascontiguousarray(vectors.astype(np.float16)).view(np.uint16)
        elif precision != "8bit":
            rows = np.ascontiguousarray(vectors, np.float32)
        norms = np.empty(n, np.float32)
        residues = np.empty(n, np.float32) if precision == "int8" else nothing
        bare = cls(rows, halves, codes, scales, norms, residues)
        for at in range(0, n, AT_ONCE):
            some = np.arange(at, min(at + AT_ONCE, n))
            norms[some] = _lengths(bare.matrix(some))
            if precision == "int8":
                residues[some] = _lengths(vectors[some] - codes[some] * scales[some, None].astype(np.float64))
        return bare

    @property
    def n_docs(self) -> int:
        return len(self.norms)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self.rows.shape[1])

    @property
    def precision(self) -> str:
        """One of PRECISIONS."""
        if len(self.halves):
            return "float16"
        if len(self.codes):
            return "int8" if len(self.rows) else "8bit"
        return "float32"

    def matrix(self, docs: NDArray[np.int64]) -> Vectors:
        """float32 (len(docs), dim): the vectors that scores are computed with."""
        if len(self.rows):
            return self.rows[docs]
        if len(self.halves):
            return widened(self.halves[docs])
        return self.codes[docs].astype(np.float32) * self.scales[docs][:, None]

    def take(self, docs: NDArray[np.int64]) -> Flat:
        """The leg with document docs[i] as document i: nothing is rounded again."""
        return Flat(*(part[docs] if len(part) else part for part in self._parts()))

    @classmethod
    def joined(cls, parts: Sequence[Flat]) -> Flat:
        """The documents of all parts, one part after the other; at least one part."""
        columns = zip(*(part._parts() for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        return {
            "form": np.frombuffer(FORM.encode(), np.uint8),
            "rows": self.rows,
            "halves": self.halves,
            "codes": self.codes,
            "scales": self.scales,
            "norms": self.norms,
            "residues": self.residues,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Flat:
        """The leg whose `arrays()` these are."""
        return cls(
            arrays["rows"].view(np.float32),
            arrays["halves"].view(np.uint16),
            arrays["codes"].view(np.int8),
            arrays["scales"].view(np.float32),
            arrays["norms"].view(np.float32),
            arrays["residues"].view(np.float32),
        )

    def faults(self) -> list[str]:
        """What does not fit together, half a sentence each; none if all does."""
        found = []
        n, dim = self.n_docs, self.dim
        for name, part in (("rows", self.rows), ("halves", self.halves), ("codes", self.codes)):
            if part.ndim != 2 or part.shape[1] != dim or len(part) not in (0, n):
                found.append(f"its {name} have the shape {part.shape}, there are {n} vectors of {dim} dimensions")
        if n and not (len(self.rows) or len(self.halves) or len(self.codes)):
            found.append("it holds no vectors")
        if len(self.scales) != len(self.codes):
            found.append(f"it has {len(self.scales)} scales for {len(self.codes)} rows of codes")
        if len(self.residues) not in (0, n):
            found.append(f"it has {len(self.residues)} residues for {n} vectors")
        return found

    def _parts(self) -> tuple[NDArray[Any], ...]:
        return self.rows, self.halves, self.codes, self.scales, self.norms, self.residues


class FlatBuilder:
    """Gathers vectors until `finish` makes them one leg."""

    def __init__(self, dim: int, precision: str) -> None:
        self._dim, self._precision = dim, precision
        self._parts: list[Vectors] = []
        self.bytes = 0

    def append(self, vectors: Vectors) -> None:
        """Take the vectors of the next documents, float32 (n, dim), finite."""
        self._parts.append(vectors)
        self.bytes += vectors.nbytes

    def finish(self) -> Flat:
        """The leg; the builder is empty afterwards."""
        empty = np.empty((0, self._dim), np.float32)
        vectors = self._parts[0] if len(self._parts) == 1 else np.concatenate([empty, *self._parts])
        self._parts, self.bytes = [], 0
        return Flat.of(vectors, self._precision)


def widened(halves: NDArray[np.uint16]) -> Vectors:
    """float32 (n, dim): the float16 numbers whose bits these are."""
    from numen.kernels.flat import widen_rows

    out = np.empty(halves.shape, np.float32)
    widen_rows(np.ascontiguousarray(halves), out)
    return out


def _codes(vectors: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(codes, scales): a vector's largest number has the code 127 or -127."""
    codes, scales = np.empty(vectors.shape, np.int8), np.empty(len(vectors), np.float32)
    for at in range(0, len(vectors), AT_ONCE):
        some = vectors[at : at + AT_ONCE]
        scale = (np.abs(some).max(axis=1, initial=0) / np.float32(LARGEST_CODE)).astype(np.float32)
        exact = some / np.where(scale > 0, scale, np.float32(1))[:, None]
        codes[at : at + AT_ONCE] = np.clip(np.rint(exact), -LARGEST_CODE, LARGEST_CODE)
        scales[at : at + AT_ONCE] = scale
    return codes, scales


def _lengths(vectors: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 (n): no less than each row's length, and 0 only for a row of zeros."""
    wide = vectors.astype(np.float64, copy=False)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    up = np.nextafter(lengths.astype(np.float32), np.float32(np.inf))
    return np.where(lengths > 0, up, np.float32(0))
