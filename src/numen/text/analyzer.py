"""From a text to its terms: one frozen value that says how, saved with the collection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.errors import OptionError, nearest
from numen.text.ngrams import ngrams, ngrams_with_offsets
from numen.text.normalise import normalise, normalise_with_offsets
from numen.text.ranges import nonspace_class, word_class
from numen.text.scripts import one_script, pieces
from numen.text.stem import check_language, stemmer
from numen.text.stopwords import stop_words
from numen.text.words import whitespace_words, words

__all__ = ["EXACT", "Analyzer", "Term"]

SPLITS = ("words", "whitespace")
CASES = ("fold", "lower", "keep")
ALSO = "also"

EXACT = "\x01"
"""What the term of a word with its diacritics begins with, where fold_diacritics is "also"; no word holds it."""

LONGEST_GRAM = 64

Placed: TypeAlias = tuple[str, int, int]
"""A term of a word, and the characters [first, last) of the word that it covers."""


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
    fold_diacritics: True for é = e (numen.text.normalise says which marks); "also" for é = e and é: such a word is two
    terms, one without its marks and one with them, which begins with EXACT; an encoder can give that one a small weight
    of its own, so that a word as it was asked for ranks first. unspaced: runs of scripts without
    spaces are cut into n-grams; lookalikes: Cyrillic letters in Latin words become Latin, and the other way round
    (numen.text.scripts). ngrams: instead of words, the n-grams of these
    lengths of each marked word. stemmer: the Snowball stemmer, if not the language's. stop_words: the words that are no
    terms, if not the language's; normalised like the text and compared before stemming; kept sorted.
    Raises OptionError for what does not fit.
    """

    language: str | None = None
    split: str = "words"
    case: str = "fold"
    nfkc: bool = True
    fold_diacritics: bool | str = False
    ngrams: tuple[int, ...] = ()
    stemmer: str | None = None
    stop_words: tuple[str, ...] | None = None
    unspaced: bool = False
    lookalikes: bool = False

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise OptionError(f"split is {self.split!r}; {nearest(str(self.split), SPLITS)}")
        if self.case not in CASES:
            raise OptionError(f"case is {self.case!r}; {nearest(str(self.case), CASES)}")
        for name in ("nfkc", "unspaced", "lookalikes"):
            if not isinstance(value := getattr(self, name), bool):
                raise OptionError(f"{name} is {value!r}; give True or False")
        if not isinstance(self.fold_diacritics, bool) and self.fold_diacritics != ALSO:
            raise OptionError(f"fold_diacritics is {self.fold_diacritics!r}; give True or False, or {ALSO!r}")
        for language in (self.language, self.stemmer):
            if language is not None:
                check_language(language)
        object.__setattr__(self, "ngrams", _lengths(self.ngrams))
        if self.ngrams and (self.language is not None or self.stemmer is not None):
            raise OptionError("ngrams and a stemmer exclude each other: n-grams of stems match nothing a person types")
        if self.ngrams and (self.unspaced or self.fold_diacritics == ALSO):
            raise OptionError("ngrams cut every word: leave out unspaced=True, or fold_diacritics='also'")
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
        whole = not self.ngrams and not self.unspaced and not self.lookalikes and self.fold_diacritics != ALSO
        return whole and self._stem is None and not self._stop_words

    def normalise(self, text: str) -> str:
        """The text in the spelling that words are cut from; it can be encoded as UTF-8."""
        return normalise(text, case=self.case, nfkc=self.nfkc, fold_diacritics=self.fold_diacritics is True)

    def word_class(self) -> NDArray[np.uint8]:
        """uint8 (0x110000), read-only: 1 for the code points that words are runs of."""
        return word_class() if self.split == "words" else nonspace_class()

    def terms_of(self, word: str) -> tuple[str, ...]:
        """The terms of one normalised word: none for a stop word, its stem, its n-grams, or what it is cut into."""
        return self.terms_of_many([word])[0]

    def terms_of_many(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """`terms_of` for each word."""
        stop = self._stop_words
        if self.ngrams:
            words = [one_script(word) for word in words] if self.lookalikes else words
            return [() if word in stop else tuple(ngrams(word, self.ngrams)) for word in words]
        stems = words if self._stem is None else self._stem(words)
        terms: list[tuple[str, ...]]
        terms = [() if word in stop else (stem,) for word, stem in zip(words, stems, strict=True)]
        if self.unspaced or self.lookalikes or self.fold_diacritics == ALSO:
            other = [i for i, word in enumerate(words) if not word.isascii()]
            for i, placed in zip(other, self._placed([words[i] for i in other]), strict=True):
                terms[i] = tuple(term for term, _, _ in placed)
        return terms

    def _placed(self, words: Sequence[str]) -> list[list[Placed]]:
        """The terms of each word with the characters of it that they cover."""
        stop = self._stop_words
        if self.lookalikes:
            words = [one_script(word) for word in words]
        if self.ngrams:
            return [[] if word in stop else ngrams_with_offsets(word, self.ngrams) for word in words]
        cut = [pieces(word) if self.unspaced else [(word, 0, len(word))] for word in words]
        forms = [
            (i, mark, form, first, last)
            for i, placed in enumerate(cut)
            for word, first, last in placed
            if word not in stop
            for mark, form in (_with_folded(word) if self.fold_diacritics == ALSO else (("", word),))
        ]
        stems: Sequence[str] = [form for _, _, form, _, _ in forms]
        if self._stem is not None:
            stems = self._stem(stems)
        out: list[list[Placed]] = [[] for _ in words]
        for stem, (i, mark, _, first, last) in zip(stems, forms, strict=True):
            out[i].append((mark + stem, first, last))
        return out

    def words(self, text: str) -> list[str]:
        """The normalised words of a text, in order, stop words too."""
        return [word for word, _, _ in self._split(self.normalise(text))]

    def terms(self, text: str) -> list[str]:
        """The terms of a text, in order."""
        return [term for terms in self.terms_of_many(self.words(text)) for term in terms]

    def analyze(self, text: str) -> list[Term]:
        """The terms of a text with where they stand in it; an n-gram stands for the part of the word it covers."""
        normal, starts, ends = normalise_with_offsets(
            text, case=self.case, nfkc=self.nfkc, fold_diacritics=self.fold_diacritics is True
        )
        cut = self._split(normal)
        out = []
        for position, ((word, begin, _), placed) in enumerate(
            zip(cut, self._placed([word for word, _, _ in cut]), strict=True)
        ):
            for term, first, last in placed:
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


def _with_folded(word: str) -> tuple[tuple[str, str], ...]:
    """(mark, word): the word without its diacritics, and with EXACT as its mark the word with them, if it has any."""
    if not _foldable().search(word):
        return (("", word),)
    folded = normalise(word, case="keep", nfkc=False, fold_diacritics=True)
    return (("", word),) if folded in (word, "") else (("", folded), (EXACT, word))


@cache
def _foldable() -> re.Pattern[str]:
    """Where diacritics to fold can be: Latin to Arabic letters and the marks behind them; no Thai, no Chinese."""
    return re.compile("[\u00c0-\u06ff\u1ab0-\u1aff\u1dc0-\u1fff\u20d0-\u20ff\ufb1d-\ufb4f\ufe20-\ufe2f]")


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
