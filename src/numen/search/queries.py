"""Queries as every leg takes them: texts, and for legs of given vectors their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numen.encode.dense_vectors import DenseVectors
from numen.encode.encoder import Encoder, QueryCounts
from numen.encode.given import GivenEncoder
from numen.encode.given_vectors import GivenVectors
from numen.encode.sparse_input import all_vectors
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import InputError
from numen.search.given import query_readers

__all__ = ["DenseQueries", "Queries", "Queryable", "texts_of", "vectors_of"]


class Queryable(Protocol):
    """What a leg needs of a batch of queries: how many they are, some consecutive ones, and their terms."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice) -> Queryable: ...

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        """The weighted or counted terms of the queries in one leg."""
        ...


class Queries:
    """A batch of queries; texts: one a query; vectors: for each leg of given vectors, one row a query."""

    def __init__(self, texts: Sequence[str], vectors: Mapping[str, GivenVectors | DenseVectors]) -> None:
        self.texts = texts
        self.vectors = dict(vectors)

    @classmethod
    def of(
        cls,
        texts: Sequence[str] | None,
        vectors: Any,
        encoders: Mapping[str, Encoder],
        names: Sequence[str],
        *,
        single: bool = False,
    ) -> Queries:
        """The queries of a call that searches the legs `names`; without texts they are empty, one a vector.

        single: vectors are those of one query. InputError, OptionError for vectors that do not fit.
        """
        readers = query_readers(vectors, encoders, names, single=single)
        read = {leg: all_vectors(reader) for leg, reader in readers.items()}
        if texts is None:
            if not read:
                raise InputError("there are no queries: give texts, or vectors, or both")
            texts = [""] * (1 if single else len(next(iter(read.values()))))
        for leg, found in read.items():
            if len(found) != len(texts):
                raise InputError(
                    f"leg {leg!r} got {len(found)} vectors, the queries are {len(texts)}; give one for each"
                )
        return cls(texts, read)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, rows: slice) -> Queries:
        """Some consecutive queries."""
        return Queries(self.texts[rows], {leg: vectors[rows] for leg, vectors in self.vectors.items()})

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        """The weighted or counted terms of the queries in one leg."""
        given = self.vectors.get(leg)
        if isinstance(encoder, GivenEncoder) and isinstance(given, GivenVectors):
            return encoder.query_of(given)
        return encoder.query(self.texts)

    def dense(self, leg: str, encoder: VectorEncoder) -> DenseVectors:
        """The queries' vectors in a leg of dense ones: those that were given, or what its model makes, once."""
        known = self.vectors.get(leg)
        if not isinstance(known, DenseVectors):
            known = self.vectors[leg] = encoder.queries(self.texts)
        return known

    def truncated(self, query: int) -> tuple[str, ...]:
        """The legs, of those asked so far, whose model read only the beginning of a query."""
        dense = ((leg, one) for leg, one in self.vectors.items() if isinstance(one, DenseVectors))
        return tuple(leg for leg, one in dense if one.truncated[query])

    def variance(self, query: int) -> dict[str, float]:
        """How long a query's vector of variances is in each Gaussian leg that was asked."""
        dense = ((leg, one) for leg, one in self.vectors.items() if isinstance(one, DenseVectors))
        return {leg: float(one.variance[query]) for leg, one in dense if one.variance is not None}


class DenseQueries:
    """Queries of which a leg's vectors are known, and nothing else; as `rank` takes queries."""

    def __init__(self, vectors: DenseVectors) -> None:
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, rows: slice) -> DenseQueries:
        """Some consecutive queries."""
        return DenseQueries(self.vectors[rows])

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        """InputError: there are no terms."""
        return encoder.query([])

    def dense(self, leg: str, encoder: VectorEncoder) -> DenseVectors:
        """The vectors."""
        return self.vectors


def vectors_of(queries: Queryable, leg: str, encoder: VectorEncoder) -> DenseVectors:
    """The vectors of a batch in a leg of dense ones; ValueError for queries that are terms."""
    if not isinstance(queries, Queries | DenseQueries):
        raise ValueError(f"{type(queries).__name__} holds no dense vectors")
    return queries.dense(leg, encoder)


def texts_of(queries: Queryable) -> Sequence[str]:
    """The texts of a batch that has texts; ValueError for one of vectors alone, which no text leg can be asked."""
    texts: Sequence[str] | None = getattr(queries, "texts", None)
    if texts is None:
        raise ValueError(f"{type(queries).__name__} holds no texts")
    return texts
