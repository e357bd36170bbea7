"""Arrays as one run of bytes: what was put in comes out, and no changed byte gets through."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

from numen.errors import DamagedError
from numen.index.bundle import MOST_BYTES, bundle, fits, sound_parts, unbundle
from numen.index.files import Array

ARRAYS: dict[str, Array] = {
    "doc_keys": np.arange(5, dtype=np.int64),
    "empty": np.empty(0, np.uint16),
    "leg/rows": np.zeros((0, 7), np.uint8),
    "leg/codes": np.arange(300).astype(np.uint8).reshape(3, 100),
    "leg/across": np.arange(6, dtype=np.uint32).reshape(2, 3).T,
    "leg/values": np.linspace(0, 1, 11, dtype=np.float32),
}


def test_arrays_come_back_equal_and_cannot_be_written() -> None:
    data = bundle(ARRAYS)
    back = unbundle(data, zlib.crc32(data), "it")
    assert list(back) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(back[name], array, strict=True)
        assert not back[name].flags.writeable
        assert back[name].flags.aligned


def test_the_bytes_are_what_the_description_says() -> None:
    data = bundle(ARRAYS)
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    begin = -(-(4 + length) // 16) * 16
    assert set(header.pop("seals")) == {"doc_keys", "empty", "leg/", "header"}
    for name, entry in header.items():
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(data, entry["dtype"], count, begin + entry["at"]) if count else np.empty(0)
        assert array.reshape(entry["shape"]).tolist() == ARRAYS[name].tolist()
        assert entry["at"] % 16 == 0


def test_numbers_of_eight_bytes_are_kept_in_as_few_as_hold_them() -> None:
    for most, kept in ((65_535, "<u2"), (65_536, "<u4"), (2**32 - 1, "<u4"), (2**32, None), (-1, None)):
        array = np.array([[0, 7], [most, 1]], np.int64)
        data = bundle({"starts": array})
        header = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])["starts"]
        assert (header["dtype"], header.get("of")) == ((kept, "<i8") if kept else ("<i8", None))
        back = unbundle(data, zlib.crc32(data), "it")["starts"]
        np.testing.assert_array_equal(back, array, strict=True)
        assert not back.flags.writeable


def test_every_flipped_byte_is_found() -> None:
    data = bundle(ARRAYS)
    checksum = zlib.crc32(data)
    for place in range(len(data)):
        bad = bytearray(data)
        bad[place] ^= 0x10
        with pytest.raises(DamagedError, match="segment 3 does not match its checksum"):
            unbundle(bytes(bad), checksum, "segment 3")
    with pytest.raises(DamagedError, match="checksum"):
        unbundle(data[:-1], checksum, "segment 3")


def test_what_is_whole_of_a_damaged_bundle() -> None:
    data = bundle(ARRAYS)
    arrays, problems = sound_parts(data, "segment 3")
    assert (list(arrays), problems) == (list(ARRAYS), {})
    found: set[tuple[str, ...]] = set()
    for place in range(len(data)):
        bad = bytearray(data)
        bad[place] ^= 0x10
        arrays, problems = sound_parts(bytes(bad), "segment 3")
        found.add(tuple(problems))
        for name, array in arrays.items():  # what passes for whole is
            np.testing.assert_array_equal(array, ARRAYS[name], strict=True)
        assert all(text.startswith("segment 3: ") for text in problems.values())
    assert {("doc_keys",), ("leg/",), ("header",), ()} <= found  # (): between arrays
    assert sound_parts(data[:50], "segment 3")[0] == {}
    assert sound_parts(b"", "segment 3")[0] == {}


def test_small_segments_are_bundled() -> None:
    assert fits(MOST_BYTES)
    assert not fits(MOST_BYTES + 1)
