"""Vectors at rest: what each precision keeps, what merging and reordering leave as it is."""

from __future__ import annotations

import numpy as np
import pytest

from numen.index.flat import PRECISIONS, Flat, FlatBuilder
from numen.index.merge import merge
from numen.index.segment import LiveSegment, Segment

RNG = np.random.default_rng(1)
VECTORS = RNG.standard_normal((50, 24)).astype(np.float32)
VECTORS[7] = 0
NOBODY = np.empty(0, np.uint16)


def same(one: Flat, other: Flat) -> None:
    assert set(one.arrays()) == set(other.arrays())
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name, strict=True)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_arrays_make_the_same_leg_again(precision: str) -> None:
    part = Flat.of(VECTORS, precision)
    assert (part.n_docs, part.dim, part.precision, part.faults()) == (50, 24, precision, [])
    same(Flat.from_arrays(part.arrays()), part)
    assert (part.norms == 0).nonzero()[0].tolist() == [7]


def test_what_each_precision_says_of_a_vector() -> None:
    every = np.arange(50)
    largest = np.abs(VECTORS).max(axis=1, keepdims=True)
    for precision, error in (("float32", 0), ("float16", 2.0**-11), ("int8", 0), ("8bit", 0.5 / 127 * 1.001)):
        matrix = Flat.of(VECTORS, precision).matrix(every)
        assert (np.abs(matrix - VECTORS) <= error * largest).all()
        assert (np.abs(matrix - VECTORS).max() > 0) == (error > 0)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_lengths_are_bounds_from_above(precision: str) -> None:
    part = Flat.of(VECTORS, precision)
    exact = np.linalg.norm(part.matrix(np.arange(50)).astype(np.float64), axis=1)
    assert (part.norms >= exact).all()
    assert (part.norms <= exact * (1 + 1e-6)).all()
    if precision == "int8":
        rest = VECTORS - part.codes * part.scales[:, None].astype(np.float64)
        assert (part.residues >= np.linalg.norm(rest, axis=1)).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_merge_is_a_build_of_what_lives(precision: str) -> None:
    def segment(number: int, docs: range) -> Segment:
        builder = FlatBuilder(24, precision)
        builder.append(VECTORS[docs.start : docs.stop - 3])
        builder.append(VECTORS[docs.stop - 3 : docs.stop])
        return Segment.of(number, np.array(docs), [f"id{d}" for d in docs], {}, {"dense": builder.finish()})

    dead = np.array([2, 7], np.uint16)
    merged = merge(9, [LiveSegment(segment(1, range(20)), dead), LiveSegment(segment(2, range(20, 50)), NOBODY)])
    assert merged is not None
    living = np.delete(np.arange(50), dead)
    same(merged.flats["dense"], Flat.of(VECTORS[living], precision))
    again = Segment.from_arrays(9, merged.arrays())
    same(again.flats["dense"], merged.flats["dense"])


def test_what_does_not_fit_together_is_said() -> None:
    part = Flat.of(VECTORS, "int8")
    broken = Flat(part.rows[:3], part.halves, part.codes, part.scales[:1], part.norms, part.residues[:2])
    told = " ".join(broken.faults())
    assert "rows have the shape (3, 24)" in told
    assert "1 scales for 50 rows of codes" in told
    assert "2 residues for 50 vectors" in told
    assert Flat(part.rows[:0], part.halves, part.codes[:0], part.scales[:0], part.norms, part.residues).faults() == [
        "it holds no vectors"
    ]
