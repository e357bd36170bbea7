"""Queries as every leg takes them: texts, and for legs of given vectors their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numen.encode.encoder import Encoder, QueryCounts
from numen.encode.given import GivenEncoder
from numen.encode.given_vectors import GivenVectors
from numen.encode.sparse_input import all_vectors
from numen.errors import InputError
from numen.search.given import query_readers

__all__ = ["Queries", "Queryable", "texts_of"]


class Queryable(Protocol):
    """What a leg needs of a batch of queries: how many they are, some consecutive ones, and their terms."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice) -> Queryable: ...

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        """The weighted or counted terms of the queries in one leg."""
        ...


class Queries:
    """A batch of queries; texts: one a query; vectors: for each leg of given vectors, one row a query."""

    def __init__(self, texts: Sequence[str], vectors: Mapping[str, GivenVectors]) -> None:
        self.texts, self.vectors = texts, vectors

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
        return encoder.query_of(self.vectors[leg]) if isinstance(encoder, GivenEncoder) else encoder.query(self.texts)


def texts_of(queries: Queryable) -> Sequence[str]:
    """The texts of a batch that has texts; ValueError for one of vectors alone, which no text leg can be asked."""
    texts: Sequence[str] | None = getattr(queries, "texts", None)
    if texts is None:
        raise ValueError(f"{type(queries).__name__} holds no texts")
    return texts
