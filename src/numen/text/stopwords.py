"""Stop words, by language."""

from __future__ import annotations

__all__ = ["stop_words"]

ENGLISH = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with".split()
)
"""The 33 words that Lucene's English analyzer leaves out."""


def stop_words(language: str) -> frozenset[str]:
    """The stop words of a Snowball language; empty for one without a list (all but English and Porter's English)."""
    return ENGLISH if language in ("english", "porter") else frozenset()
