"""Runs of scripts without spaces become n-grams; words of look-alikes become words of one script."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numen.text import Analyzer
from numen.text.ranges import is_word
from numen.text.scripts import ALPHABETIC, CYRILLIC, LATIN, SYLLABIC, one_script, pieces


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("word", ["word"]),
        ("größe", ["größe"]),
        ("한국어는", ["한국어는"]),
        ("हिन्दी", ["हिन्दी"]),
        ("北", ["北"]),
        ("北京大", ["北", "京", "大", "北京", "京大"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー", "東京", "京タ", "タワ", "ワー"]),
        ("nfl黑豹2016", ["nfl", "黑", "豹", "黑豹", "2016"]),
        ("ก", ["ก"]),
        ("ไทย", ["ไท", "ทย", "ไทย"]),
        ("ที่นี่", ["ที่นี่"]),  # two letters, each with two marks
        ("មនុស្ស", ["មនុ", "នុស្", "ស្ស", "មនុស្", "នុស្ស"]),
        ("𠀀𠀁", ["𠀀", "𠀁", "𠀀𠀁"]),
    ],
)
def test_runs_without_spaces_are_cut(word: str, expected: list[str]) -> None:
    assert [piece for piece, _, _ in pieces(word)] == expected


@given(st.text(st.sampled_from("ab1é北京のกทิ่ក្\u0301한"), min_size=1, max_size=12))
def test_pieces_are_parts_of_the_word_and_cover_it(word: str) -> None:
    found = pieces(word)
    assert all(word[first:last] == piece and piece for piece, first, last in found)
    assert {i for _, first, last in found for i in range(first, last)} == set(range(len(word)))


def test_the_tables_hold_characters_of_words_and_no_script_twice() -> None:
    ranges = sorted(SYLLABIC + ALPHABETIC)
    assert all(first <= last for first, last in ranges)
    assert all(a[1] < b[0] for a, b in pairwise(ranges))
    for character in "的のカㄅ々〇ไລမខᦀꦲ":
        assert is_word(character)
        assert any(first <= ord(character) <= last for first, last in ranges)
    for character in "aéжαأहத한ა":
        assert not any(first <= ord(character) <= last for first, last in ranges)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("paypal", "paypal"),
        ("раураl", "paypal"),  # all but the last letter are Cyrillic
        ("pаypаl", "paypal"),
        ("мoсква", "москва"),  # the first o is Latin
        ("Mосква", "Москва"),
        ("ВMW", "BMW"),
        ("сайт", "сайт"),
        ("youtubeда", "youtubeда"),  # neither script can stand for the other
        ("μm", "μm"),
        ("", ""),
    ],
)
def test_words_of_look_alikes_become_words_of_one_script(word: str, expected: str) -> None:
    assert one_script(word) == expected


def test_each_letter_has_one_that_looks_like_it() -> None:
    assert len(CYRILLIC) == len(LATIN) == len(set(CYRILLIC))
    assert all("\u0400" <= c <= "\u052f" for c in CYRILLIC)
    assert LATIN.isascii()


def test_terms_know_their_place_in_the_original() -> None:
    text = "NFL的 黑豹：ﾄｳｷｮｳ Mоsкva"
    terms = Analyzer(unspaced=True, lookalikes=True).analyze(text)
    found = {term.text: text[term.start : term.end] for term in terms}
    assert found["nfl"] == "NFL"
    assert found["黑豹"] == "黑豹"
    assert found["トウ"] == "ﾄｳ"
    assert found["moskva"] == "Mоsкva"


def test_diacritics_can_be_folded_and_kept() -> None:
    analyzer = Analyzer(fold_diacritics="also")
    assert analyzer.terms("Café cafe") == ["cafe", "\x01café", "cafe"]
    assert Analyzer(fold_diacritics="also", language="spanish").terms("canciones canción") == [
        "cancion",
        "cancion",
        "\x01cancion",
    ]
    assert analyzer.terms("हिन्दी 北京") == ["हिन्दी", "北京"]
    spans = [(term.start, term.end) for term in analyzer.analyze("the cafe\u0301s")]
    assert spans == [(0, 3), (4, 10), (4, 10)]
