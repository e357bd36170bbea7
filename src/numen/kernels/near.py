"""The words of a vocabulary that are near a word: by shared beginnings, by containment, and by shared trigrams.

Words are code points (uint32), one after the other in `chars`, word i in [starts[i], starts[i + 1]), in ascending order
of their code points. How near two words are is the cosine of their counts of n-grams of 2 to 5 characters, the word
marked at both ends. It is had without cutting n-grams: two words share an n-gram wherever n characters of one stand
beside the same n of the other, so a run of r equal characters on a diagonal gives r - n + 1 of each n.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import inline, kernel
from numen.kernels.sort import order_of

__all__ = ["BUCKETS", "alike_words", "family_words", "trigram_lists"]

BUCKETS = 1 << 14
"""Hash buckets of trigrams: the same for every vocabulary, so that which words meet follows from the words alone."""

MARK_START, MARK_END = 0x110000, 0x110001
"""The marks at a word's ends: no characters."""

LONGEST = 64
"""Characters of a word that are compared; longer words are near themselves only."""


@inline
def _char(chars: NDArray[np.uint32], begin: int, length: int, i: int) -> np.uint32:
    """Character i of the marked word."""
    if i == 0:
        return np.uint32(MARK_START)
    if i == length + 1:
        return np.uint32(MARK_END)
    return np.uint32(chars[begin + i - 1])


@inline
def _runs(run: int) -> int:
    """How many n-grams of 2 to 5 characters a run of so many has."""
    if run >= 5:
        return 4 * run - 10
    return run * (run - 1) // 2


@inline
def _shared(a: NDArray[np.uint32], a_from: int, a_len: int, b: NDArray[np.uint32], b_from: int, b_len: int) -> int:
    """The inner product of the n-gram counts of two words: what the runs of equal characters of all diagonals give."""
    total = 0
    for shift in range(-a_len, b_len + 1):
        run = 1 if shift == 0 else 0  # the marks in front
        first, last = max(0, -shift), min(a_len, b_len - shift)
        for i in range(first, last):
            if a[a_from + i] == b[b_from + i + shift]:
                run += 1
            else:
                if run > 1:
                    total += _runs(run)
                run = 0
        if shift == b_len - a_len:
            run += 1  # the marks at the end
        if run > 1:
            total += _runs(run)
    return total


@inline
def _bucket(a: np.uint32, b: np.uint32, c: np.uint32) -> int:
    h = (np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F))
    h = (h ^ (np.uint64(c) * np.uint64(0x165667B19E3779F9))) * np.uint64(0xFF51AFD7ED558CCD)
    return int((h >> np.uint64(40)) % np.uint64(BUCKETS))


@inline
def _compare(
    word: NDArray[np.uint32], first: int, last: int, chars: NDArray[np.uint32], begin: int, end: int, most: int
) -> int:
    """Below 0, 0 or above 0 as characters [first, last) of `word` come before, are, or come after those of another.

    most: of the other, only so many characters are looked at.
    """
    n, m = last - first, min(end - begin, most)
    for i in range(min(n, m)):
        if word[first + i] != chars[begin + i]:
            return -1 if word[first + i] < chars[begin + i] else 1
    return n - m


@inline
def _range(
    word: NDArray[np.uint32], first: int, last: int, chars: NDArray[np.uint32], starts: NDArray[np.int64], most: int
) -> tuple[int, int]:
    """The words [low, high) whose first `most` characters are [first, last) of `word`."""
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high) >> 1
        if _compare(word, first, last, chars, starts[middle], starts[middle + 1], most) > 0:
            low = middle + 1
        else:
            high = middle
    end = low
    high = len(starts) - 1
    while end < high:
        middle = (end + high) >> 1
        if _compare(word, first, last, chars, starts[middle], starts[middle + 1], most) >= 0:
            end = middle + 1
        else:
            high = middle
    return low, end


