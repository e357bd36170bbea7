"""Which segments are merged, and what a merge makes of their documents, counts and rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from numen.encode import parse_encoder
from numen.index import inverted
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.merge import FAN, choose, merge
from numen.index.segment import LiveSegment, Segment

SPECS = {"words": "bm25", "grams": "numen:64"}


def live(n_docs: int, n_dead: int = 0) -> LiveSegment:
    """A segment of this size without ids and terms: all that `choose` looks at."""
    nothing = np.empty(0, np.uint8)
    segment = Segment(0, np.arange(n_docs), nothing, np.zeros(1, np.int64), nothing.astype(np.uint16), {})
    return LiveSegment(segment, np.arange(n_dead, dtype=np.uint16))


def segment_of(number: int, keys: Sequence[int], texts: Sequence[str]) -> Segment:
    legs = {}
    for name, spec in SPECS.items():
        encoder = parse_encoder(spec)
        counter, builder = encoder.counter(), LegBuilder(log=encoder.log)
        builder.append(counter.count(texts))
        legs[name] = builder.finish(counter.vocabulary())
    return Segment.of(number, np.array(keys, np.int64), [f"id{key}" for key in keys], legs)


def assert_same(one: Segment, other: Segment) -> None:
    assert set(one.arrays()) == set(other.arrays())
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name, strict=True)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([5], []),
        ([5] * (FAN - 1), []),
        ([5] * FAN, [list(range(FAN))]),
        ([5] * (FAN + 3), [list(range(FAN + 3))]),
        ([5] * 7 + [100] * 7, []),  # two classes, neither of them full
        ([100, *[5] * 8], [list(range(1, 9))]),
        ([40_000] * 8, []),  # two of these do not fit one segment
        ([30_000] * 3, [[0, 1]]),  # more of a class than fit one segment: what fits is merged
        ([32_768] * 2, []),
        ([32_768] * 3, [[0, 1]]),
    ],
)
def test_segments_of_one_size_are_merged_when_there_are_enough(sizes: list[int], expected: list[list[int]]) -> None:
    assert choose([live(size) for size in sizes]) == expected


def test_a_segment_mostly_dead_is_rewritten() -> None:
    assert choose([live(10, 5)]) == []
    assert choose([live(10, 6)]) == [[0]]
    assert choose([live(60_000), live(60_000, 30_001), live(3, 3)]) == [[1], [2]]


def test_repeated_choosing_ends_with_few_segments() -> None:
    sizes: list[int] = []
    for _ in range(3_000):
        sizes.append(40)
        while groups := choose([live(size) for size in sizes]):
            merged = {place for group in groups for place in group}
            new = [sum(sizes[place] for place in group) for group in groups]
            assert max(new) <= 65_536
            sizes = [size for place, size in enumerate(sizes) if place not in merged] + new
    assert sum(sizes) == 3_000 * 40
    assert len(sizes) <= 6 * FAN


def test_a_merge_is_a_build_of_what_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted, "ROW_MINIMUM", 4)
    rng = np.random.default_rng(2)
    words = ["common", "often", "rare", "seldom", "once", "twice"]

    def text() -> str:
        return " ".join(["common"] * int(rng.choice([1, 3, 300])) + list(rng.choice(words, int(rng.integers(0, 9)))))

    for _ in range(20):
        keys = rng.permutation(90)
        parts = [np.sort(part) for part in np.split(keys, [5, 40, 41])]  # keys interleave, as after earlier merges
        texts = {int(key): text() for key in keys}
        dead = [np.sort(rng.choice(len(p), int(rng.integers(0, len(p) + 1)), replace=False)) for p in parts]
        lives = [
            LiveSegment(segment_of(n, part.tolist(), [texts[int(key)] for key in part]), gone.astype(np.uint16))
            for n, (part, gone) in enumerate(zip(parts, dead, strict=True))
        ]
        kept = sorted(int(k) for part, gone in zip(parts, dead, strict=True) for k in np.delete(part, gone))
        got = merge(9, lives)
        if not kept:
            assert got is None
            continue
        assert got is not None
        assert_same(got, segment_of(9, kept, [texts[key] for key in kept]))


def test_rows_and_large_counts_go_through_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted, "ROW_MINIMUM", 2)
    texts = ["often " * 3, "often " * 70_000, "often other", "often " * 255, "often " * 254, "other"]
    halves = [segment_of(0, [0, 2, 4], texts[::2]), segment_of(1, [1, 3, 5], texts[1::2])]
    grams: Inverted = halves[0].legs["grams"]
    assert len(grams.row_places) > 0
    whole = merge(2, [LiveSegment(half, np.empty(0, np.uint16)) for half in halves])
    assert whole is not None
    assert_same(whole, segment_of(2, range(6), texts))
    assert sorted(whole.legs["words"].exceptions.counts.tolist()) == [255, 70_000]
    again = merge(3, [LiveSegment(whole, np.array([1, 3], np.uint16))])
    assert again is not None
    assert_same(again, segment_of(3, [0, 2, 4, 5], [texts[i] for i in (0, 2, 4, 5)]))


def test_nothing_alive_merges_to_nothing() -> None:
    assert merge(1, [live(3, 3), live(2, 2)]) is None


def test_more_than_fit_one_segment_are_refused() -> None:
    with pytest.raises(ValueError, match="65537 living documents do not fit"):
        merge(1, [live(65_536), live(1)])
