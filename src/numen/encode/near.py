"""Which words of one vocabulary are near a word, whatever else is in the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from numen.encode.classes import family_weights
from numen.index.files import sealed
from numen.index.keys import TermKeys, Vocabulary
from numen.text.normalise import normalise

__all__ = ["Alike", "Family", "NearWords"]

T = TypeVar("T")

REMEMBERED = 4_096
"""Words whose near words are kept; then they are forgotten and looked for anew."""

BEGINNING = 3
"""Characters with which forms of a word begin alike."""

SHORTEST = 3
"""Shorter words have no forms."""

LONGEST = 64
"""Longer words have none either (numen.kernels.near)."""

EXTRA = 3
"""Characters that one form may have in front of another: articles, prepositions and other clitics."""

LEAST = 0.2
"""Cosine below which a word is no misspelling of another."""

Family: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]
"""(places in the vocabulary, weights above 0, which words equal the one asked for but for diacritics): its forms."""

Alike: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]
"""(places in the vocabulary, cosines, edits between the words: 3 for three and more): what may have been meant."""


@dataclass(frozen=True)
class _Index:
    """The vocabulary as kernels take it: words without diacritics, in order; places: where each stands in the keys."""

    chars: NDArray[np.uint32]
    starts: NDArray[np.int64]
    list_starts: NDArray[np.int64]
    lists: NDArray[np.uint32]
    squares: NDArray[np.int32]
    places: NDArray[np.int64]


class NearWords:
    """The words of one segment by what they look like, diacritics aside; any thread may ask.

    What is found follows from the word asked for and each word found alone: so the near words of several segments
    together are those of one segment with all their words.
    """

    def __init__(self, keys: TermKeys) -> None:
        self.keys = keys
        self._index: _Index | None = None
        self._families: dict[bytes, Family] = {}
        self._alike: dict[bytes, Alike] = {}

    def family(self, word: bytes) -> Family:
        """Forms of the word: itself, words with the same beginning, and words that contain it at the end."""
        known = self._families.get(word)
        if known is None:
            from numen.kernels.near import family_words

            index = self._built()
            # A number has no forms: with so long a least length it has none but itself.
            number = any(character.isnumeric() for character in word.decode())
            found, cosines, ends = family_words(
                folded(word),
                index.chars,
                index.starts,
                index.list_starts,
                index.lists,
                index.squares,
                BEGINNING,
                LONGEST + 1 if number else SHORTEST,
                EXTRA,
            )
            weights = family_weights(cosines, ends)
            taken = np.flatnonzero(weights)
            known = index.places[found[taken]], weights[taken], cosines[taken] >= 1.0
            _remember(self._families, word, known)
        return known

    def alike(self, word: bytes) -> Alike:
        """The words that it may be a misspelling of."""
        known = self._alike.get(word)
        if known is None:
            from numen.kernels.near import alike_words

            index = self._built()
            found, cosines, edits = alike_words(
                folded(word), index.chars, index.starts, index.list_starts, index.lists, index.squares, LEAST
            )
            known = index.places[found], cosines, edits
            _remember(self._alike, word, known)
        return known

    def build(self) -> None:
        """Make what answers are found by, which the first question does otherwise."""
        self._built()

    def _built(self) -> _Index:
        if self._index is None:
            from numen.kernels.near import trigram_lists

            chars, starts, places = _folded_words(self.keys)
            self._index = _Index(chars, starts, *trigram_lists(chars, starts), places)
        return self._index


def folded(word: bytes) -> NDArray[np.uint32]:
    """uint32: the code points of a word without its diacritics; of a word that is nothing but marks, all of it."""
    text = word.decode()
    bare = normalise(text, case="keep", nfkc=False, fold_diacritics=True) or text
    return np.frombuffer(bare.encode("utf-32-le"), np.uint32)


def _folded_words(keys: TermKeys) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """(chars, starts, places): the folded words in the order of their code points, and where each stands in `keys`.

    chars and starts are read-only, whatever is in them, so that kernels are compiled for one kind of array.
    """
    n = len(keys)
    if not (keys.blob & np.uint8(0x80)).any():
        return sealed(keys.blob.astype(np.uint32)).view(np.uint32), sealed(keys.starts).view(np.int64), np.arange(n)
    given = Vocabulary(keys.blob, keys.starts)
    plain = np.logical_or.reduceat(keys.blob & np.uint8(0x80) != 0, keys.starts[:-1]) == 0
    numbers = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)])
    words = [word.decode() for word in given.take(np.flatnonzero(~plain))]
    bare = normalise("\n".join(words), case="keep", nfkc=False, fold_diacritics=True).split("\n")
    folded_ones = Vocabulary.of((short or word).encode() for short, word in zip(bare, words, strict=True))
    # Bytes of UTF-8 are in the order of code points; of equal words the plain one stands first in `keys` too.
    order = (whole := Vocabulary.joined([given.take(np.flatnonzero(plain)), folded_ones])).order()
    in_order = whole.take(order)
    first_bytes = np.concatenate([np.zeros(1, np.int64), np.cumsum(in_order.blob & np.uint8(0xC0) != 0x80)])
    text = in_order.blob.tobytes().decode()
    chars = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return chars, sealed(first_bytes[in_order.starts]).view(np.int64), numbers[order]


def _remember(known: dict[bytes, T], word: bytes, found: T) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    known[word] = found