@kernel
def trigram_lists(
    chars: NDArray[np.uint32], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int32]]:
    """(list_starts int64 (BUCKETS + 1), words uint32): the words that have a trigram in each bucket, ascending.

    And the inner product of each word's n-gram counts with themselves, int32.

    Trigrams are of the marked word. Words of more than LONGEST characters are in no list; a word is in a list once.
    """
    n = len(starts) - 1
    sizes = np.zeros(BUCKETS + 1, np.int64)
    last = np.full(BUCKETS, -1, np.int64)
    for w in range(n):
        length = starts[w + 1] - starts[w]
        if length > LONGEST:
            continue
        for i in range(length):
            bucket = _bucket(
                _char(chars, starts[w], length, i),
                _char(chars, starts[w], length, i + 1),
                _char(chars, starts[w], length, i + 2),
            )
            if last[bucket] != w:
                last[bucket] = w
                sizes[bucket + 1] += 1
    list_starts = np.cumsum(sizes)
    words = np.empty(list_starts[BUCKETS], np.uint32)
    cursor = list_starts[:BUCKETS].copy()
    last[:] = -1
    squares = np.zeros(n, np.int32)
    for w in range(n):
        length = starts[w + 1] - starts[w]
        if length > LONGEST:
            continue
        squares[w] = _shared(chars, starts[w], length, chars, starts[w], length)
        for i in range(length):
            bucket = _bucket(
                _char(chars, starts[w], length, i),
                _char(chars, starts[w], length, i + 1),
                _char(chars, starts[w], length, i + 2),
            )
            if last[bucket] != w:
                last[bucket] = w
                words[cursor[bucket]] = w
                cursor[bucket] += 1
    return list_starts, words, squares


