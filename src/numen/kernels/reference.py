"""The oracle: what every kernel computes, in plain numpy and Python, short enough to be seen to be right."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import BOUND_BLOCK, SKIP, WEIGHT_ESCAPE, WIDEST

__all__ = [
    "bound_blocks",
    "count_alive",
    "count_grams",
    "count_numbers",
    "count_terms",
    "densify",
    "encode_gaps",
    "find_ids",
    "find_keys",
    "find_terms",
    "finish_rows",
    "gram_hash",
    "intern_words",
    "invert",
    "merge_lists",
    "nearest_seed",
    "order_hits",
    "order_terms",
    "product",
    "renumber",
    "rows_by_document",
    "rows_of",
    "score_lists",
    "search_flat",
    "sort_by_code",
    "sorted_numbers",
    "sparsify",
    "split_weights",
    "take_terms",
    "top_k",
    "unite_terms",
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


def intern_words(texts: Sequence[str], classes: NDArray[np.uint8]) -> tuple[list[list[int]], list[str]]:
    """(the words of each text as numbers, the words by number): numbered in the order in which they are met."""
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(word, len(numbers)) for word in words_of(text, classes)] for text in texts]
    return rows, list(numbers)


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


def finish_rows(
    row_starts: NDArray[np.int64], counts: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(values float32: sign(c) ln(1 + |c|); float32: each row's 1 / length, 0 where it is empty)."""
    values = (np.sign(counts) * np.log1p(np.abs(counts.astype(np.float64)))).astype(np.float32)
    rows = [values[a:b].astype(np.float64) for a, b in pairwise(row_starts.tolist())]
    return values, np.array([1 / np.sqrt(row @ row) if row.any() else 0 for row in rows], np.float32)


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


def invert(rows: Sequence[Mapping[int, float]], n_keys: int) -> list[list[tuple[int, float]]]:
    """For each key its (document, value) pairs, by document."""
    lists: list[list[tuple[int, float]]] = [[] for _ in range(n_keys)]
    for doc, row in enumerate(rows):
        for key, count in row.items():
            lists[key].append((doc, count))
    return lists


def count_numbers(numbers: NDArray[np.uint32], n: int) -> NDArray[np.int64]:
    """int64 (n): how often each number occurs."""
    return np.bincount(numbers, minlength=n)


def densify(
    starts: NDArray[np.int64], docs: NDArray[np.uint16], codes: NDArray[np.uint8], n_docs: int
) -> NDArray[np.uint8]:
    """uint8 (n_keys, n_docs): every list as a row, 0 where a document is not in it."""
    rows = np.zeros((len(starts) - 1, n_docs), np.uint8)
    rows[np.repeat(np.arange(len(starts) - 1), np.diff(starts)), docs] = codes
    return rows


def sparsify(rows: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]:
    """(starts, docs, codes): every row as a list of its documents that are not 0, ascending."""
    keys, docs = np.nonzero(rows)
    starts = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=len(rows)))]).astype(np.int64)
    return starts, docs.astype(np.uint16), rows[keys, docs]


def encode_gaps(postings: Sequence[tuple[int, float]]) -> tuple[list[tuple[int, float]], list[int]]:
    """((gap, value) entries of one list of (document, value), the document number before every SKIP of them)."""
    entries: list[tuple[int, float]] = []
    reached = [0]
    for doc, value in postings:
        while doc - reached[-1] > WIDEST:
            entries.append((WIDEST, 0))
            reached.append(reached[-1] + WIDEST)
        entries.append((doc - reached[-1], value))
        reached.append(doc)
    return entries, reached[: len(entries) : SKIP]


def renumber(lists: Sequence[Sequence[tuple[int, float]]], number: Sequence[int]) -> list[list[tuple[int, float]]]:
    """The lists with document number[d] for d, by document again."""
    return [sorted((number[doc], value) for doc, value in one) for one in lists]


def rows_of(
    lists: Sequence[Sequence[tuple[int, float]]], keys: Sequence[int], docs: Sequence[int]
) -> list[list[tuple[int, float]]]:
    """The (key, value) pairs of each of some documents, for some keys."""
    values = [dict(one) for one in lists]
    return [[(key, values[key][doc]) for key in keys if doc in values[key]] for doc in docs]


