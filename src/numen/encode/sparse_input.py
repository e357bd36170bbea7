"""Sparse vectors as callers have them, read row by row: compressed sparse rows, or mappings of index or term to weight.

Arrays may be memory-mapped and larger than memory: a batch of rows is read at a time. scipy is not needed: whatever has
`indptr`, `indices`, `data` and `shape` as its CSR matrices do is taken for one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sized
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.given import GivenEncoder
from numen.encode.given_checks import Checked, checked
from numen.encode.given_mappings import checked_mappings
from numen.encode.vectors import SparseVectors
from numen.errors import InputError

__all__ = ["IteratedReader", "VectorReader", "all_vectors", "vector_reader"]

TAKEN = (
    "vectors are a scipy.sparse CSR matrix, a tuple (indptr, indices, values), or an iterable of mappings, "
    "{index: weight} or {term: weight}"
)


class VectorReader(ABC):
    """Vectors for one leg, read in order. `pull` each of a batch, then take the `batch`."""

    def __init__(self, leg: str) -> None:
        self._leg = leg
        self._read = self._taken = 0

    @abstractmethod
    def size(self) -> int | None:
        """How many vectors there are in all; None where only reading them tells."""

    @abstractmethod
    def more(self) -> bool:
        """Is there another vector?"""

    @abstractmethod
    def _next(self) -> int:
        """Read the next vector, and say how many entries it has."""

    @abstractmethod
    def _rows(self, begin: int, end: int) -> Checked:
        """The vectors read since the last call, which have these places."""

    def pull(self) -> int:
        """Read one vector; returns its number of entries. InputError if there is none left."""
        if not self.more():
            raise self._unequal(f"{self._read} vectors, but there are more documents")
        self._read += 1
        return self._next()

    def batch(self) -> Checked:
        """The vectors pulled since the last batch; problems name the leg and the row, counted from 0."""
        begin, self._taken = self._taken, self._read
        found = self._rows(begin, self._read)
        named = {row: f"vector {begin + row} of leg {self._leg!r}: {why}" for row, why in sorted(found.bad.items())}
        return Checked(found.vectors, named)

    def finish(self, documents: int) -> None:
        """InputError if vectors are left over after so many documents."""
        if self.more():
            raise self._unequal(f"more vectors than the {documents} documents")

    def expect(self, documents: int) -> None:
        """InputError if it is known already that there are not so many vectors."""
        size = self.size()
        if size is not None and size != documents:
            raise self._unequal(f"{size} vectors for {documents} documents")

    def _unequal(self, what: str) -> InputError:
        return InputError(
            f"leg {self._leg!r} got {what}; give one for each document, an empty one for a document without"
        )


def vector_reader(vectors: object, leg: str, encoder: GivenEncoder) -> VectorReader:
    """A reader of whatever form the vectors for `leg` have; InputError if it is none, or its arrays do not fit."""
    if isinstance(vectors, SparseVectors):
        return _CsrReader(leg, encoder, vectors.indptr, vectors.indices, vectors.values, vectors.shape)
    if all(hasattr(vectors, name) for name in ("indptr", "indices", "data", "shape")):
        given: Any = vectors
        if (form := getattr(given, "format", "csr")) != "csr":
            raise InputError(f"leg {leg!r} got a sparse matrix of format {form!r}; pass its rows: matrix.tocsr()")
        return _CsrReader(leg, encoder, given.indptr, given.indices, given.data, given.shape)
    if hasattr(vectors, "tocsr"):
        raise InputError(f"leg {leg!r} got a {type(vectors).__name__}; pass its rows: matrix.tocsr()")
    if isinstance(vectors, tuple) and len(vectors) == 3 and not any(isinstance(one, Mapping) for one in vectors):
        return _CsrReader(leg, encoder, *vectors, None)
    if isinstance(vectors, np.ndarray) and vectors.dtype != object:
        raise InputError(f"leg {leg!r} got a dense array; pass scipy.sparse.csr_array(vectors), or mappings")
    if isinstance(vectors, Mapping):
        raise InputError(f"leg {leg!r} got a single mapping; put a single vector in a list: [vector]")
    if isinstance(vectors, str | bytes) or not isinstance(vectors, Iterable):
        raise InputError(f"leg {leg!r} got a {type(vectors).__name__}; {TAKEN}")
    return _MappingReader(leg, encoder, vectors)


def all_vectors(reader: VectorReader) -> Any:
    """All that the reader has, GivenVectors or DenseVectors; InputError for the first unfit vector."""
    while reader.more():
        reader.pull()
    found = reader.batch()
    if found.bad:
        raise InputError(next(iter(found.bad.values())))
    return found.vectors


class _CsrReader(VectorReader):
    """Rows of compressed sparse rows; the arrays stay where they are, and are read a batch at a time."""

    def __init__(
        self, leg: str, encoder: GivenEncoder, indptr: object, indices: object, values: object, shape: Any
    ) -> None:
        super().__init__(leg)
        self._encoder = encoder
        if encoder.terms:
            raise InputError(
                f"leg {leg!r} is made with {encoder.spec!r} and takes terms: pass mappings {{term: weight}}, no arrays"
            )
        self._starts = self._array("indptr", indptr, "iu").astype(np.int64)
        self._indices = self._array("indices", indices, "iu")
        self._values = self._array("values", values, "iufb")
        self._below = encoder.limit if encoder.dim is None else encoder.dim
        starts = self._starts
        if not len(starts) or starts[0] != 0:
            raise self._unfit(f"indptr starts with {starts[:1].tolist()}; it must start with 0")
        if len(down := np.flatnonzero(np.diff(starts) < 0)):
            at = int(down[0])
            raise self._unfit(f"indptr falls from {starts[at]} to {starts[at + 1]} at row {at}; it must not")
        if not len(self._indices) == len(self._values) == starts[-1]:
            raise self._unfit(
                f"indptr ends with {starts[-1]}, but there are {len(self._indices)} indices and {len(self._values)} "
                f"values; the three must be equal"
            )
        if shape is not None:
            self._check_shape(tuple(shape))

    def size(self) -> int:
        return len(self._starts) - 1

    def more(self) -> bool:
        return self._read < len(self._starts) - 1

    def _next(self) -> int:
        return int(self._starts[self._read] - self._starts[self._read - 1])

    def _rows(self, begin: int, end: int) -> Checked:
        starts = self._starts[begin : end + 1]
        inside = slice(int(starts[0]), int(starts[-1]))
        return checked(
            starts - starts[0],
            self._indices[inside],
            self._values[inside],
            below=self._below,
            negative=self._encoder.negative,
        )

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) == 2 and shape[0] != len(self._starts) - 1:
            raise self._unfit(f"the shape is {shape}, but indptr has {len(self._starts) - 1} rows")
        if shape[-1] > self._below:
            raise self._unfit(
                f"the vectors have {shape[-1]} dimensions, the leg ({self._encoder.spec}) has {self._below}"
            )
        self._below = shape[-1]

    def _array(self, name: str, array: object, kinds: str) -> NDArray[Any]:
        """The array as it is, not copied; InputError unless it has one dimension and a type that fits."""
        try:
            found = np.asarray(array)
        except (TypeError, ValueError) as error:
            raise self._unfit(f"{name} is no array: {error}") from None
        if found.ndim != 1:
            raise self._unfit(f"{name} has the shape {found.shape}; it must have one dimension")
        if found.dtype.kind not in kinds and (len(found) or found.dtype.kind not in "iuf"):
            wanted = "whole numbers" if kinds == "iu" else "numbers"
            raise self._unfit(f"{name} holds {found.dtype}; it must hold {wanted}")
        return found if len(found) else found.astype(np.uint32 if kinds == "iu" else np.float32)

    def _unfit(self, what: str) -> InputError:
        return InputError(f"vectors of leg {self._leg!r}: {what}")


class IteratedReader(VectorReader):
    """Vectors one by one, consumed as they are asked for."""

    def __init__(self, leg: str, vectors: Iterable[object]) -> None:
        super().__init__(leg)
        self._size = len(vectors) if isinstance(vectors, Sized) else None
        self._vectors = iter(vectors)
        self._ahead: list[object] = []
        self._held: list[object] = []

    def size(self) -> int | None:
        return self._size

    def more(self) -> bool:
        if not self._ahead:
            self._ahead = list(islice(self._vectors, 1))
        return bool(self._ahead)

    def _take(self) -> object:
        """The next one, which `_rows` will look at."""
        one = self._ahead.pop()
        self._held.append(one)
        return one

    def _let_go(self) -> list[object]:
        """Those taken since the last time."""
        held, self._held = self._held, []
        return held


class _MappingReader(IteratedReader):
    """Mappings of index or term to weight."""

    def __init__(self, leg: str, encoder: GivenEncoder, vectors: Iterable[object]) -> None:
        super().__init__(leg, vectors)
        self._encoder = encoder

    def _next(self) -> int:
        one = self._take()
        return len(one) if isinstance(one, Mapping) else 0

    def _rows(self, begin: int, end: int) -> Checked:
        return checked_mappings(self._let_go(), self._encoder)