@kernel
def family_words(
    word: NDArray[np.uint32],
    chars: NDArray[np.uint32],
    starts: NDArray[np.int64],
    list_starts: NDArray[np.int64],
    lists: NDArray[np.uint32],
    squares: NDArray[np.int32],
    beginning: int,
    shortest: int,
    extra: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """(words, cosines, ends) of the vocabulary that may be forms of `word`: none of a word that is too short or long.

    Those that are equal to it; those of at least `shortest` characters with the same first `beginning` characters; and
    those of which one is the end of the other with at most `extra` characters more in front (ends: 1). Ascending.
    list_starts, lists, squares: of `trigram_lists`.
    """
    size = len(word)
    low, high = _range(word, 0, size, chars, starts, size + 1)
    near = shortest <= size <= LONGEST
    if near:
        first, stop = _range(word, 0, min(beginning, size), chars, starts, beginning)
    else:
        first, stop = low, high
    # Words that end with this one are in the lists of all trigrams of it but the first.
    begin: Any = 0
    end: Any = 0
    if near:
        for i in range(1, size):
            bucket = _bucket(_char(word, 0, size, i), _char(word, 0, size, i + 1), _char(word, 0, size, i + 2))
            if i == 1 or list_starts[bucket + 1] - list_starts[bucket] < end - begin:
                begin, end = list_starts[bucket], list_starts[bucket + 1]
    capacity = stop - first + end - begin
    for cut in range(1, extra + 1):
        if near and size - cut >= shortest:
            a, b = _range(word, cut, size, chars, starts, size - cut + 1)
            capacity += b - a
    words = np.empty(capacity, np.int64)
    cosines = np.empty(capacity, np.float64)
    ends = np.zeros(capacity, np.uint8)
    own = _shared(word, 0, size, word, 0, size) if near else 0
    n = 0
    for w in range(first, stop):
        length = starts[w + 1] - starts[w]
        if low <= w < high:
            words[n], cosines[n] = w, 1.0
            n += 1
        elif shortest <= length <= LONGEST:
            both = _shared(word, 0, size, chars, starts[w], length)
            words[n], cosines[n] = w, both / np.sqrt(np.float64(own) * np.float64(squares[w]))
            same = min(size, length)
            if same > 0 and 1 <= abs(size - length) <= extra:
                equal = True
                for i in range(same):
                    if word[size - 1 - i] != chars[starts[w + 1] - 1 - i]:
                        equal = False
                        break
                if equal:
                    ends[n] = 1
            n += 1
    if near:
        for j in range(begin, end):
            w = int(lists[j])
            length = starts[w + 1] - starts[w]
            if first <= w < stop or length <= size or length > size + extra:
                continue
            if _compare(word, 0, size, chars, starts[w + 1] - size, starts[w + 1], size) == 0:
                words[n], cosines[n], ends[n] = w, 0.0, 1
                n += 1
        for cut in range(1, extra + 1):
            if size - cut >= shortest:
                a, b = _range(word, cut, size, chars, starts, size - cut + 1)
                for w in range(a, b):
                    if not first <= w < stop:
                        words[n], cosines[n], ends[n] = w, 0.0, 1
                        n += 1
    order = order_of(words[:n])
    return words[:n][order], cosines[:n][order], ends[:n][order]


@inline
def _edits(
    word: NDArray[np.uint32], size: int, chars: NDArray[np.uint32], begin: int, length: int, rows: NDArray[np.int64]
) -> int:
    """How many insertions, deletions, replacements and swaps of neighbours lead from one word to the other."""
    for j in range(length + 1):
        rows[0, j] = j
    for i in range(1, size + 1):
        now, before, earlier = i % 3, (i - 1) % 3, (i - 2) % 3
        rows[now, 0] = i
        for j in range(1, length + 1):
            same = word[i - 1] == chars[begin + j - 1]
            best = min(rows[before, j] + 1, rows[now, j - 1] + 1, rows[before, j - 1] + (0 if same else 1))
            if i > 1 and j > 1 and word[i - 1] == chars[begin + j - 2] and word[i - 2] == chars[begin + j - 1]:
                best = min(best, rows[earlier, j - 2] + 1)
            rows[now, j] = best
    return int(rows[size % 3, length])


@kernel
def alike_words(
    word: NDArray[np.uint32],
    chars: NDArray[np.uint32],
    starts: NDArray[np.int64],
    list_starts: NDArray[np.int64],
    lists: NDArray[np.uint32],
    squares: NDArray[np.int32],
    least: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """(words, cosines, edits) of the vocabulary that `word` may be a misspelling of, with a cosine of `least` or more.

    Those that share a quarter of its buckets of trigrams and at least two, or of a word of at most five characters one,
    if the lengths differ by no more than two: of many words few do, and only those are compared. edits: 0 to 2
    insertions, deletions, replacements or swaps of neighbours between them, 3 for more.
    Ascending. list_starts, lists, squares: of `trigram_lists`.
    """
    size = len(word)
    n_words = len(starts) - 1
    if size == 0 or size > LONGEST:
        return np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8)
    counts = np.zeros(n_words, np.uint8)
    buckets = np.empty(size, np.int64)
    n_buckets = 0
    capacity = 0
    for i in range(size):
        bucket = _bucket(_char(word, 0, size, i), _char(word, 0, size, i + 1), _char(word, 0, size, i + 2))
        known = False
        for j in range(n_buckets):
            known = known or buckets[j] == bucket
        if not known:
            buckets[n_buckets] = bucket
            n_buckets += 1
            capacity += list_starts[bucket + 1] - list_starts[bucket]
    met = np.empty(capacity, np.int64)
    n_met = 0
    for i in range(n_buckets):
        for j in range(list_starts[buckets[i]], list_starts[buckets[i] + 1]):
            w = np.int64(lists[j])
            if counts[w] == 0:
                met[n_met] = w
                n_met += 1
            counts[w] += np.uint8(1)
    words = np.empty(n_met, np.int64)
    cosines = np.empty(n_met, np.float64)
    edits = np.empty(n_met, np.uint8)
    rows = np.empty((3, LONGEST + 1), np.int64)
    own = _shared(word, 0, size, word, 0, size)
    needed = max(2, (n_buckets + 3) // 4)
    n = 0
    for k in range(n_met):
        w = met[k]
        length = starts[w + 1] - starts[w]
        close = abs(length - size) <= 2
        if counts[w] < needed and (size > 5 or not close):
            continue
        both = _shared(word, 0, size, chars, starts[w], length)
        cosine = both / np.sqrt(np.float64(own) * np.float64(squares[w]))
        if cosine < least:
            continue
        words[n], cosines[n] = w, cosine
        edits[n] = min(_edits(word, size, chars, starts[w], length, rows), 3) if close else 3
        n += 1
    order = order_of(words[:n])
    return words[:n][order], cosines[:n][order], edits[:n][order]
