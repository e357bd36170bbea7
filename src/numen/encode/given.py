"""Vectors that the caller makes: no text is read, the values are kept as they are, the score is the inner product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.given_vectors import GivenVectors
from numen.encode.stored_fields import check_fields
from numen.errors import InputError, OptionError, nearest
from numen.index.keys import NumberKeys, TermKeys
from numen.index.rows import DocValues, Form, Rows

__all__ = ["GivenCounter", "GivenEncoder"]

MAX_DIM = 1 << 32
"""Keys are uint32."""

PRECISIONS = ("float32", "8bit")

POSITIVE, NEGATIVE = b"+", b"-"
"""What follows a term where values of both signs are allowed: its positive and its negative values are two lists."""


@dataclass(frozen=True)
class GivenEncoder:
    """A leg whose sparse vectors come with the documents and the queries.

    dim: dimensions, 1 to 2^32 (2^31 with `negative`); None for as many as there can be. terms: dimensions have names
    (any strings) instead of numbers. precision: "float32", or "8bit": the index rounds the values of each document to
    255 steps from 0 to the largest, and the rounded value is the value. negative: values below zero are allowed; an
    index i is then kept as two keys, 2i for its positive and 2i + 1 for its negative values (a term with + or - behind
    it), stored without sign.
    """

    dim: int | None = None
    terms: bool = False
    precision: str = "float32"
    negative: bool = False

    def __post_init__(self) -> None:
        if self.dim is not None:
            if self.terms:
                raise OptionError(
                    f"dim is {self.dim!r} and terms is true; terms have no number of dimensions: leave one"
                )
            if isinstance(self.dim, bool) or not isinstance(self.dim, int) or not 1 <= self.dim <= self.limit:
                power = 31 if self.negative else 32
                raise OptionError(
                    f"dim is {self.dim!r}; it must be a whole number from 1 to {self.limit} (2^{power}"
                    + (" with negative=allow)" if self.negative else ")")
                )
        if self.precision not in PRECISIONS:
            raise OptionError(f"precision is {self.precision!r}; {nearest(str(self.precision), PRECISIONS)}")

    @property
    def limit(self) -> int:
        """Numbers lie below this, whatever `dim` is."""
        return MAX_DIM // 2 if self.negative else MAX_DIM

    @property
    def spec(self) -> str:
        """`given`, `given:DIM` or `given:terms`, followed by what differs from the defaults."""
        name = "given:terms" if self.terms else "given" if self.dim is None else f"given:{self.dim}"
        options = [f"precision={self.precision}"] if self.precision != "float32" else []
        if self.negative:
            options.append("negative=allow")
        return ",".join([name, *options])

    @property
    def form(self) -> Form:
        """ "product", or with 8 bits "scaled"."""
        return "product" if self.precision == "float32" else "scaled"

    def to_json(self) -> dict[str, Any]:
        return {"kind": "given", **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GivenEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "a given encoder")
        return cls(**data)

    def counter(self) -> GivenCounter:
        return GivenCounter(self)

    def query(self, texts: Sequence[str]) -> QueryCounts:
        """InputError: a text has no vector here; see `query_of`."""
        raise InputError(_no_text(self))

    def query_of(self, vectors: GivenVectors) -> QueryCounts:
        """The weighted terms of queries; with `negative` each entry asks for both lists of its index."""
        used, terms = np.unique(vectors.numbers, return_inverse=True)
        starts, values, n_keys = vectors.starts, vectors.values, len(used)
        signs: tuple[bytes, ...] = (b"",)
        numbers = used.astype(np.uint32)
        if self.negative:
            starts, signs = 2 * starts, (POSITIVE, NEGATIVE)
            values = np.stack([values, -values], axis=1).ravel()
            terms = np.stack([2 * terms, 2 * terms + 1], axis=1).ravel()
            numbers = np.stack([2 * numbers, 2 * numbers + 1], axis=1).ravel()
            n_keys *= 2
        keys: NumberKeys | TermKeys = NumberKeys(numbers)
        if vectors.terms is not None:
            names = [vectors.terms[number] + sign for number in used.tolist() for sign in signs]
            order = sorted(range(n_keys), key=names.__getitem__)
            place = np.empty(n_keys, np.int64)
            place[order] = np.arange(n_keys)
            keys, terms = TermKeys.of(names[number] for number in order), place[terms]
        return QueryCounts(starts, terms.astype(np.int64), np.ones(len(terms), np.int64), keys, values)

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The values of the query's own vector; no statistics take part."""
        if query.values is None:
            raise InputError(_no_text(self))
        return query.values, np.zeros(len(query.starts) - 1, np.float32)

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        """The scales with 8 bits; else ones: an inner product needs nothing of a document but its values."""
        return stored.view(np.float32) if self.form == "scaled" else np.ones(len(stored), np.float32)

    def named(self, key: str) -> tuple[str, int]:
        """(index or term, 1 or -1 for the sign of its values) of a key of the index, all as strings."""
        if not self.negative:
            return key, 1
        if self.terms:
            return key[:-1], -1 if key.endswith(NEGATIVE.decode()) else 1
        return str(int(key) >> 1), -1 if int(key) & 1 else 1


class GivenCounter:
    """Turns checked vectors into rows for one segment; numbers the terms, where there are any, as they come."""

    def __init__(self, encoder: GivenEncoder) -> None:
        self._encoder = encoder
        self._numbers: dict[bytes, int] = {}

    def count(self, texts: Sequence[str]) -> Rows:
        """InputError: a text has no vector here; see `rows`."""
        raise InputError(_no_text(self._encoder))

    def rows(self, vectors: GivenVectors) -> Rows:
        """The rows of the next documents; doc_values are numbers of entries."""
        negative = self._encoder.negative
        numbers, values = vectors.numbers, vectors.values
        if vectors.terms is None:
            if negative:
                numbers = 2 * numbers + (values < 0)
        elif len(numbers):
            below = values < 0 if negative else np.zeros(len(values), bool)
            used, inverse = np.unique(2 * numbers.astype(np.int64) + below, return_inverse=True)
            names = self._numbers
            known = []
            for key in used.tolist():
                term = vectors.terms[key >> 1] + ((NEGATIVE if key & 1 else POSITIVE) if negative else b"")
                known.append(names.setdefault(term, len(names)))
            numbers = np.array(known, np.uint32)[inverse]
        values = np.abs(values) if negative else values
        return Rows(vectors.starts, numbers.astype(np.uint32), values, np.diff(vectors.starts).astype(np.uint32))

    def split(self, parts: int) -> list[GivenCounter]:
        """Itself: there is nothing to count."""
        return [self]

    def vocabulary(self) -> list[bytes] | None:
        """The terms by number; None where numbers are the keys."""
        return list(self._numbers) if self._encoder.terms else None


def _no_text(encoder: GivenEncoder) -> str:
    return f"a leg made with {encoder.spec!r} takes vectors, not texts: pass them as vectors=..."
