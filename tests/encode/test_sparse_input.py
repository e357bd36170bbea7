"""Vectors in every form in which they may come, and in every form in which they may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numen.encode.given import GivenEncoder
from numen.encode.sparse_input import all_vectors, vector_reader
from numen.encode.vectors import SparseVectors
from numen.errors import InputError

ROWS: list[dict[int, float]] = [{2: 0.5, 7: 1.5}, {}, {0: 3.0}]
NAN, INF = float("nan"), float("inf")


def read(vectors: object, encoder: GivenEncoder | None = None) -> list[dict[int, float]]:
    found = all_vectors(vector_reader(vectors, "leg", encoder or GivenEncoder(10)))
    cuts = found.starts.tolist()
    numbers, values = found.numbers.tolist(), found.values.tolist()
    assert [array.dtype.str for array in (found.starts, found.numbers, found.values)] == ["<i8", "<u4", "<f4"]
    assert all(numbers[a:b] == sorted(numbers[a:b]) for a, b in pairwise(cuts))
    return [dict(zip(numbers[a:b], values[a:b], strict=True)) for a, b in pairwise(cuts)]


def csr(
    indptr: object = (0, 2, 2, 3), indices: object = (2, 7, 0), data: object = (0.5, 1.5, 3.0), shape: object = (3, 10)
) -> Any:
    """What scipy.sparse.csr_array looks like from outside."""
    return SimpleNamespace(
        indptr=np.asarray(indptr), indices=np.asarray(indices), data=np.asarray(data), shape=shape, format="csr"
    )


def one_row(indices: list[int], values: list[float]) -> tuple[list[int], list[int], list[float]]:
    return [0, len(indices)], indices, values


FORMS: list[Callable[[], object]] = [
    lambda: csr(),
    lambda: ([0, 2, 2, 3], [2, 7, 0], [0.5, 1.5, 3.0]),
    lambda: ([0, 2, 2, 3], [7, 2, 0], [1.5, 0.5, 3.0]),
    lambda: (np.array([0, 2, 2, 3], np.uint64), np.array([2, 7, 0], np.uint8), np.array([0.5, 1.5, 3], np.float16)),
    lambda: ([0, 3, 3, 5], [2, 3, 7, 0, 1], [0.5, 0.0, 1.5, 3.0, 1e-60]),
    lambda: SparseVectors(
        np.array([0, 2, 2, 3]), np.array([2, 7, 0], np.uint32), np.array([0.5, 1.5, 3.0], np.float32), 10
    ),
    lambda: ROWS,
    lambda: iter(ROWS),
    lambda: tuple(ROWS),
    lambda: ({np.int32(k): np.float64(v) for k, v in row.items()} for row in ROWS),
    lambda: [{**row, 9: 0, 8: 1e-300} for row in ROWS],
]


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_every_form_reads_as_the_same_vectors(form: int) -> None:
    assert read(FORMS[form]()) == ROWS


@pytest.mark.parametrize("values", [np.array([1, 2, 3], np.int64), np.array([1, 2, 3], np.uint8), [1, 2, 3]])
def test_whole_numbers_are_weights_too(values: object) -> None:
    assert read(([0, 3], [4, 5, 6], values)) == [{4: 1.0, 5: 2.0, 6: 3.0}]
    assert read(([0, 2], [4, 5], np.array([True, False]))) == [{4: 1.0}]


def test_no_vectors_at_all() -> None:
    forms: list[object] = [[], csr([0], [], [], (0, 10)), ([0], [], []), iter(())]
    for nothing in forms:
        assert read(nothing) == []
    assert read(([0, 0, 0], [], [])) == [{}, {}]


def test_a_sparse_array_of_one_dimension_is_one_row() -> None:
    assert read(csr([0, 2], [2, 7], [1.0, 2.0], (10,))) == [{2: 1.0, 7: 2.0}]


def test_terms_are_strings_as_they_stand() -> None:
    encoder = GivenEncoder(terms=True)
    with pytest.raises(InputError, match="a term is empty"):
        read([{"fox": 1.0, "": 0.0}], encoder)
    found = all_vectors(vector_reader([{"Fox": 1.0, "fox ": 2}, {"fox ": 3.0}], "leg", encoder))
    assert found.terms == (b"Fox", b"fox ")
    assert found.numbers.tolist() == [0, 1, 1]


def test_values_below_zero_where_they_are_allowed() -> None:
    encoder = GivenEncoder(10, negative=True)
    assert read([{1: -0.5, 2: 2.0}], encoder) == [{1: -0.5, 2: 2.0}]
    assert read(one_row([2, 1], [2.0, -0.5]), encoder) == [{1: -0.5, 2: 2.0}]


UNFIT: list[tuple[object, str]] = [
    (([0, 1, 2], [1, 2], [1.0, NAN]), r"vector 1 of leg 'leg': index 2 has the value nan; values must be finite"),
    (([0, 1, 2], [1, 2], [1.0, INF]), "vector 1 of leg 'leg': index 2 has the value inf"),
    (one_row([1, 2], [1.0, -INF]), "vector 0 of leg 'leg': index 2 has the value -inf"),
    (one_row([5], [1e39]), r"index 5 has the value 1e\+39; values must be finite, and fit float32"),
    (one_row([5], [-0.25]), "index 5 has the value -0.25; values must not be negative, unless .* negative=allow"),
    (one_row([5, 10], [1.0, 1.0]), "index 10 is too large: numbers must be below 10"),
    (one_row([5, -3], [1.0, 1.0]), "index -3 is below zero"),
    (one_row([1 << 40], [1.0]), "index 1099511627776 is too large"),
    (one_row([5, 6, 5], [1.0, 2.0, 3.0]), "vector 0 of leg 'leg': index 5 occurs twice"),
    (one_row([5, 5], [0.0, 0.0]), "index 5 occurs twice"),
    (([0, 1, 3], [5, 6, 6], [1.0, 2.0, 3.0]), "vector 1 of leg 'leg': index 6 occurs twice"),
    ([{1: 1.0}, {5: NAN}], "vector 1 of leg 'leg': index 5 has the value nan"),
    ([{5: 10**400}], "the weight of 5 is too large"),
    ([{5: "1.0"}], "the weight of 5 is '1.0'; it must be a number"),
    ([{5: None}], "the weight of 5 is None; it must be a number"),
    ([{5: 1j}], "it must be a number"),
    ([{5: [1.0]}], "it must be a number"),
    ([{"fox": 1.0}], r"'fox' is no index; 'given:10' takes whole numbers \(strings: given:terms\)"),
    ([{1.5: 1.0}], "1.5 is no index"),
    ([{True: 1.0}], "True is no index"),
    ([{10: 1.0}], "index 10 is too large"),
    ([{-1: 1.0}], "index -1 is below zero"),
    ([{1 << 80: 1.0}], "index 1208925819614629174706176 is out of range"),
    ([None], r"a vector is a mapping \{index: weight\}, \{\} for none; found a NoneType"),
    ([[1, 2]], "found a list"),
    (([1, 2], [1, 2], [1.0, 2.0]), r"vectors of leg 'leg': indptr starts with \[1\]; it must start with 0"),
    (([], [], []), r"indptr starts with \[\]"),
    (([0, 2, 1, 3], [1, 2, 3], [1.0, 2.0, 3.0]), "indptr falls from 2 to 1 at row 1"),
    ((np.array([0, 2, 1, 3], np.uint32), [1, 2, 3], [1.0, 2.0, 3.0]), "indptr falls from 2 to 1"),
    (([0, 2], [1, 2, 3], [1.0, 2.0]), "indptr ends with 2, but there are 3 indices and 2 values"),
    (([0, 3], [1, 2], [1.0, 2.0]), "indptr ends with 3"),
    (([0, 1], [1.0], [1.0]), "indices holds float64; it must hold whole numbers"),
    (([0, 1], [1], ["a"]), "values holds <U1; it must hold numbers"),
    (([0, 1], [1], [1j]), "values holds complex128"),
    (([0, 1], [1], [[1.0]]), r"values has the shape \(1, 1\); it must have one dimension"),
    (([0, 2], [[1], [2, 3]], [1.0, 2.0]), "indices is no array"),
    ((0, 1, 2), r"indptr has the shape \(\)"),
    (csr(shape=(4, 10)), r"the shape is \(4, 10\), but indptr has 3 rows"),
    (csr(shape=(3, 11)), r"the vectors have 11 dimensions, the leg \(given:10\) has 10"),
    (csr(shape=(3, 5)), "index 7 is too large: numbers must be below 5"),
    (
        SimpleNamespace(indptr=[0], indices=[], data=[], shape=(0, 10), format="csc"),
        r"format 'csc'; .*matrix.tocsr\(\)",
    ),
    (SimpleNamespace(tocsr=None), r"pass its rows: matrix.tocsr\(\)"),
    (np.zeros((2, 10)), "a dense array; pass scipy.sparse.csr_array"),
    ({1: 1.0}, "a single mapping; put a single vector in a list"),
    ("text", "got a str; vectors are a scipy.sparse CSR matrix"),
    (7, "got a int; vectors are"),
    (None, "got a NoneType"),
]


@pytest.mark.parametrize("case", range(len(UNFIT)))
def test_unfit_vectors_say_what_is_wrong(case: int) -> None:
    vectors, message = UNFIT[case]
    with pytest.raises(InputError, match=message):
        read(vectors)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([{5: 1.0}], r"5 is no term; 'given:terms' takes strings"),
        ([{"fox": NAN}], "vector 0 of leg 'leg': term 'fox' has the value nan"),
        ([{"a": 1.0, "fox": -1.0}], "term 'fox' has the value -1.0; values must not be negative"),
        ([{"\ud800": 1.0}], "lone surrogate"),
        ([["fox"]], r"a vector is a mapping \{term: weight\}"),
        (([0, 1], [1], [1.0]), r"takes terms: pass mappings \{term: weight\}, no arrays"),
    ],
)
def test_unfit_vectors_of_terms_say_what_is_wrong(vectors: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(vectors, GivenEncoder(terms=True))


def test_one_bad_row_leaves_the_others_as_they_are() -> None:
    indptr, indices = [0, 2, 3, 5, 5, 7], [1, 2, 11, 4, 4, 6, 5]
    reader = vector_reader((indptr, indices, [1.0, 0.0, 1.0, 2.0, 3.0, 7.0, NAN]), "leg", GivenEncoder(10))
    for _ in range(5):
        reader.pull()
    found = reader.batch()
    assert {row: why.split(": ")[1].split(";")[0] for row, why in found.bad.items()} == {
        1: "index 11 is too large",
        2: "index 4 occurs twice",
        4: "index 5 has the value nan",
    }
    assert found.vectors.starts.tolist() == [0, 1, 1, 1, 1, 1]
    assert found.vectors.numbers.tolist() == [1]


def test_rows_are_named_by_their_place_among_all() -> None:
    for vectors in (([0, 1, 2, 3], [1, 2, 3], [1.0, 1.0, NAN]), [{1: 1.0}, {2: 1.0}, {3: NAN}]):
        reader = vector_reader(vectors, "leg", GivenEncoder(10))
        assert [reader.pull(), reader.pull()] == [1, 1]
        assert len(reader.batch().vectors) == 2
        assert reader.pull() == 1
        assert reader.batch().bad[0].startswith("vector 2 of leg 'leg': index 3")


def test_too_few_and_too_many_vectors_are_told() -> None:
    for vectors in (([0, 1], [1], [1.0]), [{1: 1.0}], iter([{1: 1.0}])):
        reader = vector_reader(vectors, "leg", GivenEncoder(10))
        if reader.size() is not None:
            with pytest.raises(InputError, match="leg 'leg' got 1 vectors for 2 documents; give one for each"):
                reader.expect(2)
        with pytest.raises(InputError, match="leg 'leg' got more vectors than the 0 documents"):
            reader.finish(0)
        reader.pull()
        reader.finish(1)
        with pytest.raises(InputError, match="leg 'leg' got 1 vectors, but there are more documents"):
            reader.pull()


def test_mappings_are_consumed_as_they_are_asked_for() -> None:
    seen: list[int] = []

    def endless() -> Iterator[dict[int, float]]:
        while True:
            seen.append(len(seen))
            yield {1: 1.0}

    reader = vector_reader(endless(), "leg", GivenEncoder(10))
    for _ in range(5):
        reader.pull()
    assert len(reader.batch().vectors) == 5
    assert len(seen) == 5


def test_mapped_arrays_are_read_a_batch_at_a_time(tmp_path: Path) -> None:
    n, width = 1_000, 20
    np.save(tmp_path / "indices.npy", np.tile(np.arange(width, dtype=np.int32), n))
    np.save(tmp_path / "values.npy", np.ones(n * width, np.float32))
    indices, values = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("indices", "values"))
    reader = vector_reader((np.arange(n + 1) * width, indices, values), "leg", GivenEncoder(width))
    held = [array for array in vars(reader).values() if isinstance(array, np.ndarray) and len(array) == n * width]
    assert len(held) == 2
    assert np.shares_memory(held[0], indices)
    assert np.shares_memory(held[1], values)
    for _ in range(10):
        reader.pull()
    found = reader.batch().vectors
    assert (len(found), len(found.values)) == (10, 10 * width)


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(-2, 12), st.floats(width=32) | st.sampled_from([0.0, -1.0, 1e39, 1e-50])), max_size=6
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_arrays_are_checked_as_a_plain_loop_would(rows: list[list[tuple[int, float]]], negative: bool) -> None:
    flat = [entry for row in rows for entry in row]
    indptr = np.cumsum([0, *map(len, rows)])
    arrays = (indptr, np.array([i for i, _ in flat], np.int64), np.array([v for _, v in flat], np.float64))
    reader = vector_reader(arrays, "leg", GivenEncoder(10, negative=negative))
    assert [reader.pull() for _ in rows] == [len(row) for row in rows]
    found = reader.batch()
    for place, row in enumerate(rows):
        with np.errstate(over="ignore", under="ignore"):
            values = [float(np.float32(value)) for _, value in row]
        fit = (
            all(0 <= index < 10 for index, _ in row)
            and all(np.isfinite(value) and (negative or value >= 0) for value in values)
            and len({index for index, _ in row}) == len(row)
        )
        assert (place not in found.bad) == fit
        expected = sorted((i, v) for (i, _), v in zip(row, values, strict=True) if v != 0) if fit else []
        part = found.vectors[place : place + 1]
        assert list(zip(part.numbers.tolist(), part.values.tolist(), strict=True)) == expected
