"""Stop words by language."""

from __future__ import annotations

from importlib.resources import files

import pytest

from numen.errors import OptionError
from numen.text.stem import languages
from numen.text.stopwords import LISTS, stop_words


def test_english_has_the_33_words_of_lucene() -> None:
    lucene = (
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with"
    )
    assert stop_words("english") == set(lucene.split())
    assert len(stop_words("english")) == 33
    assert stop_words("porter") == stop_words("english")


@pytest.mark.parametrize(
    ("language", "some"),
    [
        ("danish", "og ikke være"),
        ("dutch", "de het een"),
        ("dutch_porter", "de het een"),
        ("finnish", "ja että tämä"),
        ("french", "le la été à"),
        ("german", "der die das über"),
        ("hungarian", "ő az előtt"),
        ("italian", "il di è"),
        ("norwegian", "og ikke å"),
        ("portuguese", "o não são"),
        ("russian", "и не что"),
        ("spanish", "el la él"),
        ("swedish", "och inte är"),
    ],
)
def test_languages_with_a_list(language: str, some: str) -> None:
    assert set(some.split()) <= stop_words(language)
    assert 50 < len(stop_words(language)) < 400


@pytest.mark.parametrize("language", LISTS)
def test_lists_are_lower_case_sorted_and_without_characters_read_in_a_wrong_encoding(language: str) -> None:
    text = files("numen.text").joinpath("data", f"{language}.txt").read_text(encoding="utf-8")
    words = text.splitlines()
    assert words == sorted(set(words))
    assert all(word.isalpha() and word == word.lower() for word in words)
    assert not set("õû") & set(text) or language != "hungarian"


def test_every_list_belongs_to_a_stemmer_and_has_its_origin_beside_it() -> None:
    assert set(LISTS) <= set(languages())
    notice = files("numen.text").joinpath("data", "NOTICE.txt").read_text(encoding="utf-8")
    assert "Snowball" in notice
    assert "Redistribution and use" in notice


def test_a_language_without_a_list_has_none() -> None:
    assert stop_words("tamil") == frozenset()


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'german'"):
        stop_words("germann")
