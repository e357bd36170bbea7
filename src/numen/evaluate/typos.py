"""Queries as people mistype them: one random edit a word, the same every time.

An edit swaps two neighbouring letters, drops one, inserts one or replaces one, each with the same probability. What is
inserted or put in a letter's place is, for Latin letters, a neighbour on the keyboard (QWERTY); for others a letter
near it in the order of Unicode, which in an alphabet is a letter of that alphabet. The draws of a query depend on the
seed and its id alone, so that other queries, their order and numpy's versions change nothing.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from numen.errors import OptionError
from numen.text.stopwords import stop_words
from numen.text.words import words

__all__ = ["Typos"]

SHORTEST = 4
"""Letters, marks not counted, that a word needs to be mistyped."""

NEAR = 8
"""How far away in Unicode a letter of another script than Latin may lie that is hit instead."""

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""The letters of a keyboard; each row stands half a key to the right of the one above."""

Draw: TypeAlias = Callable[[], float]
"""The next random number, from 0 to 1, 1 left out."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Typos:
    """How queries are misspelt. rate: the share of words that get an edit, 0 to 1. seed: what is drawn.

    Edited are words of at least four letters that are no English stop words; digits stay as they are.
    """

    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.rate, bool) or not isinstance(self.rate, int | float) or not 0 <= self.rate <= 1:
            raise OptionError(f"the rate of typos is {self.rate!r}; it must be a number from 0 to 1")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise OptionError(f"seed is {self.seed!r}; it must be a whole number")

    def misspelt(self, queries: Mapping[str, str]) -> dict[str, str]:
        """The queries (id -> text) with their typing errors."""
        return {id_: self.of(text, id_) for id_, text in queries.items()}

    def of(self, text: str, id: str = "") -> str:
        """One query, by its id, with its typing errors; white space and everything else between words is kept."""
        draw = random.Random(f"{self.seed}:{id}").random  # of random's methods, the one that never changes
        out, at = [], 0
        for word, start, end in words(text):
            out.append(text[at:start])
            chance = draw()
            out.append(_edited(word, draw) if chance < self.rate and _is_content(word) else word)
            at = end
        return "".join([*out, text[at:]])


def _edited(word: str, draw: Draw) -> str:
    """The word with one edit that changes it."""
    letters = _letters(word)
    places = [i for i, letter in enumerate(letters) if letter[0].isalpha()]
    at = _drawn(places, draw)
    kind = _drawn(["swap", "drop", "insert", "replace"], draw)
    if kind == "swap":
        pairs = [i for i in places if i + 1 in places and letters[i] != letters[i + 1]]
        if pairs:
            at = _drawn(pairs, draw)
            letters[at : at + 2] = letters[at + 1], letters[at]
            return "".join(letters)
        kind = "drop"  # all letters are the same
    if kind == "drop":
        del letters[at]
    elif kind == "insert":
        letters.insert(at + (draw() < 0.5), _hit_instead(letters[at], draw))
    else:
        letters[at] = _hit_instead(letters[at], draw) + letters[at][1:]
    made = "".join(letters)
    return made if made != word else word[1:]  # a letter that has no other near it


def _drawn(choices: Sequence[T], draw: Draw) -> T:
    return choices[int(draw() * len(choices))]


def _hit_instead(letter: str, draw: Draw) -> str:
    """A letter that is hit instead of `letter` (which may have marks), in the same case."""
    base = unicodedata.normalize("NFD", letter)[0]
    near = _keyboard(base.lower())
    if near:
        other = _drawn(near, draw)
        return other.upper() if base.isupper() else other
    kind, code = unicodedata.category(letter[0]), ord(letter[0])
    others = [chr(c) for c in range(code - NEAR, code + NEAR + 1) if c != code and unicodedata.category(chr(c)) == kind]
    return _drawn(others, draw) if others else letter[0]


def _keyboard(letter: str) -> list[str]:
    """The keys around a Latin letter: beside it in its row, and the two that touch it above and below."""
    for row, keys in enumerate(ROWS):
        if letter in keys:
            at = keys.index(letter)
            places = [(row, at - 1), (row, at + 1), (row - 1, at), (row - 1, at + 1), (row + 1, at - 1), (row + 1, at)]
            return [ROWS[r][i] for r, i in places if 0 <= r < len(ROWS) and 0 <= i < len(ROWS[r])]
    return []


def _letters(word: str) -> list[str]:
    """The word's characters, each with the marks that follow it."""
    out: list[str] = []
    for character in word:
        if out and unicodedata.category(character).startswith("M"):
            out[-1] += character
        else:
            out.append(character)
    return out


def _is_content(word: str) -> bool:
    return sum(map(str.isalpha, word)) >= SHORTEST and word.lower() not in stop_words("english")
