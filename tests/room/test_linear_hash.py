"""CRC-32's collisions: exact where letters are independent, chance where the model says nothing."""

from __future__ import annotations

import zlib
from collections import Counter
from itertools import product

import pytest

from numen.room.linear_hash import crc_pairs

SIZES = (256, 1024, 4096, 65536, 1 << 20)


def _counted(grams: list[str], dim: int) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(zlib.crc32(gram.encode()) % dim for gram in grams).values())


@pytest.mark.parametrize("lengths", [(1,), (2,), (3,), (1, 2, 3), (2, 4)])
def test_all_words_of_an_alphabet_collide_exactly_as_expected(lengths: tuple[int, ...]) -> None:
    grams = ["".join(letters) for length in lengths for letters in product("abgmoxz$^", repeat=length)]
    expected = crc_pairs(grams, SIZES)
    assert expected == pytest.approx({dim: _counted(grams, dim) for dim in SIZES}, abs=1e-6)


def test_any_words_of_two_letters_collide_exactly_as_expected() -> None:
    words = "in on at to of by up as is it he me my we so no go do if or an am us be".split()
    grams = [*words, *(word.upper() for word in words), "x", "y", "^", *(f"{n:02}" for n in range(60))]
    expected = crc_pairs(grams, SIZES)
    assert expected == pytest.approx({dim: _counted(grams, dim) for dim in SIZES}, abs=1e-6)


def test_words_that_differ_in_one_letter_never_collide() -> None:
    grams = [f"ab{letter}d" for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert crc_pairs(grams, SIZES) == pytest.approx(dict.fromkeys(SIZES, 0.0), abs=1e-9)


def test_words_beyond_the_model_collide_by_chance() -> None:
    grams = ["ä", "ö", "ü", "abcdefg", "abcdefh", "x"]
    assert crc_pairs(grams, (256, 300, 16)) == pytest.approx({256: 15 / 256})
    assert crc_pairs(grams, (300,)) == {}
