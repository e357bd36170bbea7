"""What an encoder is: a frozen value that counts the terms of texts and says what the counts are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.index.keys import NumberKeys, TermKeys
from numen.index.rows import DocValues, Form, Rows

__all__ = ["Counter", "Encoder", "QueryCounts", "Statistics", "Truncating"]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a leg's living documents add up to: their number and the sum of their lengths in terms."""

    documents: int
    length: int


@dataclass(frozen=True, slots=True)
class QueryCounts:
    """The counted terms of a batch of queries, query q in [starts[q], starts[q + 1]).

    starts: int64 (n_queries + 1). terms: int64, places in `keys`, which names each term of the batch once.
    counts: int64, at least 1 (below 0 for the negative half of a signed bucket).
    values: float32, the weights that came with the query (counts are then 1); None where weights follow from counts.
    """

    starts: NDArray[np.int64]
    terms: NDArray[np.int64]
    counts: NDArray[np.int64]
    keys: NumberKeys | TermKeys
    values: NDArray[np.float32] | None = None


class Counter(Protocol):
    """Counts documents into `Rows` while a segment is built; keeps the segment's vocabulary, if there is one."""

    def count(self, texts: Sequence[str]) -> Rows:
        """The rows of the next documents."""
        ...

    def split(self, parts: int) -> Sequence[Counter]:
        """At most `parts` counters that may count consecutive texts at a time; only itself if it must see all."""
        ...

    def vocabulary(self) -> Sequence[bytes] | None:
        """The terms by number; None where the numbers are the keys."""
        ...


@runtime_checkable
class Truncating(Protocol):
    """A counter whose model reads texts to a certain length only.

    truncated: how many texts so far were longer, and lost their end.
    """

    truncated: int


@runtime_checkable
class Encoder(Protocol):
    """A way from text to a sparse representation whose values follow from counts. Equal when all its fields are."""

    @property
    def spec(self) -> str:
        """The short string that makes this encoder again."""
        ...

    @property
    def form(self) -> Form:
        """How the index keeps and scores its values (numen.index.rows)."""
        ...

    def to_json(self) -> dict[str, Any]:
        """What a collection stores; `encoder_from_json` reads it back."""
        ...

    def counter(self) -> Counter:
        """A fresh counter for one segment."""
        ...

    def query(self, texts: Sequence[str]) -> QueryCounts:
        """The counted terms of queries."""
        ...

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(weights float32 per term of `query`, constants float32 per query added to each of its hits).

        frequencies: int64 (len(query.keys)): living documents that have each term. bm25: other BM25 parameters than
        the encoder's own, for encoders that have them.
        """
        ...

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        """float32 (n_docs): the inverse norms or saturations that the kernel takes, from what the segment stores."""
        ...
