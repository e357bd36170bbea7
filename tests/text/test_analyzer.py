"""The analyzer: from a text to terms that know where they stand."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.errors import OptionError
from numen.text import Analyzer, Term
from numen.text.ngrams import ngrams
from numen.text.ranges import nonspace_class, word_class

KINDS = [
    Analyzer(),
    Analyzer.faithful(),
    Analyzer(language="english"),
    Analyzer(language="german", fold_diacritics=True),
    Analyzer(language="english", stop_words=()),
    Analyzer(stemmer="french", stop_words=("le", "la")),
    Analyzer(ngrams=(2, 3, 4, 5)),
    Analyzer(ngrams=(1, 6), stop_words=("a",)),
    Analyzer(case="keep", nfkc=False),
    Analyzer(case="lower", split="whitespace", fold_diacritics=True),
    Analyzer(fold_diacritics="also", unspaced=True, lookalikes=True),
    Analyzer(fold_diacritics="also", language="spanish", unspaced=True, stop_words=("a", "ไท")),
]
TEXTS = st.text(
    st.one_of(st.sampled_from("ab thing's ßİΣﬁ½é\u0301\u0323ｶﾞ\u1112\u1161\u11abहिन्दी中ไทย\0😀\ud800"), st.characters()),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \0\n", []),
        ("a", ["a"]),
        ("The Flows, flowing", ["the", "flows", "flowing"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("我爱 北京", ["我爱", "北京"]),
        ("ภาษาไทย", ["ภาษาไทย"]),
        ("اللُّغَة العربية", ["اللُّغَة", "العربية"]),
        ("Ọ̀ṣun", ["ọ̀ṣun"]),
        ("İSTANBUL", ["i\u0307stanbul"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("Ｔｏｋｙｏ１２３", ["tokyo123"]),
        ("hi 👩‍🚀 there", ["hi", "there"]),
        ("a\ud800b", ["a", "b"]),
    ],
)
def test_without_options_terms_are_folded_words(text: str, expected: list[str]) -> None:
    assert Analyzer().terms(text) == expected


def test_a_language_brings_its_stemmer_and_its_stop_words() -> None:
    assert Analyzer(language="english").terms("The Flows were flowing") == ["flow", "were", "flow"]


def test_stop_words_are_compared_before_stemming() -> None:
    analyzer = Analyzer(language="english", stop_words=("flowing",))
    assert analyzer.terms("The flowing flows flowed") == ["the", "flow", "flow"]


def test_stop_words_are_normalised_like_the_text() -> None:
    assert Analyzer(stop_words=("DASS", "Cafe\u0301")).terms("daß café Bar") == ["bar"]
    assert Analyzer(stop_words=("café",), fold_diacritics=True).terms("cafe bar") == ["bar"]
    assert Analyzer(stop_words=("l'eau",)).terms("l eau vive") == ["vive"]
    assert Analyzer(language="german").terms("daß dass") == []


def test_the_stemmer_can_be_had_without_the_stop_words_and_the_other_way_round() -> None:
    assert Analyzer(stemmer="english").terms("the flows") == ["the", "flow"]
    assert Analyzer(language="english", stop_words=()).terms("the flows") == ["the", "flow"]
    assert Analyzer(stop_words=("the",)).terms("the flows") == ["flows"]
    assert Analyzer(language="english", stemmer="german").terms("the häuser") == ["haus"]


def test_the_faithful_one_lowers_and_splits_at_white_space_alone() -> None:
    assert Analyzer.faithful().terms("Don't STOP,\u3000ﬁn Straße") == ["don't", "stop,", "ﬁn", "straße"]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_the_faithful_one_is_lower_and_split(text: str) -> None:
    clean = "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    assert Analyzer.faithful().terms(text) == clean.lower().split()


def test_diacritics_are_folded_on_demand() -> None:
    assert Analyzer(fold_diacritics=True).terms("Yorùbá Ọ̀ṣun हिन्दी") == ["yoruba", "osun", "हिन्दी"]


def test_ngrams_of_marked_words_are_terms() -> None:
    assert Analyzer(ngrams=(2, 3)).terms("Ab c") == ["^a", "ab", "b$", "^ab", "ab$", "^c", "c$", "^c$"]
    assert Analyzer(ngrams=(2,), stop_words=("the",)).terms("The a") == ["^a", "a$"]


def test_terms_know_their_place_in_the_original() -> None:
    assert Analyzer(language="english").analyze("The Cafe\u0301s ﬂow") == [
        Term("café", 4, 10, 1),
        Term("flow", 11, 14, 2),
    ]


def test_an_ngram_stands_where_its_letters_stand() -> None:
    text = "x: Straße"
    found = {term.text: text[term.start : term.end] for term in Analyzer(ngrams=(2, 3)).analyze(text)}
    assert found["^x"] == found["x$"] == found["^x$"] == "x"
    assert found["^st"] == "St"
    assert found["ss"] == "ß"
    assert found["as"] == "aß"
    assert found["e$"] == "e"


def test_parts_of_one_character_share_its_place() -> None:
    assert Analyzer().analyze("a½") == [Term("a1", 0, 2, 0), Term("2", 1, 2, 1)]


@pytest.mark.parametrize("analyzer", KINDS, ids=repr)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_terms_of_words_terms_and_analyze_agree(analyzer: Analyzer, text: str) -> None:
    terms = analyzer.analyze(text)
    assert [term.text for term in terms] == analyzer.terms(text)
    assert all(0 <= term.start < term.end <= len(text) for term in terms)
    assert [term.position for term in terms] == sorted(term.position for term in terms)
    classes = analyzer.word_class()
    marked = "".join(c if classes[ord(c)] else " " for c in analyzer.normalise(text))
    words = marked.split(" ")
    assert [term for word in words if word for term in analyzer.terms_of(word)] == analyzer.terms(text)
    assert analyzer.terms_of_many(words) == [analyzer.terms_of(word) for word in words]


@pytest.mark.parametrize("analyzer", KINDS, ids=repr)
def test_terms_are_words_says_whether_terms_of_changes_nothing(analyzer: Analyzer) -> None:
    words = ["the", "flows", "a", "le", "häuser", "der"]
    unchanged = analyzer.terms_of_many(words) == [(word,) for word in words]
    assert analyzer.terms_are_words == unchanged


def test_the_class_table_is_that_of_the_split() -> None:
    assert np.array_equal(Analyzer().word_class(), word_class())
    assert np.array_equal(Analyzer.faithful().word_class(), nonspace_class())


@pytest.mark.parametrize("analyzer", KINDS, ids=repr)
def test_json_and_repr_rebuild_an_equal_analyzer(analyzer: Analyzer) -> None:
    assert Analyzer.from_json(json.loads(json.dumps(analyzer.to_json()))) == analyzer
    assert eval(repr(analyzer)) == analyzer
    assert hash(eval(repr(analyzer))) == hash(analyzer)


def test_json_without_an_option_means_its_default() -> None:
    assert Analyzer.from_json({"language": "english"}) == Analyzer(language="english")


def test_analyzers_that_differ_in_any_option_are_unequal() -> None:
    assert len(set(KINDS)) == len(KINDS)
    assert Analyzer(stop_words=()) != Analyzer()


def test_the_order_of_stop_words_means_nothing() -> None:
    assert Analyzer(stop_words=("b", "a", "b")) == Analyzer(stop_words=("a", "b"))


def test_an_analyzer_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Analyzer().language = "english"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "word"}, "did you mean 'words'"),
        ({"split": 3}, "Legal: whitespace, words"),
        ({"case": "folded"}, "did you mean 'fold'"),
        ({"language": "englsh"}, "did you mean 'english'"),
        ({"stemmer": "germn"}, "did you mean 'german'"),
        ({"nfkc": "yes"}, "True or False"),
        ({"fold_diacritics": 1}, "True or False"),
        ({"ngrams": (0,)}, "from 1 to 64"),
        ({"ngrams": (65,)}, "from 1 to 64"),
        ({"ngrams": (True,)}, "from 1 to 64"),
        ({"ngrams": ("3",)}, "from 1 to 64"),
        ({"ngrams": 3}, "from 1 to 64"),
        ({"ngrams": None}, "from 1 to 64"),
        ({"ngrams": (3, 3)}, "each once"),
        ({"ngrams": (3,), "language": "english"}, "exclude each other"),
        ({"ngrams": (3,), "stemmer": "english"}, "exclude each other"),
        ({"stop_words": "the"}, "tuple of words"),
        ({"stop_words": (1,)}, "tuple of words"),
        ({"stop_words": 7}, "tuple of words"),
        ({"fold_diacritics": "too"}, "or 'also'"),
        ({"unspaced": 2}, "True or False"),
        ({"ngrams": (3,), "unspaced": True}, "cut every word"),
    ],
)
def test_an_option_that_does_not_fit_says_what_does(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Analyzer(**options)
    with pytest.raises(OptionError, match=message):
        Analyzer.from_json(options)


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'ngrams'"):
        Analyzer.from_json({"ngram": [3]})


@pytest.mark.parametrize("analyzer", KINDS, ids=repr)
@pytest.mark.parametrize("unit", ["a", "é", "\u0301\u0323", "हि"])
def test_a_word_of_a_megabyte(analyzer: Analyzer, unit: str) -> None:
    if analyzer.ngrams and unit != "a":
        pytest.skip("one script is enough for n-grams")
    word = unit * (1_000_000 // len(unit.encode()))
    terms = analyzer.terms(f"x {word} y")
    if analyzer.ngrams:
        normal = analyzer.normalise(word)
        assert len(terms) == sum(len(ngrams(w, analyzer.ngrams)) for w in ("x", normal, "y"))
    elif unit == "\u0301\u0323" and analyzer.fold_diacritics is True:
        assert terms == ["x", "y"]
    elif unit == "é" and analyzer.fold_diacritics == "also":
        assert terms == ["x", "e" * len(word), "\x01" + word, "y"]
    else:
        assert terms == ["x", analyzer.normalise(word), "y"]
