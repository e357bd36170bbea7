"""From normalised UTF-8 text to word numbers: every distinct run of word characters gets a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel

__all__ = ["count_terms", "decode", "intern_words", "rehash"]


@inline
def decode(data: NDArray[np.uint8], i: int) -> tuple[np.int64, int]:
    """The code point that starts at byte `i` of valid UTF-8, and its length in bytes."""
    a = np.uint32(data[i])
    if a < 0x80:
        return np.int64(a), 1
    if a < 0xE0:
        return np.int64(((a & 0x1F) << 6) | (data[i + 1] & 0x3F)), 2
    if a < 0xF0:
        return np.int64(((a & 0x0F) << 12) | (np.uint32(data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)), 3
    return (
        np.int64(
            ((a & 0x07) << 18)
            | (np.uint32(data[i + 1] & 0x3F) << 12)
            | (np.uint32(data[i + 2] & 0x3F) << 6)
            | (data[i + 3] & 0x3F)
        ),
        4,
    )


@kernel
def intern_words(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    classes: NDArray[np.uint8],
    table: NDArray[np.uint32],
    hashes: NDArray[np.uint64],
    word_starts: NDArray[np.int64],
    blob: NDArray[np.uint8],
    n_words: int,
    first: int,
    tokens: NDArray[np.uint32],
    token_starts: NDArray[np.int64],
) -> tuple[int, int]:
    """Number the words of texts `first`, `first + 1`, ... until all are done or the tables could overflow.

    data, starts: the texts as UTF-8, text t in data[starts[t]:starts[t + 1]].
    classes: 1 for each code point that belongs to a word.
    table: open addressing, a power of two long, 0 = free, else word number + 1; at most half full is the caller's task.
    hashes, word_starts, blob: the known words, word w in blob[word_starts[w]:word_starts[w + 1]]; written to.
    tokens, token_starts: out; the words of text t stand in tokens[token_starts[t]:token_starts[t + 1]].
    Returns (the next text to do, the number of known words): call again with larger tables if texts are left.
    """
    mask = np.uint64(len(table) - 1)
    n = n_words
    at = token_starts[first]
    for t in range(first, len(starts) - 1):
        i, end = starts[t], starts[t + 1]
        worst = (end - i) // 2 + 1
        if n + worst > len(hashes) or 2 * (n + worst) > len(table) or word_starts[n] + (end - i) > len(blob):
            return t, n
        while i < end:
            code, size = decode(data, i)
            if classes[code] == 0:
                i += size
                continue
            begin = i
            h = np.uint64(0xCBF29CE484222325)
            while i < end:
                a = data[i]
                if a < 0x80:
                    if classes[a] == 0:
                        break
                    h = (h ^ np.uint64(a)) * np.uint64(0x100000001B3)
                    i += 1
                else:
                    code, size = decode(data, i)
                    if classes[code] == 0:
                        break
                    for j in range(i, i + size):
                        h = (h ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
                    i += size
            h ^= h >> np.uint64(29)
            slot = h & mask
            while True:
                entry = table[slot]
                if entry == 0:
                    table[slot] = n + 1
                    hashes[n] = h
                    to = word_starts[n]
                    for j in range(i - begin):
                        blob[to + j] = data[begin + j]
                    word_starts[n + 1] = to + (i - begin)
                    tokens[at] = n
                    n += 1
                    break
                w = np.int64(entry) - 1
                if hashes[w] == h and word_starts[w + 1] - word_starts[w] == i - begin:
                    same = True
                    from_ = word_starts[w]
                    for j in range(i - begin):
                        if blob[from_ + j] != data[begin + j]:
                            same = False
                            break
                    if same:
                        tokens[at] = w
                        break
                slot = (slot + np.uint64(1)) & mask
            at += 1
        token_starts[t + 1] = at
    return len(starts) - 1, n


@kernel
def rehash(table: NDArray[np.uint32], hashes: NDArray[np.uint64]) -> None:
    """Enter words 0, 1, ... of these hashes into an empty table, a power of two long, for `intern_words`."""
    mask = np.uint64(len(table) - 1)
    for w in range(len(hashes)):
        slot = hashes[w] & mask
        while table[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = w + 1


@kernel
def count_terms(
    tokens: NDArray[np.uint32],
    token_starts: NDArray[np.int64],
    term_starts: NDArray[np.int64],
    terms: NDArray[np.uint32],
    n_terms: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """The distinct terms of each text with their counts, in order of first occurrence.

    tokens, token_starts: word numbers per text. term_starts, terms: the terms of each word (none for a stop word,
    one for a stem, several for n-grams); term numbers are below n_terms.
    Returns (row_starts int64 (n_texts + 1), terms uint32, counts uint32, lengths uint32 (n_texts)), where a length is
    the number of term occurrences in the text.
    """
    n_texts = len(token_starts) - 1
    total = 0
    for t in tokens[: token_starts[n_texts]]:
        total += term_starts[t + 1] - term_starts[t]
    row_starts = np.zeros(n_texts + 1, np.int64)
    out = np.empty(total, np.uint32)
    counts = np.empty(total, np.uint32)
    lengths = np.zeros(n_texts, np.uint32)
    place = np.full(n_terms, -1, np.int64)
    at = 0
    for d in range(n_texts):
        row = at
        length = 0
        for j in range(token_starts[d], token_starts[d + 1]):
            word = tokens[j]
            for x in range(term_starts[word], term_starts[word + 1]):
                term = terms[x]
                length += 1
                if place[term] >= row:
                    counts[place[term]] += np.uint32(1)
                else:
                    place[term] = at
                    out[at] = term
                    counts[at] = 1
                    at += 1
        lengths[d] = length
        row_starts[d + 1] = at
    return row_starts, out[:at].copy(), counts[:at].copy(), lengths
