"""Stop words, by language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from numen.text.stem import check_language

__all__ = ["stop_words"]

ENGLISH = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with".split()
)
"""The 33 words that Lucene's English analyzer leaves out."""

LISTS = (
    "danish", "dutch", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese", "russian",
    "spanish", "swedish",
)  # fmt: skip
"""The languages with a list in `data/`; `data/NOTICE.txt` says where they come from."""

SAME = {"porter": "english", "dutch_porter": "dutch"}
"""Second stemmers of a language."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a Snowball language, in lower case; OptionError if there is no such language.

    Danish, Dutch, English, Finnish, French, German, Hungarian, Italian, Norwegian, Portuguese, Russian, Spanish and
    Swedish have a list; it is empty for all others.
    """
    check_language(language)
    name = SAME.get(language, language)
    if name == "english":
        return ENGLISH
    if name not in LISTS:
        return frozenset()
    return frozenset(files("numen.text").joinpath("data", f"{name}.txt").read_text(encoding="utf-8").split())
