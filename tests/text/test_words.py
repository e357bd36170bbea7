"""Words in a normalised text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.text.ranges import is_word
from numen.text.words import whitespace_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("...", []),
        ("don't stop", ["don", "t", "stop"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("我爱北京。天安门", ["我爱北京", "天安门"]),
        ("ภาษาไทย ดี", ["ภาษาไทย", "ดี"]),
        ("اللُّغَة العربية", ["اللُّغَة", "العربية"]),
        ("ọ̀ṣun", ["ọ̀ṣun"]),
        ("a😀b", ["a", "b"]),
        ("a\0b", ["a", "b"]),
        ("x_y", ["x", "y"]),
        ("b2b 3.5", ["b2b", "3", "5"]),
        ("\U00020000\U0001f600𝟙", ["\U00020000", "𝟙"]),
    ],
)
def test_words_are_runs_of_letters_marks_and_numbers(text: str, expected: list[str]) -> None:
    assert [word for word, _, _ in words(text)] == expected


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.sampled_from("aé中ि .\0"), st.characters()), max_size=40))
def test_words_are_the_maximal_runs_of_the_table(text: str) -> None:
    found = words(text)
    inside = [False] * len(text)
    for word, start, end in found:
        assert word == text[start:end] != ""
        inside[start:end] = [True] * (end - start)
        assert end == len(text) or not is_word(text[end])
    assert inside == [is_word(c) for c in text]


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.sampled_from("ab\x1c\x85\xa0\u2003\u200b\u3000\n "), st.characters()), max_size=40))
def test_whitespace_words_are_those_of_str_split_with_their_places(text: str) -> None:
    found = whitespace_words(text)
    assert [word for word, _, _ in found] == text.split()
    assert all(text[start:end] == word for word, start, end in found)
