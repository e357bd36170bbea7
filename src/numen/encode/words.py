"""BM25 over the words of a text, or over any other terms of an analyzer; the formulas stand in `bm25`."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.stored_fields import check_fields
from numen.encode.texts import utf8
from numen.errors import OptionError, nearest
from numen.index.keys import TermKeys, Vocabulary
from numen.index.rows import DocValues, Form, Rows
from numen.text import Analyzer
from numen.text.analyzer import ALSO, EXACT

__all__ = ["TermCounter", "WordsEncoder", "is_lone_letter"]

SINGLE = ("alone", "always")

ANALYZER_OPTIONS = ("fold_diacritics", "unspaced", "lookalikes")
"""Options of the analyzer that an encoder's string can name."""

EXACT_SHARE = 0.1
"""What a word with its diacritics weighs beside the same without them, where both are terms (fold_diacritics=also)."""

IDEOGRAPHS = "\u2e80"
"""From here on in Unicode a character may be a word (CJK radicals, kana, Han, Hangul)."""

BATCH_CHARACTERS = 1 << 22
"""Text tokenised by one kernel call."""


@dataclass(frozen=True)
class WordsEncoder:
    """BM25 over an analyzer's terms. Without arguments: words as they stand, no stemming, no stop words.

    single: when a word of one letter in a query counts: "alone" (only where the query has no longer word, so
    that the initials in "B. Pooch, U." do not bury the name, and "C" still finds C) or "always". Digits and characters
    that are words by themselves, such as Chinese ones, always count, and so do n-grams.
    """

    analyzer: Analyzer = field(default_factory=Analyzer)
    bm25: BM25 = field(default_factory=BM25)
    single: str = "alone"

    def __post_init__(self) -> None:
        if self.single not in SINGLE:
            raise OptionError(f"single is {self.single!r}; {nearest(str(self.single), SINGLE)}")

    @property
    def spec(self) -> str:
        """`bm25` or `bm25:LANGUAGE`, followed by what differs from the defaults.

        An analyzer with options that the strings have no word for shows as analyzer=custom, which cannot be parsed.
        """
        language = self.analyzer.language
        options = [
            f"{f.name}={getattr(self.bm25, f.name)}" for f in fields(BM25) if getattr(self.bm25, f.name) != f.default
        ]
        name = f"bm25:{language}" if language else "bm25"
        if self.single != "alone":
            options.append(f"single={self.single}")
        named = {name: getattr(self.analyzer, name) for name in ANALYZER_OPTIONS}
        options += [f"{name}={str(value).lower()}" for name, value in named.items() if value]
        if self.analyzer != Analyzer(language=language, **named):
            options.append("analyzer=custom")
        return ",".join([name, *options])

    @property
    def form(self) -> Form:
        return "ratio"

    def to_json(self) -> dict[str, Any]:
        return {"kind": "words", "analyzer": self.analyzer.to_json(), "bm25": asdict(self.bm25), "single": self.single}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WordsEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "a words encoder")
        return cls(Analyzer.from_json(data["analyzer"]), BM25(**data["bm25"]), data["single"])

    def counter(self) -> TermCounter:
        return TermCounter(self.analyzer)

    def query(self, texts: Sequence[str]) -> QueryCounts:
        counter = TermCounter(self.analyzer)
        rows = counter.count(texts)
        vocabulary = counter.vocabulary()
        order, keys = vocabulary.in_order()
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        terms, counts = place[rows.numbers], rows.values.astype(np.int64)
        if self.single == "always" or self.analyzer.ngrams:
            return QueryCounts(rows.starts, terms, counts, keys)
        short = np.array([is_lone_letter(term.decode()) for term in keys.terms()], bool)[terms]
        of = np.repeat(np.arange(len(texts)), np.diff(rows.starts))
        kept = ~short | (np.bincount(of[~short], minlength=len(texts)) == 0)[of]
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(np.bincount(of[kept], minlength=len(texts)), out=starts[1:])
        return QueryCounts(starts, terms[kept], counts[kept], keys)

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """idf times the term's count in the query, which counts linearly; little of it for diacritics alone."""
        form = bm25 or self.bm25
        idf = form.idf(statistics.documents, frequencies)
        if self.analyzer.fold_diacritics == ALSO and isinstance(query.keys, TermKeys):
            idf = idf * np.array([EXACT_SHARE if term[:1] == EXACT.encode() else 1.0 for term in query.keys.terms()])
        idf = idf[query.terms] * query.counts
        n_queries = len(query.starts) - 1
        of = np.repeat(np.arange(n_queries), np.diff(query.starts))
        constants = np.bincount(of, idf * form.constant, n_queries)
        return (idf * form.factor).astype(np.float32), constants.astype(np.float32)

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        average = statistics.length / statistics.documents if statistics.length else 1.0
        return (bm25 or self.bm25).saturation(stored.view(np.uint32), average)


def is_lone_letter(term: str) -> bool:
    """Whether it is one character that is no word by itself: no digit, no ideograph."""
    return len(term) == 1 and term < IDEOGRAPHS and not term.isnumeric()


