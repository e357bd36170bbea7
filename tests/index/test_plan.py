"""Which segments are merged, and that few are left however they come in."""

from __future__ import annotations

import numpy as np
import pytest

from numen.index.plan import FAN, SMALL, choose, fill
from numen.index.segment import LiveSegment, Segment

MUCH = 1 << 40


def live(n_docs: int, n_dead: int = 0, size: int = 0) -> LiveSegment:
    """A segment of so many documents and bytes without ids and terms: all that a plan looks at."""
    nothing = np.empty(0, np.uint8)
    segment = Segment(0, np.arange(n_docs), nothing, np.zeros(1, np.uint32), nothing.astype(np.uint16), {})
    segment.__dict__["bytes"] = size
    return LiveSegment(segment, np.arange(n_dead, dtype=np.uint16))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([5], []),
        ([5] * (2 * FAN - 1), []),
        ([5] * 2 * FAN, [list(range(2 * FAN))]),
        ([5] * (2 * FAN + 3), [list(range(2 * FAN + 3))]),
        ([5] * 7 + [100] * 7, []),  # two classes, neither of them full
        ([100, *[5] * 8], [list(range(1, 9))]),
        ([SMALL + 5] * (FAN - 1), []),
        ([SMALL + 5] * FAN, [list(range(FAN))]),
        ([SMALL * 4] * 3 + [SMALL] * 3, []),
        ([*[1_200] * 3, *[300] * 4], [list(range(7))]),  # four of 300 are the fourth of 1,200 at once
        ([40_000] * 8, []),  # two of these do not fit one segment
        ([30_000] * 3, [[0, 1]]),  # more of a class than fit one segment: what fits is merged
        ([32_768] * 2, []),
        ([32_768] * 3, [[0, 1]]),
    ],
)
def test_segments_of_one_size_are_merged_when_there_are_enough(sizes: list[int], expected: list[list[int]]) -> None:
    assert choose([live(size) for size in sizes], MUCH) == expected


def test_a_segment_mostly_dead_is_rewritten() -> None:
    assert choose([live(10, 5)], MUCH) == []
    assert choose([live(10, 6)], MUCH) == [[0]]
    assert choose([live(60_000), live(60_000, 30_001), live(3, 3)], MUCH) == [[1], [2]]


def test_a_group_takes_no_more_bytes_than_allowed() -> None:
    four = [live(SMALL, size=100)] * 4
    assert choose(four, 400) == [[0, 1, 2, 3]]
    assert choose(four, 399) == [[0, 1, 2]]
    assert choose(four, 199) == []  # no two fit, so they are as large as may be
    assert fill(four, 250) == [[0, 1], [2, 3]]
    assert fill(four, 99) == []
    assert fill([live(5, 1, size=100)] * 2, 99) == [[0], [1]]  # without their dead documents at least


@pytest.mark.parametrize("batch", [1, 40, 100, 3_000])
def test_repeated_choosing_ends_with_few_segments(batch: int) -> None:
    sizes: list[int] = []
    written = 0
    for _ in range(2_000):
        sizes.append(batch)
        for group in choose([live(size) for size in sizes], MUCH):
            merged = sum(sizes[place] for place in group)
            assert merged <= 65_536
            written += merged
            sizes = [size for place, size in enumerate(sizes) if place not in group] + [merged]
        full = sum(size > 32_768 for size in sizes)
        assert len(sizes) - full < 3 * 9
    assert sum(sizes) == 2_000 * batch
    assert written <= 9 * sum(sizes)


def test_filling_leaves_as_few_as_the_order_allows() -> None:
    assert fill([live(n) for n in (30_000, 30_000, 6_000, 65_536, 1, 2)], MUCH) == [[0, 1], [4, 5]]
    assert fill([live(65_536), live(65_536, 1), live(5)], MUCH) == [[1]]
    assert fill([], MUCH) == []
