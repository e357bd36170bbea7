"""Dense vectors as callers have them, read row by row: an array, memory-mapped or not, or an iterable of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.dense_vectors import DenseVectors, unfit, unit
from numen.encode.given_checks import Checked
from numen.encode.given_dense import GivenDenseEncoder
from numen.encode.sparse_input import IteratedReader, VectorReader
from numen.errors import InputError

__all__ = ["dense_reader"]

TAKEN = "dense vectors are an array (n, dim), or an iterable of rows of numbers, None for a document without a vector"


def dense_reader(vectors: object, leg: str, encoder: GivenDenseEncoder) -> VectorReader:
    """A reader of whatever form the vectors for `leg` have; InputError if it is none, or its arrays do not fit."""
    if hasattr(vectors, "indptr") or hasattr(vectors, "tocsr"):
        raise InputError(f"leg {leg!r} ({encoder.spec}) takes dense vectors and got a sparse matrix: pass X.toarray()")
    if hasattr(vectors, "shape") and hasattr(vectors, "dtype"):
        given: Any = vectors
        array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
        if array.dtype != object:
            return _ArrayReader(leg, encoder, array)
        vectors = list(array)
    if isinstance(vectors, str | bytes | Mapping) or not isinstance(vectors, Iterable):
        raise InputError(f"leg {leg!r} got a {type(vectors).__name__}; {TAKEN}")
    return _RowReader(leg, encoder, vectors)


def _checked(rows: NDArray[np.float32], encoder: GivenDenseEncoder, bad: dict[int, str]) -> Checked:
    """The rows fit to be indexed; those that are not are zeros, and said to be bad."""
    for row, why in unfit(rows, encoder.precision).items():
        bad.setdefault(row, why)
    if bad:
        rows = rows.copy()
        rows[list(bad)] = 0
    return Checked(DenseVectors.of(unit(rows) if encoder.similarity == "cosine" else rows), bad)


class _ArrayReader(VectorReader):
    """Rows of an array, which stays where it is, and is read a batch at a time."""

    def __init__(self, leg: str, encoder: GivenDenseEncoder, array: NDArray[Any]) -> None:
        super().__init__(leg)
        if array.ndim != 2 or array.shape[1] != encoder.dim:
            one = "; put a single vector in a list: [vector]" if array.ndim == 1 else ""
            raise InputError(
                f"leg {leg!r} ({encoder.spec}) got an array of shape {array.shape}; it takes (n, {encoder.dim}){one}"
            )
        if array.dtype.kind not in "iuf":
            raise InputError(f"leg {leg!r} got an array of {array.dtype}; it must hold numbers")
        self._encoder, self._array = encoder, array

    def size(self) -> int:
        return len(self._array)

    def more(self) -> bool:
        return self._read < len(self._array)

    def _next(self) -> int:
        return self._encoder.dim

    def _rows(self, begin: int, end: int) -> Checked:
        with np.errstate(over="ignore"):
            rows = np.ascontiguousarray(self._array[begin:end]).astype(np.float32)
        return _checked(rows, self._encoder, {})


class _RowReader(IteratedReader):
    """Rows of numbers."""

    def __init__(self, leg: str, encoder: GivenDenseEncoder, vectors: Iterable[object]) -> None:
        super().__init__(leg, vectors)
        self._encoder = encoder

    def _next(self) -> int:
        self._take()
        return self._encoder.dim

    def _rows(self, begin: int, end: int) -> Checked:
        held = self._let_go()
        rows = np.zeros((len(held), self._encoder.dim), np.float32)
        bad: dict[int, str] = {}
        for at, one in enumerate(held):
            if one is not None and (why := self._put(one, rows[at])):
                bad[at] = why
        return _checked(rows, self._encoder, bad)

    def _put(self, one: object, row: NDArray[np.float32]) -> str:
        """Write a vector to its row; what is wrong with it, nothing if all is well."""
        if isinstance(one, str | bytes | Mapping):
            return f"it is a {type(one).__name__}, not a row of {self._encoder.dim} numbers"
        try:
            array = np.asarray(one)
        except (TypeError, ValueError) as error:
            return f"it is no row of numbers: {error}"
        if array.shape != row.shape:
            return f"it has the shape {array.shape}, the leg ({self._encoder.spec}) takes {self._encoder.dim} numbers"
        if array.dtype.kind not in "iuf":
            return f"it holds {array.dtype}; it must hold numbers"
        with np.errstate(over="ignore"):
            row[:] = array
        return ""
