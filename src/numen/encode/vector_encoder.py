"""An encoder whose representation is one dense vector: what legs of vectors need of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.dense_vectors import DenseVectors
from numen.encode.encoder import Counter, QueryCounts, Statistics
from numen.errors import InputError
from numen.index.rows import DocValues, Form

__all__ = ["VectorEncoder"]


class VectorEncoder(ABC):
    """A frozen value that makes one vector of `dim` numbers a text; the score is the inner product with the query's.

    It has no terms: what `Encoder` asks of encoders that count is an error here, and no leg of vectors asks it.
    """

    @property
    @abstractmethod
    def spec(self) -> str:
        """The short string that makes this encoder again."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers a vector has, 1 or more; a model may have to be loaded to know."""

    @property
    @abstractmethod
    def kept_as(self) -> str:
        """At which precision the index keeps vectors: one of numen.index.flat.PRECISIONS."""

    @property
    def measure(self) -> str:
        """What a score is called where it is explained."""
        return "inner product"

    @property
    def symmetric(self) -> bool:
        """Whether queries and documents are vectors of one space, so that a query may move towards documents."""
        return True

    @property
    def rescores(self) -> bool:
        """Whether `rescore` knows scores better than the inner products that find hits."""
        return False

    def rescore(
        self, query: DenseVectors, rows: NDArray[np.float32], products: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """float32 (n): final scores of documents for a single query. rows: their kept vectors, (n, dim). products: the
        inner products by which they were found."""
        return products

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """What a collection stores; `encoder_from_json` reads it back."""

    @abstractmethod
    def documents(self, texts: Sequence[str]) -> DenseVectors:
        """The vectors of documents."""

    @abstractmethod
    def queries(self, texts: Sequence[str]) -> DenseVectors:
        """The vectors of queries."""

    def settled(self) -> VectorEncoder:
        """The encoder with all that a new collection must remember of it; may load a model."""
        return self

    def opened_as(self, wanted: VectorEncoder) -> VectorEncoder | None:
        """The encoder to go on with where a collection remembers this one and `wanted` is asked for; None if it is
        another."""
        return self if self == wanted else None

    @property
    def form(self) -> Form:
        """ "flat": a matrix, no lists."""
        return "flat"

    def counter(self) -> Counter:
        """InputError: there is nothing to count."""
        self._no_terms()

    def query(self, texts: Sequence[str]) -> QueryCounts:
        """InputError: there are no terms."""
        self._no_terms()

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """InputError: there are no terms."""
        self._no_terms()

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        """InputError: there are no terms."""
        self._no_terms()

    def _no_terms(self) -> NoReturn:
        raise InputError(f"{self.spec!r} makes dense vectors, which have no terms")
