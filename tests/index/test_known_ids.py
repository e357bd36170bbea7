"""Which ids no segment has: never wrong about one that is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numen.index import known_ids
from numen.index.keys import Vocabulary
from numen.index.known_ids import KnownIds
from numen.index.segment import LiveSegment, Segment
from numen.kernels.ids import hash_ids


def segment(number: int, ids: Sequence[str]) -> LiveSegment:
    return LiveSegment(Segment.of(number, np.arange(len(ids)), ids, {}), np.empty(0, np.uint16))


def hashes(ids: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    names = Vocabulary.of(id.encode() for id in ids)
    return hash_ids(names.blob, names.starts)


def test_ids_of_segments_are_known_and_others_are_not() -> None:
    known, first, second = KnownIds(), segment(1, ["a", "b"]), segment(2, ["c"])
    asked = hashes(["a", "b", "c", "d"])
    assert known.may_have([first], asked).tolist() == [True, True, False, False]
    assert known.may_have([first, second], asked).tolist() == [True, True, True, False]


def test_another_segment_of_the_same_number_is_looked_at() -> None:
    known, first = KnownIds(), segment(1, ["a"])
    known.may_have([first], hashes(["a"]))
    again = segment(1, ["b"])
    assert known.may_have([again], hashes(["b"])).tolist() == [True]


def test_what_was_merged_away_is_forgotten_in_time() -> None:
    known = KnownIds()
    rounds = 2 + known_ids.BYTES // 8 // 1_000
    for number in range(rounds):
        known.may_have([segment(number, [f"{number}-{i}" for i in range(1_000)])], hashes(["a"]))
    last = segment(rounds, ["last"])
    assert known.may_have([last], hashes(["last", "0-0", "1-1", "2-2"])).tolist() == [True, False, False, False]