class TermCounter:
    """Counts the terms of documents for one segment, and numbers them in order of first occurrence.

    The words of a batch are found and numbered by a kernel; Python sees each distinct word once, to stem it.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._classes = analyzer.word_class()
        self._table = np.zeros(1 << 12, np.uint32)
        self._hashes = np.zeros(1 << 11, np.uint64)
        self._word_starts = np.zeros((1 << 11) + 1, np.int64)
        self._blob = np.zeros(1 << 15, np.uint8)
        self._n_words = 0
        self._numbers: dict[str, int] = {}
        self._term_starts = array("q", [0])
        self._terms = array("I")

    def count(self, texts: Sequence[str]) -> Rows:
        """The rows of the next documents; doc_values are lengths in terms."""
        from numen.kernels.tokenise import count_terms

        found: list[tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]] = []
        at = 0
        while at < len(texts):
            group: list[str] = []
            size = 0
            while at < len(texts) and (not group or size + len(texts[at]) <= BATCH_CHARACTERS):
                group.append(self._analyzer.normalise(texts[at]))
                size += len(texts[at])
                at += 1
            tokens, token_starts = self._tokens(group)
            self._met(tokens)
            found.append(count_terms(tokens, token_starts, *self._term_lists()))
        if len(found) == 1:
            return Rows(*found[0])
        if not found:
            nothing = np.empty(0, np.uint32)
            return Rows(np.zeros(1, np.int64), nothing, nothing, nothing)
        ends = np.cumsum([part[0][-1] for part in found])
        row_starts = np.concatenate([found[0][0], *(p[0][1:] + e for p, e in zip(found[1:], ends, strict=False))])
        return Rows(row_starts, *(np.concatenate([part[i] for part in found]) for i in (1, 2, 3)))

    def split(self, parts: int) -> list[TermCounter]:
        """Itself: it numbers terms in the order in which it meets them."""
        return [self]

    def _met(self, tokens: NDArray[np.uint32]) -> None:
        """Look at the words of the next documents, in order, as numbers."""

    def _term_lists(self) -> tuple[NDArray[np.int64], NDArray[np.uint32], int]:
        """(starts int64 (n_words + 1), terms uint32, number of terms): the terms of each known word."""
        if self._analyzer.terms_are_words:
            return np.arange(self._n_words + 1), np.arange(self._n_words, dtype=np.uint32), self._n_words
        return np.array(self._term_starts, np.int64), np.array(self._terms, np.uint32), len(self._numbers)

    def vocabulary(self) -> Vocabulary:
        """The terms by number."""
        if self._analyzer.terms_are_words:
            starts = self._word_starts[: self._n_words + 1]
            return Vocabulary(self._blob[: starts[-1]], starts)
        return Vocabulary.of(term.encode() for term in self._numbers)

    def _tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The words of normalised texts as numbers (uint32, starts int64); new words get their terms."""
        from numen.kernels.tokenise import intern_words

        data, starts = utf8(texts)
        tokens = np.empty(len(data) // 2 + len(texts) + 1, np.uint32)
        token_starts = np.zeros(len(texts) + 1, np.int64)
        before, done = self._n_words, 0
        while done < len(texts):
            done, self._n_words = intern_words(
                data,
                starts,
                self._classes,
                self._table,
                self._hashes,
                self._word_starts,
                self._blob,
                self._n_words,
                done,
                tokens,
                token_starts,
            )
            if done < len(texts):
                self._grow(int(starts[done + 1] - starts[done]))
        if not self._analyzer.terms_are_words:
            self._learn([word.decode() for word in self._words(before)])
        return tokens[: token_starts[-1]], token_starts

    def _words(self, first: int) -> list[bytes]:
        """The known words from number `first` on."""
        starts = self._word_starts[first : self._n_words + 1].tolist()
        data = self._blob[: starts[-1]].tobytes()
        return [data[a:b] for a, b in itertools.pairwise(starts)]

    def _learn(self, words: Sequence[str]) -> None:
        """Give terms to new words, and numbers to new terms."""
        numbers = self._numbers
        for terms in self._analyzer.terms_of_many(words):
            for term in terms:
                self._terms.append(numbers.setdefault(term, len(numbers)))
            self._term_starts.append(len(self._terms))

    def _grow(self, text_bytes: int) -> None:
        """Room for at least twice the words, and for any text of `text_bytes`."""
        from numen.kernels.tokenise import rehash

        words = 2 * len(self._hashes) + text_bytes // 2 + 1
        self._hashes = _extended(self._hashes, words)
        self._word_starts = _extended(self._word_starts, words + 1)
        self._blob = _extended(self._blob, 2 * len(self._blob) + text_bytes)
        size = len(self._table)
        while size < 2 * words:
            size *= 2
        self._table = np.zeros(size, np.uint32)
        rehash(self._table, self._hashes[: self._n_words])


def _extended(values: NDArray[Any], size: int) -> NDArray[Any]:
    out = np.zeros(size, values.dtype)
    out[: len(values)] = values
    return out
