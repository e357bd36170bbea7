"""Lists from rows and back, rows instead of lists, look-ups: against plain Python."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.encode.texts import utf8
from numen.kernels import reference
from numen.kernels.postings import (
    count_alive,
    count_numbers,
    densify,
    find_keys,
    find_terms,
    invert,
    merge_lists,
    sparsify,
)

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
    everything = reference.densify(*before, len(rows))
    places = np.array(sorted(chosen), np.uint32)
    list_docs, list_codes = before[1].copy(), before[2].copy()
    starts, dense = densify(before[0], list_docs, list_codes, places, len(rows))
    docs, codes = list_docs[: starts[-1]], list_codes[: starts[-1]]
    np.testing.assert_array_equal(dense, everything[places])
    assert all(starts[key] == starts[key + 1] for key in chosen)
    for a, b, c in zip(
        before, sparsify(starts, docs, codes, places, dense), reference.sparsify(everything), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


@settings(max_examples=100, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=3), st.integers(0, 1_000))
def test_lists_of_several_segments_merged(segments: list[list[dict[int, int]]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [inverted(rows) for rows in segments]
    key_maps = [np.sort(rng.permutation(14)[:10]) for _ in segments]
    doc_maps, total = [], 0
    for rows in segments:
        kept = rng.random(len(rows)) < 0.7
        doc_maps.append(np.where(kept, np.cumsum(kept) - 1 + total, -1))
        total += int(kept.sum())
    cursor = np.zeros(14, np.int64)
    nothing = np.empty(0, np.uint16), np.empty(0, np.uint8)
    for part, key_map, doc_map in zip(parts, key_maps, doc_maps, strict=True):
        merge_lists(*part, key_map, doc_map, cursor, *nothing, False)
    starts = np.concatenate([[0], np.cumsum(cursor)]).astype(np.int64)
    cursor, docs, codes = starts[:-1].copy(), np.empty(starts[-1], np.uint16), np.empty(starts[-1], np.uint8)
    for part, key_map, doc_map in zip(parts, key_maps, doc_maps, strict=True):
        merge_lists(*part, key_map, doc_map, cursor, docs, codes, True)
    plain = [reference.densify(*part, len(rows)) for part, rows in zip(parts, segments, strict=True)]
    expected = reference.merge_lists(plain, key_maps, doc_maps, 14, total)
    np.testing.assert_array_equal(reference.densify(starts, docs, codes, total), expected)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.integers(0, 1_000))
def test_living_documents_of_a_list(rows: list[dict[int, int]], seed: int) -> None:
    starts, docs, codes = inverted(rows)
    dead = (np.random.default_rng(seed).random(len(rows)) < 0.4).astype(np.uint8)
    expected = reference.count_alive(reference.densify(starts, docs, codes, len(rows)), dead)
    assert count_alive(np.arange(10), starts, docs, dead).tolist() == expected.tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 20)), st.integers(21, 30))
def test_numbers_are_counted(numbers: list[int], n: int) -> None:
    array = np.array(numbers, np.uint32)
    totals = np.zeros(n, np.int64)
    count_numbers(array, totals)
    assert totals.tolist() == reference.count_numbers(array, n).tolist()


@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(0, 2**32 - 1)), st.lists(st.integers(0, 2**32 - 1)))
def test_numbers_are_found(keys: set[int], wanted: list[int]) -> None:
    ordered = np.array(sorted(keys), np.uint32)
    asked = np.array(wanted + sorted(keys)[:3], np.uint32)
    assert find_keys(ordered, asked).tolist() == reference.find_keys(ordered, asked).tolist()


@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.text(st.characters(codec="utf-8"), max_size=4)),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=4)),
)
def test_terms_are_found(terms: set[str], wanted: list[str]) -> None:
    ordered = sorted(terms)
    asked = [*wanted, *ordered[:3]]
    expected = reference.find_terms([term.encode() for term in ordered], [term.encode() for term in asked])
    assert find_terms(*utf8(ordered), *utf8(asked)).tolist() == expected.tolist()
