"""The encoder `auto`: BM25 over words, each word of a query standing for a class of near words, with neighbours.

No language, stemmer, stop words or model: docs/AUTO.md says how it works and what each part gives.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.stored_fields import check_fields
from numen.encode.words import TermCounter, WordsEncoder, is_lone_letter
from numen.errors import OptionError
from numen.index.keys import Vocabulary
from numen.index.rows import DocValues, Form, Rows
from numen.text import Analyzer

__all__ = ["AutoCounter", "AutoEncoder"]

SPREAD = 1.4
"""Weights are idf to this power: what is rare tells more than its logarithm says."""

OWN = 0.3
"""How much of what a word itself is rarer than its class counts for the word itself."""

PAIR = 0.15
"""The weight of two neighbouring words of a query, beside their own."""


@dataclass(frozen=True)
class AutoEncoder:
    """`auto`. bm25: its formula may be any without a constant: robertson, lucene or atire."""

    bm25: BM25 = field(default_factory=lambda: BM25(k1=1.35, b=0.6))

    def __post_init__(self) -> None:
        check_form(self.bm25)

    @property
    def spec(self) -> str:
        """`auto`; with other BM25 parameters, which the short strings have no word for, auto,bm25=custom."""
        return "auto" if self == AutoEncoder() else "auto,bm25=custom"

    @property
    def form(self) -> Form:
        return "ratio"

    @cached_property
    def analyzer(self) -> Analyzer:
        """How texts are cut into words."""
        return Analyzer(unspaced=True)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "auto", "bm25": asdict(self.bm25)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AutoEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "the encoder auto")
        return cls(BM25(**data["bm25"]))

    def counter(self) -> AutoCounter:
        return AutoCounter(self.analyzer)

    def words(self, text: str) -> list[str]:
        """The words of a query that count, in order: lone letters do only where there is nothing else."""
        words = self.analyzer.terms(text)
        return [word for word in words if not is_lone_letter(word)] or words

    def query(self, texts: Sequence[str]) -> QueryCounts:
        """The words of queries as they stand, without their classes, which depend on the collection."""
        return WordsEncoder(self.analyzer).query(texts)

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The weights of words that stand for nothing but themselves."""
        worth = self.worth(statistics.documents, frequencies.astype(np.float64), bm25)
        return (worth[query.terms] * query.counts).astype(np.float32), np.zeros(len(query.starts) - 1, np.float32)

    def worth(self, documents: int, frequencies: NDArray[np.float64], bm25: BM25 | None) -> NDArray[np.float64]:
        """float64: the weights of terms that so many of `documents` have; 0 where none has. Not below 0."""
        return self.rarity(documents, frequencies, bm25) ** SPREAD * (bm25 or self.bm25).factor

    def rarity(self, documents: int, frequencies: NDArray[np.float64], bm25: BM25 | None) -> NDArray[np.float64]:
        """float64: the idf of terms that so many of `documents` have, not below 0."""
        return np.maximum((bm25 or self.bm25).idf(documents, frequencies), 0.0)  # type: ignore[arg-type]

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        average = statistics.length / statistics.documents if statistics.length else 1.0
        return (bm25 or self.bm25).saturation(stored.view(np.uint32), average)


def check_form(bm25: BM25) -> None:
    """OptionError for a BM25 formula that gives documents something for words they lack."""
    if bm25.constant:
        raise OptionError(f"the encoder auto has no formula {bm25.formula!r}; choose robertson, lucene or atire")


class AutoCounter(TermCounter):
    """Counts words, and keeps those of each document in order as hashes."""

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__(analyzer)
        self._hashes_of_terms = np.empty(0, np.uint16)
        self._trail: list[NDArray[np.uint16]] = []

    def count(self, texts: Sequence[str]) -> Rows:
        """The rows of the next documents; doc_values are lengths in terms."""
        self._trail = []
        rows = super().count(texts)
        return replace(rows, trail=np.concatenate([np.empty(0, np.uint16), *self._trail]))

    def _met(self, tokens: NDArray[np.uint32]) -> None:
        from numen.kernels.pairs import term_hashes, trail_of

        term_starts, terms, n_terms = self._term_lists()
        if n_terms > len(self._hashes_of_terms):
            new = itertools.islice(self._numbers, len(self._hashes_of_terms), None)
            words = Vocabulary.of(word.encode() for word in new)
            hashes = term_hashes(words.blob, words.starts)
            self._hashes_of_terms = np.concatenate([self._hashes_of_terms, hashes])
        self._trail.append(trail_of(tokens, term_starts, terms, self._hashes_of_terms))
