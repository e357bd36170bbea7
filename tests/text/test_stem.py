"""Snowball stemmers by language."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from numen.errors import OptionError
from numen.text.stem import LONGEST, check_language, languages, stemmer


def test_languages_are_named_in_order() -> None:
    assert {"english", "german", "hindi", "arabic"} <= set(languages())
    assert list(languages()) == sorted(languages())


@pytest.mark.parametrize(
    ("language", "words", "stems"),
    [
        ("english", ["running", "flows", "generously", "a"], ["run", "flow", "generous", "a"]),
        ("german", ["häuser", "laufen"], ["haus", "lauf"]),
        ("russian", ["книгами"], ["книг"]),
        ("english", [], []),
    ],
)
def test_stems(language: str, words: list[str], stems: list[str]) -> None:
    assert stemmer(language)(words) == stems


@pytest.mark.parametrize("check", [check_language, stemmer])
def test_an_unknown_language_names_the_nearest(check: object) -> None:
    with pytest.raises(OptionError, match="did you mean 'english'"):
        (check_language if check is check_language else stemmer)("englsh")


@pytest.mark.parametrize("language", languages())
def test_every_word_has_a_stem_and_huge_ones_are_their_own(language: str) -> None:
    huge = ["é" * 1_000_000, "क" * (LONGEST + 1), "ing" * 1000]
    small = ["a", "é", "ing", "ات", "ने", "1", "\ufffd", "e" * LONGEST]
    assert stemmer(language)(huge) == huge
    assert all(stemmer(language)(small))


def test_threads_get_the_same_stems() -> None:
    words = [f"{stem}{end}" for stem in ("walk", "jump", "gener", "relat") for end in ("ing", "ed", "ations", "s")] * 50
    expected = stemmer("english")(words)
    stem = stemmer("english")
    with ThreadPoolExecutor(8) as pool:
        assert all(stems == expected for stems in pool.map(stem, [words] * 32))
