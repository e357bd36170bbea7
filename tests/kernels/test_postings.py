"""Lists from rows and back, rows instead of lists, look-ups: against plain Python."""

from __future__ import annotations

import bisect
import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.encode.texts import utf8
from numen.kernels import reference
from numen.kernels.postings import count_alive, count_numbers, densify, find_keys, find_terms, invert, sparsify

ROWS = st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 255), max_size=10), max_size=30)


def inverted(
    rows: list[dict[int, int]], n_keys: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint8]]:
    row_starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    keys = np.array([key for row in rows for key in row], np.uint32)
    codes = np.array([code for row in rows for code in row.values()], np.uint8)
    totals = np.zeros(n_keys, np.int64)
    count_numbers(keys, totals)
    starts = np.cumsum([0, *totals]).astype(np.int64)
    cursor = starts[:-1].copy()
    out_docs, out_codes = np.empty(len(keys), np.uint16), np.empty(len(keys), np.uint8)
    half = len(rows) // 2
    for first, part in ((0, row_starts[: half + 1]), (half, row_starts[half:])):
        invert(part, keys, codes, first, cursor, out_docs, out_codes)
    return starts, out_docs, out_codes


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_inverted_lists(rows: list[dict[int, int]]) -> None:
    starts, docs, codes = inverted(rows)
    got = [list(zip(docs[a:b].tolist(), codes[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)]
    assert got == reference.invert(rows, 10)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sets(st.integers(0, 9)))
def test_rows_instead_of_lists_and_back(rows: list[dict[int, int]], chosen: set[int]) -> None:
    before = inverted(rows)
    places = np.array(sorted(chosen), np.uint32)
    list_docs, list_codes = before[1].copy(), before[2].copy()
    starts, dense = densify(before[0], list_docs, list_codes, places, len(rows))
    docs, codes = list_docs[: starts[-1]], list_codes[: starts[-1]]
    for r, key in enumerate(places.tolist()):
        assert starts[key] == starts[key + 1]
        assert dense[r].tolist() == [row.get(key, 0) for row in rows]
    for a, b in zip(before, sparsify(starts, docs, codes, places, dense), strict=True):
        np.testing.assert_array_equal(a, b)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.integers(0, 1_000))
def test_living_documents_of_a_list(rows: list[dict[int, int]], seed: int) -> None:
    starts, docs, _ = inverted(rows)
    dead = (np.random.default_rng(seed).random(len(rows)) < 0.4).astype(np.uint8)
    alive = count_alive(np.arange(10), starts, docs, dead)
    assert alive.tolist() == [sum(key in row and not dead[d] for d, row in enumerate(rows)) for key in range(10)]


@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(0, 2**32 - 1)), st.lists(st.integers(0, 2**32 - 1)))
def test_numbers_are_found_where_bisection_finds_them(keys: set[int], wanted: list[int]) -> None:
    ordered = sorted(keys)
    asked = wanted + ordered[:3]
    expected = [bisect.bisect_left(ordered, w) if w in keys else -1 for w in asked]
    assert find_keys(np.array(ordered, np.uint32), np.array(asked, np.uint32)).tolist() == expected


@settings(max_examples=150, deadline=None)
@given(st.sets(st.text(max_size=4)), st.lists(st.text(max_size=4)))
def test_terms_are_found_where_bisection_finds_them(terms: set[str], wanted: list[str]) -> None:
    def encodable(text: str) -> bool:
        return not any("\ud800" <= c <= "\udfff" for c in text)

    ordered = sorted(t for t in terms if encodable(t))
    asked = [w for w in wanted if encodable(w)] + ordered[:3]
    expected = [ordered.index(w) if w in ordered else -1 for w in asked]
    assert find_terms(*utf8(ordered), *utf8(asked)).tolist() == expected
