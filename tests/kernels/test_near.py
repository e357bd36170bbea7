"""Near words by kernels, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.encode.classes import family_weights
from numen.encode.near import BEGINNING, EXTRA, LEAST, SHORTEST, NearWords
from numen.index.keys import TermKeys
from numen.kernels import reference_auto as reference
from numen.kernels.near import family_words, trigram_lists

WORD = st.text("abcé", min_size=1, max_size=9)


def folded(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    chars = np.array([ord(c) for word in words for c in word], np.uint32)
    return chars, np.cumsum([0, *map(len, words)]).astype(np.int64)


@settings(max_examples=200, deadline=None)
@given(st.sets(WORD, min_size=1, max_size=40).map(sorted), WORD)
def test_forms_of_a_word(vocabulary: list[str], word: str) -> None:
    chars, starts = folded(vocabulary)
    found, cosines, ends = family_words(
        folded([word])[0], chars, starts, *trigram_lists(chars, starts), BEGINNING, SHORTEST, EXTRA
    )
    expected = reference.family_words(word, vocabulary, BEGINNING, SHORTEST, EXTRA)
    got = {vocabulary[place]: (cosine, bool(end)) for place, cosine, end in zip(found, cosines, ends, strict=True)}
    got = {other: pair for other, pair in got.items() if pair[0] > 0 or pair[1]}
    assert got.keys() == expected.keys()
    for other, (cosine, end) in got.items():
        assert cosine == pytest.approx(expected[other][0])
        assert end == expected[other][1]


@settings(max_examples=200, deadline=None)
@given(st.sets(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=40).map(sorted), WORD)
def test_what_a_word_may_be_a_misspelling_of(vocabulary: list[str], word: str) -> None:
    found, cosines, edits = NearWords(TermKeys.of(word.encode() for word in vocabulary)).alike(word.encode())
    plain = word.replace("é", "e")
    expected = reference.alike_words(plain, vocabulary, LEAST)
    got = {vocabulary[p]: (c, int(e)) for p, c, e in zip(found, cosines, edits, strict=True)}
    # A chance collision of trigrams can only add words, and those must be as near as the others.
    assert expected.keys() <= got.keys()
    for other, (cosine, edit) in expected.items():
        assert got[other] == (pytest.approx(cosine), edit)
    assert all(cosine >= LEAST for cosine, _ in got.values())


def test_what_is_near_does_not_depend_on_the_other_words() -> None:
    words = sorted("compile compiled compiler compilers recompile complain computer pile zebra".split())
    whole = NearWords(TermKeys.of(word.encode() for word in words))

    def near(some: list[str], query: str) -> dict[str, float]:
        places, weights, _ = NearWords(TermKeys.of(word.encode() for word in some)).family(query.encode())
        return dict(zip([some[place] for place in places], weights.tolist(), strict=True))

    places, weights, same = whole.family(b"compiler")
    together = dict(zip([words[place] for place in places], weights.tolist(), strict=True))
    assert near(words[::2], "compiler") | near(words[1::2], "compiler") == together
    assert [words[place] for place in places[same]] == ["compiler"]
    assert together["compiler"] == 1.0
    assert together["compilers"] > together["compiled"] > 0
    assert "zebra" not in together


def test_diacritics_do_not_count() -> None:
    words = ["cafe", "café", "cafés", "oko", "ọkọ"]
    keys = TermKeys.of(sorted(word.encode() for word in words))
    places, weights, same = NearWords(keys).family("ọkọ".encode())
    assert {keys.terms()[p].decode() for p in places[same]} == {"oko", "ọkọ"}
    assert (weights[same] == 1).all()


def test_weights_of_forms() -> None:
    weights = family_weights(np.array([1.0, 0.8, 0.39, 0.0, 0.9]), np.array([0, 0, 0, 1, 1], np.uint8))
    assert weights.tolist() == pytest.approx([1.0, 0.64, 0.0, 0.5, 0.81])
