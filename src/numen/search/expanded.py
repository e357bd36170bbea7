"""Queries that feedback made, as legs take queries, and the encoder that takes their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import Counter, Encoder, QueryCounts, Statistics
from numen.index.rows import DocValues, Form

__all__ = ["Expanded", "Reweighed"]


class Expanded:
    """Queries whose terms and weights are known; as `rank` takes queries.

    counted: with values. added: bool (len(counted.terms)), the terms that only feedback brought. texts, shares: in a
    leg whose words stand for classes the query's own terms follow from its text, and what they give counts by a share,
    float64, of each query; `counted` is then what feedback brought alone.
    """

    def __init__(
        self,
        counted: QueryCounts,
        added: NDArray[np.bool_],
        texts: Sequence[str] = (),
        shares: NDArray[np.float64] | None = None,
    ) -> None:
        self.counted, self.added, self.texts = counted, added, texts
        self.shares = np.ones(len(texts)) if shares is None else shares

    def __len__(self) -> int:
        return len(self.counted.starts) - 1

    def __getitem__(self, rows: slice) -> Expanded:
        """Some consecutive queries."""
        counted = self.counted
        first, last, _ = rows.indices(len(self))
        begin, end = counted.starts[first], counted.starts[last]
        some = slice(int(begin), int(end))
        values = None if counted.values is None else counted.values[some]
        starts = counted.starts[first : last + 1] - begin
        return Expanded(
            QueryCounts(starts, counted.terms[some], counted.counts[some], counted.keys, values),
            self.added[some],
            self.texts[rows],
            self.shares[rows],
        )

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        return self.counted


@dataclass(frozen=True)
class Reweighed:
    """An encoder whose queries come with weights: in a BM25 leg with counts that need not be whole numbers."""

    encoder: Encoder

    @property
    def spec(self) -> str:
        return self.encoder.spec

    @property
    def form(self) -> Form:
        return self.encoder.form

    def to_json(self) -> dict[str, Any]:
        return self.encoder.to_json()

    def counter(self) -> Counter:
        return self.encoder.counter()

    def query(self, texts: Sequence[str]) -> QueryCounts:
        return self.encoder.query(texts)

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The values of the query; in a BM25 leg, times what the encoder says that a term is worth once."""
        n_queries = len(query.starts) - 1
        if query.values is None:
            return self.encoder.weigh(query, frequencies, statistics, bm25)
        if self.form != "ratio":
            return query.values, np.zeros(n_queries, np.float32)
        ones = np.ones(len(query.terms), np.int64)
        alone = QueryCounts(np.arange(len(ones) + 1), query.terms, ones, query.keys)
        weights, constants = self.encoder.weigh(alone, frequencies, statistics, bm25)
        of = np.repeat(np.arange(n_queries), np.diff(query.starts))
        summed = np.bincount(of, constants.astype(np.float64) * query.values, n_queries)
        return weights * query.values, summed.astype(np.float32)

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        return self.encoder.doc_values(stored, statistics, bm25)
