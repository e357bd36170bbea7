"""The oracle of the kernels of `auto` (near, pairs, classes) in plain Python, as `reference` is of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "alike_words",
    "count_pairs",
    "family_words",
    "gather_trails",
    "gram_cosine",
    "held_words",
    "search_classes",
    "term_hash",
    "terms_by_hash",
    "trail_of",
]


def gram_cosine(one: str, other: str) -> float:
    """The cosine of two marked words' counts of n-grams of 2 to 5 characters."""
    a, b = (_grams(word) for word in (one, other))
    both = sum(count * b[gram] for gram, count in a.items())
    return float(both / np.sqrt(float(sum(c * c for c in a.values())) * float(sum(c * c for c in b.values()))))


def family_words(
    word: str, vocabulary: Sequence[str], beginning: int, shortest: int, extra: int
) -> dict[str, tuple[float, bool]]:
    """word -> (cosine, 0 where it begins otherwise; whether one is the end of the other) of what may be its forms."""
    out = {}
    for other in vocabulary:
        if other == word:
            out[other] = (1.0, False)
        elif min(len(word), len(other)) >= shortest:
            end = 1 <= abs(len(word) - len(other)) <= extra and (word.endswith(other) or other.endswith(word))
            alike = word[:beginning] == other[:beginning]
            if alike or end:
                out[other] = (gram_cosine(word, other) if alike else 0.0, end)
    return out


def alike_words(word: str, vocabulary: Sequence[str], least: float) -> dict[str, tuple[float, int]]:
    """word -> (cosine, edits, 3 for more) of what `word` may be a misspelling of, were there no chance collisions."""
    own = _trigrams(word)
    out = {}
    for other in vocabulary:
        shared = len(own & _trigrams(other))
        close = abs(len(word) - len(other)) <= 2
        if shared >= max(2, -(-len(own) // 4)) or (shared >= 1 and len(word) <= 5 and close):
            cosine = gram_cosine(word, other)
            if cosine >= least:
                out[other] = (cosine, min(_edits(word, other), 3) if close else 3)
    return out


def term_hash(term: bytes) -> int:
    """FNV-1a of 32 bits, its halves folded into 16."""
    h = 0x811C9DC5
    for byte in term:
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return (h >> 16) ^ (h & 0xFFFF)


def trail_of(words: Sequence[Sequence[bytes]]) -> list[int]:
    """The hashes of the terms of words, in order; a word is its terms."""
    return [term_hash(term) for word in words for term in word]


def gather_trails(trails: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """The trails of documents `order`, one after the other."""
    return [one for doc in order for one in trails[doc]]


def count_pairs(
    trails: Sequence[Sequence[int]], held: Sequence[Mapping[int, int]], pair: tuple[int, int], hashes: tuple[int, int]
) -> dict[int, int]:
    """document -> how often one hash stands right before the other, in documents that have both keys of `pair`."""
    out = {}
    for doc, trail in enumerate(trails):
        times = sum(both == hashes for both in pairwise(trail))
        if times and all(key in held[doc] for key in pair):
            out[doc] = times
    return out


def terms_by_hash(hashes: Sequence[int]) -> dict[int, list[int]]:
    """hash -> the terms that have it, ascending; hashes: one a term."""
    out: dict[int, list[int]] = {}
    for term, h in enumerate(hashes):
        out.setdefault(h, []).append(term)
    return out


def held_words(
    trails: Sequence[Sequence[int]],
    held: Sequence[Mapping[int, int]],
    hashes: Sequence[int],
    wanted: Sequence[int],
    longest: int,
) -> list[dict[int, int]]:
    """key -> count of each document `wanted`: those whose hash is among the first `longest` of its trail."""
    return [
        {key: held[doc][key] for key in sorted(held[doc]) if hashes[key] in trails[doc][:longest]} for doc in wanted
    ]


def search_classes(
    terms: Sequence[tuple[float, Sequence[tuple[int, float]]]],
    held: Sequence[Mapping[int, int]],
    saturations: NDArray[np.float32],
    before: NDArray[np.float32],
) -> NDArray[np.float32]:
    """float32: every document's score; a term is (weight, its members as (key, weight)), all summed in order.

    before: float32, what the documents have already.
    """
    scores = before.copy()
    for weight, members in terms:
        counts = np.zeros(len(held), np.float32)
        for key, worth in members:
            counts += np.float32(worth) * np.array([row.get(key, 0) for row in held], np.float32)
        scores += np.float32(weight) * (counts / (counts + saturations))
    return scores


def _grams(word: str) -> Counter[str]:
    marked = f"\x02{word}\x03"
    return Counter(marked[i : i + n] for n in range(2, 6) for i in range(len(marked) - n + 1))


def _trigrams(word: str) -> set[str]:
    marked = f"\x02{word}\x03"
    return {marked[i : i + 3] for i in range(len(marked) - 2)}


def _edits(one: str, other: str) -> int:
    rows = [list(range(len(other) + 1))]
    for i in range(1, len(one) + 1):
        row = [i]
        for j in range(1, len(other) + 1):
            best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, rows[i - 2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
