"""Snowball stemmers, by language."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from numen.errors import OptionError, nearest

__all__ = ["LONGEST", "check_language", "languages", "stemmer"]

LONGEST = 255
"""Characters of the longest word that is stemmed. No language has longer ones, and the Spanish, Catalan, Esperanto and
Dutch Porter stemmers take quadratic time: 12 seconds for a word of a million accented letters."""

_LOCAL = threading.local()


def languages() -> tuple[str, ...]:
    """The languages there are stemmers for, in alphabetical order."""
    import Stemmer

    return tuple(sorted(Stemmer.algorithms()))


def check_language(language: str) -> None:
    """OptionError, with the nearest legal name, if there is no stemmer of this name."""
    if language not in languages():
        raise OptionError(f"no stemmer for language {language!r}; {nearest(str(language), languages())}")


def stemmer(language: str) -> Callable[[Sequence[str]], list[str]]:
    """The function that gives the stem of each of its words; any thread may call it. OptionError: unknown language.

    A word of more than 255 characters, and one of which nothing would be left, is its own stem.
    """
    check_language(language)
    return partial(_stem_all, language)


def _stem_all(language: str, words: Sequence[str]) -> list[str]:
    import Stemmer

    # A Snowball stemmer is not safe to share, so each thread has its own.
    own: dict[str, Any] = _LOCAL.__dict__
    if language not in own:
        own[language] = Stemmer.Stemmer(language)
    stems: list[str] = own[language].stemWords([word if len(word) <= LONGEST else "" for word in words])
    return [stem or word for stem, word in zip(stems, words, strict=True)]