def nearest_seed(
    rows: NDArray[np.float32], weights: NDArray[np.float32], seeds: NDArray[np.float32]
) -> NDArray[np.int64]:
    """int64 (n_docs): the first seed of the largest weighted cosine with each row; len(seeds) if none is above 0.

    rows: (n_docs, n_keys); weights: (n_keys); seeds: (n_seeds, n_keys). A row's own length is left out, as it changes
    nothing. All arithmetic is float32, by key.
    """
    squares = _summed_in_order(weights * seeds * seeds)
    scales = np.zeros_like(squares)
    scales[squares > 0] = np.float32(1) / np.sqrt(squares[squares > 0])
    likeness = np.stack(
        [_summed_in_order(rows * (weights * seed * scale)) for seed, scale in zip(seeds, scales, strict=True)]
    )
    return np.where(likeness.max(axis=0) > 0, likeness.argmax(axis=0), len(seeds))


def _summed_in_order(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row's sum, added from left to right in float32."""
    sums: NDArray[np.float32] = np.cumsum(table, axis=1, dtype=np.float32)[:, -1]
    return sums


def split_weights(weights: NDArray[np.float32]) -> tuple[np.float32, NDArray[np.int64], NDArray[np.int32]]:
    """(step, codes, rests) of one key's weights: a bound is step * code, in float32.

    The code is the least in 1..255 whose bound reaches the weight; the rest is how many float32 numbers the weight lies
    below it, WEIGHT_ESCAPE if that or more. The step is as small as lets 255 reach the largest weight; that weight
    itself if it is tiny.
    """
    largest = weights.max()
    step = largest / np.float32(255)
    if step < np.finfo(np.float32).tiny:
        step = largest
    while step * np.float32(255) < largest:
        step = np.nextafter(step, np.float32(np.inf))
    bounds = step * np.arange(256, dtype=np.float32)
    codes = np.maximum(np.searchsorted(bounds, weights), 1)
    return step, codes, np.minimum(bounds[codes].view(np.int32) - weights.view(np.int32), WEIGHT_ESCAPE)


def sort_by_code(lists: Sequence[Sequence[tuple[int, int]]], parts: int, kept: int) -> list[list[tuple[int, int]]]:
    """The (document, code) pairs of each list, by falling code, then by document: the first `kept` of `parts` parts."""
    ordered = [sorted(one, key=lambda pair: (-pair[1], pair[0])) for one in lists]
    return [one[: -(-len(one) * kept // parts)] for one in ordered]


def rows_by_document(lists: Sequence[Sequence[tuple[int, int]]], n_docs: int) -> list[list[tuple[int, int]]]:
    """The (key modulo 65,536, code) pairs of each document, in the order of the keys; lists of (document, code)."""
    rows: list[list[tuple[int, int]]] = [[] for _ in range(n_docs)]
    for key, one in enumerate(lists):
        for doc, code in one:
            rows[doc].append((key % 65_536, code))
    return rows


def bound_blocks(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (n_keys, n_blocks): the largest code of each row in each BOUND_BLOCK documents; 0 where it has none."""
    return np.maximum.reduceat(rows, np.arange(0, rows.shape[1], BOUND_BLOCK), axis=1)


def merge_lists(
    rows: Sequence[NDArray[np.uint8]],
    key_maps: Sequence[NDArray[np.int64]],
    doc_maps: Sequence[NDArray[np.int64]],
    n_keys: int,
    n_docs: int,
) -> NDArray[np.uint8]:
    """uint8 (n_keys, n_docs): the segments' rows, moved to their new keys and documents; -1 leaves a document out."""
    merged = np.zeros((n_keys, n_docs), np.uint8)
    for part, key_map, doc_map in zip(rows, key_maps, doc_maps, strict=True):
        kept = np.flatnonzero(doc_map >= 0)
        merged[np.ix_(key_map, doc_map[kept])] = part[:, kept]
    return merged


def count_alive(rows: NDArray[np.uint8], dead: NDArray[np.uint8]) -> NDArray[np.int64]:
    """int64 (n_keys): how many documents that are not dead each key has."""
    alive: NDArray[np.int64] = (rows[:, dead == 0] != 0).sum(axis=1, dtype=np.int64)
    return alive


def find_keys(keys: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    """int64: the place of each wanted key, -1 where it is not."""
    places = {key: place for place, key in enumerate(keys.tolist())}
    return np.array([places.get(key, -1) for key in wanted.tolist()], np.int64)


def find_terms(terms: Sequence[bytes], wanted: Sequence[bytes]) -> NDArray[np.int64]:
    """int64: the place of each wanted term, -1 where it is not."""
    places = {term: place for place, term in enumerate(terms)}
    return np.array([places.get(term, -1) for term in wanted], np.int64)


def score_lists(
    query: Sequence[tuple[Mapping[int, float], float]], doc_values: NDArray[np.float32], form: str
) -> NDArray[np.float32]:
    """float32 (n_docs): every document's score for one query.

    query: for each term, in the order of summing, its values by document and its weight. doc_values: saturations
    (ratio), inverse norms (log), scales (scaled), not read (product). All arithmetic is float32, in that order: the
    definition of a score.
    """
    scores = np.zeros(len(doc_values), np.float32)
    for values, weight in query:
        docs = np.fromiter(values.keys(), np.int64, len(values))
        v = np.fromiter(values.values(), np.float64, len(values))
        worth = np.log1p(v).astype(np.float32) if form == "log" else v.astype(np.float32)
        if form == "ratio":
            worth /= worth + doc_values[docs]
        scores[docs] += np.float32(weight) * worth
    return scores * doc_values if form in ("log", "scaled") else scores


def order_hits(
    hits: Sequence[Sequence[Sequence[tuple[int, float]]]],
    floors: Sequence[float],
    ranks: Sequence[Sequence[int]],
) -> list[list[tuple[int, int, float]]]:
    """For each query the (segment, document, score) of the hits that reach its floor, by score, segment and rank.

    hits: for each segment and query, (document, score) pairs. ranks: of each segment's documents.
    """
    return [
        sorted(
            ((s, doc, score) for s, of in enumerate(hits) for doc, score in of[q] if score >= floor),
            key=lambda hit: (-hit[2], hit[0], ranks[hit[0]][hit[1]]),
        )
        for q, floor in enumerate(floors)
    ]


def top_k(scores: NDArray[np.float32], ranks: NDArray[np.uint16], k: int) -> list[tuple[int, float]]:
    """(document, score) of the k best positive scores, best first, ties by rank."""
    order = np.lexsort((ranks, -scores))
    return [(int(doc), float(scores[doc])) for doc in order[:k] if scores[doc] > 0]


def unite_terms(terms: Sequence[bytes]) -> tuple[list[bytes], list[int]]:
    """(all different terms in the order of their bytes, the place of each given term among them)."""
    every = sorted(set(terms))
    return every, [every.index(term) for term in terms]


def find_ids(ids: Sequence[bytes], dead: Sequence[bool], wanted: Sequence[bytes]) -> list[int]:
    """The living document that has each wanted id, -1 where there is none."""
    docs = {id: doc for doc, id in enumerate(ids) if not dead[doc]}
    return [docs.get(id, -1) for id in wanted]


def take_terms(terms: Sequence[bytes], numbers: Sequence[int]) -> list[bytes]:
    """The terms of these numbers, in that order."""
    return [terms[number] for number in numbers]


def order_terms(terms: Sequence[bytes]) -> list[int]:
    """The terms' numbers in the order of their bytes, equal ones in the order they have."""
    return sorted(range(len(terms)), key=terms.__getitem__)


def product(row: NDArray[np.float32], query: NDArray[np.float32]) -> np.float32:
    """The inner product of two dense vectors in the one order: 64 sums side by side, then halves of them together."""
    parts = np.zeros((-(-max(len(row), 1) // 64), 64), np.float32)
    parts.ravel()[: len(row)] = row * query
    lanes = np.zeros(64, np.float32)
    for part in parts:
        lanes += part
    while len(lanes) > 1:
        lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
    return np.float32(lanes[0] + np.float32(0))


def search_flat(
    vectors: NDArray[np.float32], query: NDArray[np.float32], taking_part: Sequence[int], ranks: Sequence[int], k: int
) -> list[tuple[int, float]]:
    """(document, score) of the k nearest of the documents `taking_part` that have a vector: by score, then by rank."""
    scored = [(doc, float(product(vectors[doc], query))) for doc in taking_part if vectors[doc].any()]
    return sorted(scored, key=lambda hit: (-hit[1], ranks[hit[0]]))[:k] if query.any() else []


def sorted_numbers(keys: Sequence[float]) -> list[float]:
    """The numbers in ascending order."""
    return sorted(keys)
