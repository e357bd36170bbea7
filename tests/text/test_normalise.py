"""One spelling for one text, and the way back to the original."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.text.normalise import SECONDS, normalise, normalise_with_offsets

TRICKY = (
    "aAßẞİıIΣσςſﬁﷺ½Å\u212bøæ"  # case, compatibility
    "\u0301\u0323\u0308\u0307\u0345\u0344\u0f71\u0f73\u0338\u3099\u0316"  # marks of many classes
    "\u1100\u1161\u11a8가각ᆼ\uffa1\uffc2\u3131"  # Hangul: jamo, syllables, halfwidth
    "カか\uff76\uff9e\uff9f\u309a"  # halfwidth kana and voicing
    "\u09c7\u09be\u09d7\u0b47\u0b56\u0cc6\u0cc2\u0cd5\u0dd9\u0dcf\u0dca\u1025\u102e\U00011131\U00011127"  # Indic pairs
    "हि्न\u064e\u0651ش\u05b8א \0.😀\ud800\udfff\ufffd"
)
CHARACTERS = st.one_of(
    st.sampled_from(TRICKY),
    st.sampled_from(sorted(SECONDS)),
    st.characters(),
    st.characters(categories=["Mn", "Mc", "Me"]),
)
JOINED: tuple[str, ...] = (
    "\u1100\u1161",
    "가\u11a8",
    "\u1100\u1161\u11a8",
    "\u09c7\u09be",
    "\u0b47\u0b56",
    "\u0cc6\u0cc2\u0cd5",
)
JOINED += (
    "\u0dd9\u0dcf\u0dca",
    "\u1025\u102e",
    "\U00011131\U00011127",
    "\uff76\uff9e",
    "\uffa1\uffc2",
    "e\u0323\u0302",
)
TEXTS = st.lists(st.one_of(CHARACTERS, st.sampled_from(JOINED)), max_size=20).map("".join)
OPTIONS = st.fixed_dictionaries(
    {"case": st.sampled_from(["fold", "lower", "keep"]), "nfkc": st.booleans(), "fold_diacritics": st.booleans()}
)


@settings(max_examples=1500, deadline=None)
@given(TEXTS, OPTIONS)
def test_with_offsets_gives_the_same_text_and_places_in_order(text: str, options: dict[str, Any]) -> None:
    normal, starts, ends = normalise_with_offsets(text, **options)
    assert normal == normalise(text, **options)
    assert len(starts) == len(ends) == len(normal)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    assert all(a <= b for a, b in pairwise(starts.tolist()))
    assert all(a <= b for a, b in pairwise(ends.tolist()))


@settings(max_examples=1000, deadline=None)
@given(TEXTS, OPTIONS)
def test_each_stretch_normalises_on_its_own_to_what_it_is_said_to_give(text: str, options: dict[str, Any]) -> None:
    normal, starts, ends = normalise_with_offsets(text, **options)
    for start, end in set(zip(starts.tolist(), ends.tolist(), strict=True)):
        said = "".join(c for c, s in zip(normal, starts.tolist(), strict=True) if s == start)
        # A sigma's shape depends on its neighbours when the case is lowered.
        assert normalise(text[start:end], **options).replace("ς", "σ") == said.replace("ς", "σ")


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_the_default_is_nfkc_case_folding_and_nfkc_again(text: str) -> None:
    clean = "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    folded = unicodedata.normalize("NFKC", clean).casefold()
    assert normalise(text) == unicodedata.normalize("NFKC", folded)


@settings(max_examples=500, deadline=None)
@given(TEXTS, OPTIONS)
def test_every_text_can_be_encoded_afterwards(text: str, options: dict[str, Any]) -> None:
    assert normalise(text, **options).encode().decode() == normalise(text, **options)


def test_the_table_of_second_halves_has_all_that_this_python_composes() -> None:
    found = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            second = chr(int(parts[1], 16))
            pair = chr(int(parts[0], 16)) + second
            if unicodedata.combining(second) == 0 and unicodedata.normalize("NFC", pair) == chr(code):
                found.add(second)
    assert found <= SECONDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("HeLLo", "hello"),
        ("Straße", "strasse"),
        ("İstanbul", "i\u0307stanbul"),
        ("ﬁn", "fin"),
        ("ΣΟΦΟΣ", "σοφοσ"),
        ("e\u0301", "é"),
        ("ｶﾞ", "ガ"),
        ("\u1112\u1161\u11ab", "한"),
        ("½", "1\u20442"),
        ("a\0b", "a\0b"),
        ("é\ud800", "é\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_default_spellings(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_one_character_can_give_two_and_two_can_give_one() -> None:
    normal, starts, ends = normalise_with_offsets("aße\u0301b")
    assert normal == "assé" + "b"
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [(0, 1), (1, 2), (1, 2), (2, 4), (4, 5)]


@pytest.mark.parametrize("pair", JOINED)
def test_characters_that_normalisation_joins_have_one_place(pair: str) -> None:
    normal, starts, ends = normalise_with_offsets(f"x{pair}y")
    assert len(normal) < len(pair) + 2
    assert starts.tolist() == [0, *[1] * (len(normal) - 2), 1 + len(pair)]
    assert ends.tolist() == [1, *[1 + len(pair)] * (len(normal) - 2), 2 + len(pair)]


@pytest.mark.parametrize(
    ("text", "case", "nfkc", "expected"),
    [
        ("ÉCOLE ﬁ", "lower", False, "école ﬁ"),
        ("Straße", "lower", True, "straße"),
        ("ΣΟΦΟΣ", "lower", False, "σοφος"),
        ("Éﬁ", "keep", True, "Éfi"),
        ("Éﬁ", "keep", False, "Éﬁ"),
        ("Plain", "keep", True, "Plain"),
        ("Plain", "lower", False, "plain"),
    ],
)
def test_case_and_composition_are_options(text: str, case: str, nfkc: bool, expected: str) -> None:
    assert normalise(text, case=case, nfkc=nfkc) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ọ̀ṣun àti Yorùbá", "osun ati yoruba"),
        ("Łódź", "lodz"),
        ("smørrebrød", "smorrebrod"),
        ("Ægir œuvre Þór", "aegir oeuvre thor"),
        ("Ά", "α"),
        ("й", "и"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ı İ", "i i"),
    ],
)
def test_folded_diacritics(text: str, expected: str) -> None:
    assert normalise(text, fold_diacritics=True) == expected


@pytest.mark.parametrize("text", ["हिन्दी", "ภาษาไทย", "が", "パ", "தமிழ்", "한국어", "বাংলা"])
def test_marks_that_are_letters_to_their_readers_are_not_folded(text: str) -> None:
    assert normalise(text, fold_diacritics=True) == normalise(text)


@pytest.mark.parametrize("unit", ["\u0301\u0323", "\u0f73\u0301", "\uff9e\u0301\u0323", "\u0344\u0316"])
@pytest.mark.parametrize("fold", [False, True])
def test_long_runs_of_marks_give_what_unicodedata_gives(unit: str, fold: bool) -> None:
    for text in (f"a{unit * 90}b", f"ệ{unit * 70}é{unit * 100}", unit * 120, f"x{unit * 20}y{unit * 40}z" * 3):
        expected = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if not fold:
            assert normalise(text) == expected
        assert normalise_with_offsets(text, fold_diacritics=fold)[0] == normalise(text, fold_diacritics=fold)


@pytest.mark.parametrize("options", [{}, {"fold_diacritics": True}, {"nfkc": False, "fold_diacritics": True}])
def test_a_million_mixed_marks_take_no_quadratic_time(options: dict[str, Any]) -> None:
    # By insertion this would take a quarter of an hour.
    normal, starts, _ = normalise_with_offsets("a" + "\u0301\u0323" * 500_000, **options)
    assert normal == ("a" if "fold_diacritics" in options else "ạ" + "\u0323" * 499_999 + "\u0301" * 500_000)
    assert len(starts) == len(normal)


def test_half_a_million_marks_that_come_apart_take_no_quadratic_time() -> None:
    assert normalise("a" + "\u0f73" * 500_000) == "a" + "\u0f71" * 500_000 + "\u0f72" * 500_000
