"""The oracle: what every kernel computes, in plain numpy and Python, short enough to be seen to be right."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "count_grams",
    "count_terms",
    "gram_hash",
    "invert",
    "score_lists",
    "top_k",
    "words_of",
]


def gram_hash(gram: bytes, name: str) -> int:
    """The 32-bit hash of a gram: "crc32" (zlib's) or "fnv1a"."""
    if name == "crc32":
        return zlib.crc32(gram)
    h = 0x811C9DC5
    for byte in gram:
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def words_of(text: str, classes: NDArray[np.uint8]) -> list[str]:
    """The runs of characters whose code points have class 1."""
    out: list[str] = []
    run = ""
    for character in text:
        if classes[ord(character)]:
            run += character
        elif run:
            out.append(run)
            run = ""
    return [*out, run] if run else out


def count_grams(
    text: str, classes: NDArray[np.uint8], weights: Mapping[int, int], dim: int, name: str, signed: bool
) -> dict[int, int]:
    """bucket -> weighted count of the n-grams of a normalised text's marked words; buckets that sum to 0 left out."""
    counts: dict[int, int] = {}
    for word in words_of(text, classes):
        marked = f"^{word}$"
        for n, weight in weights.items():
            for i in range(len(marked) - n + 1):
                h = gram_hash(marked[i : i + n].encode(), name)
                counts[h % dim] = counts.get(h % dim, 0) + (-weight if signed and h >> 31 else weight)
    return {bucket: count for bucket, count in sorted(counts.items()) if count}


def count_terms(words: Sequence[Sequence[int]], terms: Sequence[Sequence[int]]) -> list[dict[int, int]]:
    """term -> count for each text, given its words and the terms of each word."""
    out = []
    for text in words:
        counts: dict[int, int] = {}
        for word in text:
            for term in terms[word]:
                counts[term] = counts.get(term, 0) + 1
        out.append(counts)
    return out


def invert(rows: Sequence[Mapping[int, int]], n_keys: int) -> list[list[tuple[int, int]]]:
    """For each key its (document, count) pairs, by document."""
    lists: list[list[tuple[int, int]]] = [[] for _ in range(n_keys)]
    for doc, row in enumerate(rows):
        for key, count in row.items():
            lists[key].append((doc, count))
    return lists


def score_lists(
    query: Sequence[tuple[Mapping[int, int], float]], doc_values: NDArray[np.float32], *, ratio: bool
) -> NDArray[np.float32]:
    """float32 (n_docs): every document's score for one query.

    query: for each term, in the order of summing, its counts by document and its weight. doc_values: saturations
    (ratio) or inverse norms. All arithmetic is float32, in that order: the definition of a score.
    """
    scores = np.zeros(len(doc_values), np.float32)
    for counts, weight in query:
        docs = np.fromiter(counts.keys(), np.int64, len(counts))
        f = np.fromiter(counts.values(), np.float64, len(counts))
        if ratio:
            f32 = f.astype(np.float32)
            scores[docs] += np.float32(weight) * (f32 / (f32 + doc_values[docs]))
        else:
            scores[docs] += np.float32(weight) * np.log1p(f).astype(np.float32)
    return scores if ratio else scores * doc_values


def top_k(scores: NDArray[np.float32], ranks: NDArray[np.uint16], k: int) -> list[tuple[int, float]]:
    """(document, score) of the k best positive scores, best first, ties by rank."""
    order = np.lexsort((ranks, -scores))
    return [(int(doc), float(scores[doc])) for doc in order[:k] if scores[doc] > 0]
