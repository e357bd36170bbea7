"""Lists from rows and back, rows and gaps instead of lists, new numbers, look-ups: against plain Python."""

from __future__ import annotations

import itertools
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.kernels import reference
from numen.kernels.codes import SKIP
from numen.kernels.places import find_keys
from numen.kernels.postings import (
    count_alive,
    count_numbers,
    decode_gaps,
    densify,
    encode_gaps,
    gap_lengths,
    invert,
    merge_lists,
    renumber,
    sparsify,
)

Plain: TypeAlias = list[list[tuple[int, float]]]

ROWS = st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 255), max_size=10), max_size=30)

DTYPES = st.sampled_from([np.uint8, np.float32])

EDGES = [0, 1, 254, 255, 256, 257, 509, 510, 511, 512, 765, 65_279, 65_280, 65_534, 65_535]
"""Documents whose gaps from 0, or to the last one, are just those that one, two or all entries hold."""

DOCS = (
    st.sets(st.sampled_from(EDGES))
    | st.sets(st.integers(0, 65_535), max_size=100)
    | st.sets(st.integers(0, 700), max_size=200)
)

LISTS = st.lists(DOCS, max_size=8)


def with_values(lists: list[set[int]], seed: int) -> Plain:
    rng = np.random.default_rng(seed)
    return [[(doc, int(rng.integers(1, 256))) for doc in sorted(docs)] for docs in lists]


def flat(lists: Plain, dtype: Any) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[Any]]:
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    docs = np.array([doc for one in lists for doc, _ in one], np.uint16)
    return starts, docs, np.array([value for one in lists for _, value in one], dtype)


