"""From a bucket back to the n-grams that fall into it: what hashing loses, kept aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["ReverseTable"]


class ReverseTable:
    """For each bucket of a hashed encoder, the n-grams of some texts that fall into it, and how often each occurs."""

    def __init__(self, buckets: Mapping[int, Mapping[str, int]]) -> None:
        """buckets: bucket -> gram -> occurrences, below zero where the gram counts negative (signed hashing)."""
        self._buckets = {bucket: dict(grams) for bucket, grams in buckets.items()}

    @classmethod
    def build(cls, words: Iterable[str], word_grams: Callable[[str], Iterable[tuple[str, int, int]]]) -> ReverseTable:
        """The table of the n-grams of words, given (gram, bucket, signed weight) of each; each word is cut once."""
        buckets: dict[int, dict[str, int]] = {}
        for word, times in Counter(words).items():
            for gram, bucket, weight in word_grams(word):
                grams = buckets.setdefault(bucket, {})
                grams[gram] = grams.get(gram, 0) + (times if weight > 0 else -times)
        return cls(buckets)

    def __len__(self) -> int:
        """How many buckets hold a gram."""
        return len(self._buckets)

    def grams(self, bucket: int) -> list[tuple[str, int]]:
        """(gram, occurrences) of a bucket, the most frequent first, then by gram; none for an empty bucket."""
        return sorted(self._buckets.get(bucket, {}).items(), key=lambda item: (-abs(item[1]), item[0]))

    def collisions(self) -> list[int]:
        """The buckets that several different grams share, ascending."""
        return sorted(bucket for bucket, grams in self._buckets.items() if len(grams) > 1)

    def to_json(self) -> dict[str, Any]:
        """The table as JSON; `from_json` reads it back."""
        return {str(bucket): dict(self.grams(bucket)) for bucket in sorted(self._buckets)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReverseTable:
        """The table of `to_json`."""
        return cls({int(bucket): grams for bucket, grams in data.items()})
