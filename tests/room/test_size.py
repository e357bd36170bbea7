"""Sizes: bands, knees, and the order of dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from numen.encode.hashed import HashedEncoder
from numen.errors import InputError, OptionError
from numen.room.bands import band, difference_band
from numen.room.size import Size, check_dims, knee
from numen.room.sweep_largest import keep_largest
from numen.room.verdict import verdict


def size(name: str, room: int, value: float, index_bytes: int = 100, family: str = "numen", leg: str = "a leg") -> Size:
    per_query = {"R@100": {f"q{i}": float(i < value * 100) for i in range(100)}}
    band_of = {"R@100": (value, value)}
    return Size(name, family, room, {"R@100": value}, band_of, index_bytes, 1.0, None, per_query, leg)


def test_a_band_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    inside = 0
    for trial in range(200):
        values = {str(i): float(v) for i, v in enumerate(random.random(60) < 0.3)}
        low, high = band(values, trial)
        inside += low <= 0.3 <= high
    assert 0.9 <= inside / 200 <= 0.99


def test_a_paired_band_is_narrower_than_two_bands() -> None:
    random = np.random.default_rng(1)
    a = {str(i): float(v) for i, v in enumerate(random.random(200))}
    b = {query: value + 0.05 for query, value in a.items()}
    assert difference_band(a, b) == pytest.approx((0.05, 0.05))
    assert band(a) == band(a)
    with pytest.raises(InputError, match="different queries"):
        difference_band(a, {"0": 1.0})
    with pytest.raises(InputError, match="at least 2 queries"):
        band({"q": 1.0})


def test_the_knee_is_where_nothing_larger_is_better() -> None:
    sizes = [size("a", 512, 0.2), size("b", 1024, 0.6), size("c", 2048, 0.59), size("d", 4096, 0.605)]
    assert knee(sizes, "R@100").name == "b"
    assert knee(sizes, "R@100", worth=0.001).name == "d"
    assert knee(sizes[:1], "R@100").name == "a"


@pytest.mark.parametrize(
    ("dims", "words"),
    [((1024, 512), "512 comes after 1024"), ((512, 512), "out of order"), ((), "no dimensions"), ((0, 5), "0 is no")],
)
def test_dimensions_out_of_order_are_named(dims: tuple[int, ...], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        check_dims(dims)
    assert check_dims((512, 1024)) == (512, 1024)


def test_the_largest_values_are_kept() -> None:
    vectors = HashedEncoder(4096).encode(["Who likes cats and dogs?", "", "birds"])
    kept = keep_largest(vectors, 3)
    assert np.diff(kept.indptr).tolist() == [3, 0, 3]
    for row in range(3):
        before = vectors.values[vectors.indptr[row] : vectors.indptr[row + 1]]
        after = kept.values[kept.indptr[row] : kept.indptr[row + 1]]
        assert sorted(after) == sorted(np.sort(before)[-3:])
        assert (np.diff(kept.indices[kept.indptr[row] : kept.indptr[row + 1]].astype(int)) > 0).all()


def test_the_verdict_takes_the_fewest_bytes_within_a_point_of_the_best() -> None:
    sizes = [
        size("numen:512", 512, 0.30, 10),
        size("numen:4096", 4096, 0.95, 80),
        size("numen:32768", 32768, 0.955, 300),
        size("bm25", 0, 0.96, 90, "references"),
    ]
    found = verdict(sizes, "R@100")
    assert found.recommended.name == "numen:4096"
    assert found.sentences[0].startswith("Take numen:4096: 80 bytes find 95 % of the answers in the first 100 hits")
    assert "by bm25" in found.sentences[0]
    assert "4,096 are enough (95 %)" in found.sentences[1]
    assert len(found.evidence) == len(found.sentences)
    small = verdict([size("m, first 8", 8, 0.2, 5, "m, first"), size("m", 16, 0.4, 9, "m, first")], "R@100", 0.9)
    assert "going there from 8 added 20.0 points, so that more room would help" in small.text
    assert "90 % is all there is to reach" in small.text


def test_what_numen_cannot_keep_is_named_but_not_recommended() -> None:
    sizes = [
        size("m", 32, 0.5, 400),
        size("m, 8 bits", 8, 0.5, 100, "m, bits"),
        size("m, 1 bit", 1, 0.495, 12, "b", ""),
    ]
    found = verdict(sizes, "R@100")
    assert found.recommended.name == "m, 8 bits"
    assert found.sentences[1] == "m, 1 bit would do in 12 bytes (50 %), but no leg of numen keeps vectors so."
    assert "no leg" not in verdict(sizes[:2], "R@100").text


def test_where_nothing_finds_answers_nothing_is_recommended_to_be_taken() -> None:
    met = size("numen:512", 512, 0.3)
    met.measures["nDCG@10"] = 0.01
    found = verdict([met], "R@100", chance=0.25)
    assert found.sentences[0].startswith("Nothing that was measured finds these answers: nDCG@10 is 0.010 at most")
    assert found.sentences[1] == "In any order at all 25 % would be reached."