def nested(starts: NDArray[np.int64], docs: NDArray[Any], values: NDArray[Any]) -> Plain:
    return [list(zip(docs[a:b].tolist(), values[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)]


def inverted(
    rows: list[dict[int, int]], n_keys: int = 10, dtype: Any = np.uint8
) -> tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[Any]]:
    row_starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    keys = np.array([key for row in rows for key in row], np.uint32)
    values = np.array([value for row in rows for value in row.values()], dtype)
    totals = np.zeros(n_keys, np.int64)
    count_numbers(keys, totals)
    starts = np.cumsum([0, *totals]).astype(np.int64)
    cursor = starts[:-1].copy()
    out_docs, out_values = np.empty(len(keys), np.uint16), np.empty(len(keys), dtype)
    half = len(rows) // 2
    for first, part in ((0, row_starts[: half + 1]), (half, row_starts[half:])):
        invert(part, keys, values, first, cursor, out_docs, out_values)
    return starts, out_docs, out_values


@settings(max_examples=150, deadline=None)
@given(ROWS, DTYPES)
def test_inverted_lists(rows: list[dict[int, int]], dtype: Any) -> None:
    assert nested(*inverted(rows, dtype=dtype)) == reference.invert(rows, 10)


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


def written_as_gaps(lists: Plain, chosen: list[int], dtype: Any) -> tuple[Any, ...]:
    """(what stays as starts, docs, values; long_starts, gaps, long_values; skip_starts, skips)."""
    starts, docs, values = flat(lists, dtype)
    lengths = gap_lengths(starts, docs)
    assert lengths.tolist() == [len(reference.encode_gaps(one)[0]) for one in lists]
    long_starts = np.cumsum([0, *lengths[chosen]]).astype(np.int64)
    skip_starts = np.cumsum([0, *(-(-lengths[chosen] // SKIP))]).astype(np.int64)
    gaps, long_values = np.zeros(long_starts[-1], np.uint8), np.zeros(long_starts[-1], dtype)
    skips = np.full(skip_starts[-1], 7, np.uint16)
    places = np.array(chosen, np.uint32)
    starts = encode_gaps(starts, docs, values, places, long_starts, gaps, long_values, skip_starts, skips)
    return starts, docs[: starts[-1]], values[: starts[-1]], long_starts, gaps, long_values, skip_starts, skips


@settings(max_examples=200, deadline=None)
@given(LISTS, st.integers(0, 1_000), DTYPES, st.data())
def test_gaps_instead_of_lists_and_back(lists: list[set[int]], seed: int, dtype: Any, data: st.DataObject) -> None:
    plain = with_values(lists, seed)
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(len(lists)))))) if lists else []
    starts, docs, values, long_starts, gaps, long_values, skip_starts, skips = written_as_gaps(plain, chosen, dtype)
    assert nested(starts, docs, values) == [[] if key in chosen else one for key, one in enumerate(plain)]
    expected = [reference.encode_gaps(plain[key]) for key in chosen]
    assert nested(long_starts, gaps, long_values) == [entries for entries, _ in expected]
    assert [skips[a:b].tolist() for a, b in itertools.pairwise(skip_starts)] == [numbers for _, numbers in expected]

    out_starts, all_docs, all_values = flat(plain, dtype)
    out_docs, out_values = np.zeros_like(all_docs), np.zeros_like(all_values)
    places = np.array(chosen, np.uint32)
    decode_gaps(starts, docs, values, places, long_starts, gaps, long_values, out_starts, out_docs, out_values)
    assert nested(out_starts, out_docs, out_values) == plain


@pytest.mark.parametrize(
    ("docs", "gaps"),
    [
        ([], []),
        ([0], [0]),
        ([255], [255]),
        ([256], [255, 1]),
        ([0, 1, 511], [0, 1, 255, 255]),
        ([65_535], [255] * 257),
    ],
)
def test_a_gap_over_255_is_led_up_to_by_entries_without_a_value(docs: list[int], gaps: list[int]) -> None:
    starts, _, _, _, got, values, _, skips = written_as_gaps([[(doc, 9) for doc in docs]], [0], np.uint8)
    assert (starts.tolist(), got.tolist()) == ([0, 0], gaps)
    assert np.cumsum(got, dtype=np.int64)[values > 0].tolist() == docs
    assert skips.tolist() == [0, *np.cumsum(got, dtype=np.int64)[SKIP - 1 : -1 : SKIP].tolist()][: len(skips)]


@settings(max_examples=150, deadline=None)
@given(LISTS, st.integers(0, 1_000), DTYPES, st.sampled_from([1, 63, 64, 65, 700, 701, 65_536]))
def test_documents_get_new_numbers(lists: list[set[int]], seed: int, dtype: Any, n_docs: int) -> None:
    plain = [[pair for pair in one if pair[0] < n_docs] for one in with_values(lists, seed)]
    number = np.random.default_rng(seed).permutation(n_docs).astype(np.uint16)
    starts, docs, values = flat(plain, dtype)
    new_docs, new_values = renumber(starts, docs, values, number)
    assert (new_docs.dtype, new_values.dtype) == (docs.dtype, values.dtype)
    assert nested(starts, new_docs, new_values) == reference.renumber(plain, number.tolist())


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
@given(LISTS, st.integers(0, 1_000), DTYPES, st.data())
def test_living_documents_of_a_list(lists: list[set[int]], seed: int, dtype: Any, data: st.DataObject) -> None:
    plain = with_values(lists, seed)
    dead = (np.random.default_rng(seed).random(65_536) < 0.4).astype(np.uint8)
    expected = reference.count_alive(reference.densify(*flat(plain, np.uint8), 65_536), dead)
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(len(lists)))))) if lists else []
    starts, docs, _, long_starts, gaps, long_values, _, _ = written_as_gaps(plain, chosen, dtype)
    long_of = np.full(len(lists), -1, np.int32)
    long_of[chosen] = np.arange(len(chosen))
    wanted = np.random.default_rng(seed).permutation(len(lists))
    got = count_alive(wanted, starts, docs, long_of, long_starts, gaps, long_values, dead)
    assert got.tolist() == expected[wanted].tolist()


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
