"""From a text to its terms: one frozen value that says how, saved with the collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import OptionError, nearest
from numen.text.ngrams import ngrams, ngrams_with_offsets
from numen.text.normalise import normalise, normalise_with_offsets
from numen.text.pieces import pieces
from numen.text.ranges import nonspace_class, word_class
from numen.text.stem import check_language, stemmer
from numen.text.stopwords import stop_words
from numen.text.words import whitespace_words, words

__all__ = ["Analyzer", "Term"]

SPLITS = ("words", "whitespace")
CASES = ("fold", "lower", "keep")
LONGEST_GRAM = 64


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a text; it comes from characters start to end of the original. position: its word's number."""

    text: str
    start: int
    end: int
    position: int


@dataclass(frozen=True)
class Analyzer:
    """How a text is cut into terms. Without arguments: words, NFKC, case folded, nothing that belongs to a language.

    language: a Snowball language; its stemmer and its stop words (if numen has a list) are used. split: "words" (runs
    of letters, marks and numbers) or "whitespace". case: "fold", "lower" or "keep". nfkc: compatibility normalisation.
    fold_diacritics: é = e (numen.text.normalise says which marks). ngrams: instead of words, the n-grams of these
    lengths of each marked word. stemmer: the Snowball stemmer, if not the language's. stop_words: the words that are no
    terms, if not the language's; normalised like the text and compared before stemming; kept sorted. pieces: words of
    scripts that write no spaces become their characters and each two neighbours (numen.text.pieces).
    Raises OptionError for what does not fit.
    """

    language: str | None = None
    split: str = "words"
    case: str = "fold"
    nfkc: bool = True
    fold_diacritics: bool = False
    ngrams: tuple[int, ...] = ()
    stemmer: str | None = None
    stop_words: tuple[str, ...] | None = None
    pieces: bool = False

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise OptionError(f"split is {self.split!r}; {nearest(str(self.split), SPLITS)}")
        if self.case not in CASES:
            raise OptionError(f"case is {self.case!r}; {nearest(str(self.case), CASES)}")
        for name, value in (
            ("nfkc", self.nfkc),
            ("fold_diacritics", self.fold_diacritics),
            ("pieces", self.pieces),
        ):
            if not isinstance(value, bool):
                raise OptionError(f"{name} is {value!r}; give True or False")
        for language in (self.language, self.stemmer):
            if language is not None:
                check_language(language)
        object.__setattr__(self, "ngrams", _lengths(self.ngrams))
        if self.ngrams and (self.language is not None or self.stemmer is not None):
            raise OptionError("ngrams and a stemmer exclude each other: n-grams of stems match nothing a person types")
        if self.pieces and (self.ngrams or self.language is not None or self.stemmer is not None):
            raise OptionError("pieces exclude n-grams and a stemmer, which cut words in another way")
        if self.stop_words is not None:
            object.__setattr__(self, "stop_words", _distinct(self.stop_words))

    @classmethod
    def faithful(cls) -> Analyzer:
        """NUMEN's: lower case, split at white space, nothing else."""
        return cls(split="whitespace", case="lower", nfkc=False)

    @cached_property
    def _stem(self) -> Callable[[Sequence[str]], list[str]] | None:
        name = self.stemmer if self.stemmer is not None else self.language
        return stemmer(name) if name is not None else None

    @cached_property
    def _stop_words(self) -> frozenset[str]:
        found: Iterable[str] = ()
        if self.stop_words is not None:
            found = self.stop_words
        elif self.language is not None:
            found = stop_words(self.language)
        return frozenset(part for word in found for part, _, _ in self._split(self.normalise(word)))

    @property
    def terms_are_words(self) -> bool:
        """Whether every word of a normalised text is one term, unchanged."""
        return self._stem is None and not self.ngrams and not self._stop_words and not self.pieces

    def normalise(self, text: str) -> str:
        """The text in the spelling that words are cut from; it can be encoded as UTF-8."""
        return normalise(text, case=self.case, nfkc=self.nfkc, fold_diacritics=self.fold_diacritics)

    def word_class(self) -> NDArray[np.uint8]:
        """uint8 (0x110000), read-only: 1 for the code points that words are runs of."""
        return word_class() if self.split == "words" else nonspace_class()

    def terms_of(self, word: str) -> tuple[str, ...]:
        """The terms of one normalised word: none for a stop word, its stem, or its n-grams."""
        return self.terms_of_many([word])[0]

    def terms_of_many(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """`terms_of` for each word."""
        stop = self._stop_words
        if self.ngrams:
            return [() if word in stop else tuple(ngrams(word, self.ngrams)) for word in words]
        if self.pieces:
            return [
                () if word in stop else (word,) if word.isascii() else tuple(piece for piece, _, _ in pieces(word))
                for word in words
            ]
        stems = words if self._stem is None else self._stem(words)
        return [() if word in stop else (stem,) for word, stem in zip(words, stems, strict=True)]

    def words(self, text: str) -> list[str]:
        """The normalised words of a text, in order, stop words too."""
        return [word for word, _, _ in self._split(self.normalise(text))]

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        return [term for terms in self.terms_of_many(self.words(text)) for term in terms]

    def analyze(self, text: str) -> list[Term]:
        """The terms of a text with where they stand in it; an n-gram stands for the part of the word it covers."""
        normal, starts, ends = normalise_with_offsets(
            text, case=self.case, nfkc=self.nfkc, fold_diacritics=self.fold_diacritics
        )
        cut = self._split(normal)
        out = []
        for position, ((word, begin, _), terms) in enumerate(
            zip(cut, self.terms_of_many([word for word, _, _ in cut]), strict=True)
        ):
            if self.ngrams and terms:
                places = [(first, last) for _, first, last in ngrams_with_offsets(word, self.ngrams)]
            elif self.pieces and terms:
                places = [(first, last) for _, first, last in pieces(word)]
            else:
                places = [(0, len(word))] * len(terms)
            for term, (first, last) in zip(terms, places, strict=True):
                # A gram of a marker alone covers nothing; it stands at the word's edge.
                start = int(starts[begin + min(first, len(word) - 1)])
                out.append(Term(term, start, int(ends[begin + max(last, 1) - 1]), position))
        return out

    def _split(self, normal: str) -> list[tuple[str, int, int]]:
        return words(normal) if self.split == "words" else whitespace_words(normal)

    def to_json(self) -> dict[str, Any]:
        """The options as JSON; `from_json` reads them back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Analyzer:
        """The analyzer of `to_json`; OptionError for an option it does not know."""
        legal = [f.name for f in fields(cls)]
        for name in data:
            if name not in legal:
                raise OptionError(f"unknown option {name!r} of an analyzer; {nearest(name, legal)}")
        return cls(**data)


def _lengths(given: Any) -> tuple[int, ...]:
    """The lengths of n-grams, checked."""
    lengths = tuple(given) if isinstance(given, Iterable) else (None,)
    whole = all(isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= LONGEST_GRAM for n in lengths)
    if not whole or len(set(lengths)) < len(lengths):
        raise OptionError(f"ngrams is {given!r}; give lengths from 1 to {LONGEST_GRAM}, each once, as in (2, 3, 4)")
    return lengths


def _distinct(given: Any) -> tuple[str, ...]:
    """The words, each once, in order, checked; the order they came in means nothing."""
    words = None if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    if words is None or not all(isinstance(word, str) for word in words):
        raise OptionError(f"stop_words is {given!r}; give a tuple of words, as in ('the', 'of'), or () for none")
    return tuple(sorted(set(words)))
