"""Snowball stemmers, by language."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from numen.errors import OptionError, nearest

__all__ = ["check_language", "languages", "stem_all"]

_LOCAL = threading.local()


def languages() -> tuple[str, ...]:
    """The languages there are stemmers for, in alphabetical order."""
    import Stemmer

    return tuple(sorted(Stemmer.algorithms()))


def check_language(language: str) -> None:
    """OptionError, with the nearest legal name, if there is no stemmer of this name."""
    if language not in languages():
        raise OptionError(f"no stemmer for language {language!r}; {nearest(str(language), languages())}")


def stem_all(language: str, words: Sequence[str]) -> list[str]:
    """The stem of each word. Any thread may call: a stemmer is not safe to share, so each thread has its own."""
    import Stemmer

    stemmers: dict[str, Any] = _LOCAL.__dict__
    if language not in stemmers:
        check_language(language)
        stemmers[language] = Stemmer.Stemmer(language)
    stems: list[str] = stemmers[language].stemWords(list(words))
    return stems
