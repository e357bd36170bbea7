"""Typing errors: one edit a word, keyboard neighbours, the same every time, in every script."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.errors import OptionError
from numen.evaluate import Typos
from numen.text.words import words


def within_one_edit(a: str, b: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes b of a; characters with their marks."""

    def letters(word: str) -> list[str]:
        out: list[str] = []
        for character in word:
            if out and unicodedata.category(character).startswith("M"):
                out[-1] += character
            else:
                out.append(character)
        return out

    x, y = letters(a), letters(b)
    while x and y and x[0] == y[0]:
        x, y = x[1:], y[1:]
    while x and y and x[-1] == y[-1]:
        x, y = x[:-1], y[:-1]
    return (len(x) <= 1 and len(y) <= 1) or (len(x) == len(y) == 2 and x == y[::-1])


QUERIES = [
    "the boundary layer of Supersonic wings, with heat-transfer (1962)",
    "граница пограничного слоя",
    "οριακό στρώμα",
    "सीमा परतों का प्रवाह",
    "北京大学在哪里",
    "الطبقة الحدودية",
    "Ọ̀ṣun nílé Yorùbá",
    "境界層について",
    "Grenzschichtströmung",
]


@pytest.mark.parametrize("query", QUERIES)
def test_each_long_word_gets_one_edit_and_nothing_else_changes(query: str) -> None:
    for seed in range(20):
        made = Typos(1.0, seed).of(query, "q")
        assert made == Typos(1.0, seed).of(query, "q")
        before, after = words(query), words(made)
        assert len(before) == len(after)
        for (old, *_), (new, *_) in zip(before, after, strict=True):
            assert within_one_edit(old, new)
            long = sum(map(str.isalpha, old)) >= 4 and old not in ("with", "the")
            assert (old != new) == long


def test_the_rate_is_the_share_of_words_that_are_edited() -> None:
    query = " ".join(["boundary"] * 4000)
    for rate in (0.0, 0.1, 0.5):
        changed = sum(word != "boundary" for word in Typos(rate).of(query).split())
        assert changed / 4000 == pytest.approx(rate, abs=0.03)


def test_every_kind_of_edit_happens() -> None:
    made = set(Typos(1.0).of(" ".join(["word"] * 500)).split())
    assert {"owrd", "wrod", "wodr"} <= made
    assert {"ord", "wrd", "wod", "wor"} <= made
    assert any(len(word) == 5 for word in made)
    assert "word" not in made


def test_latin_letters_become_their_neighbours_on_the_keyboard() -> None:
    made = {word for word in Typos(1.0).of(" ".join(["gggg"] * 500)).split() if len(word) == 4}
    assert {word.replace("g", "") for word in made} == set("fhtyvb")
    upper = {word for word in Typos(1.0).of(" ".join(["GGGG"] * 100)).split() if len(word) == 4}
    assert {word.replace("G", "") for word in upper} <= set("FHTYVB")


def test_other_scripts_keep_their_letters() -> None:
    made = "".join(Typos(1.0, seed).of("граница слоями") for seed in range(200))
    assert {unicodedata.name(c).split()[0] for c in made if c != " "} == {"CYRILLIC"}


def test_a_query_depends_on_its_id_and_the_seed_alone() -> None:
    queries = {str(n): "boundary layers of wings" for n in range(10)}
    made = Typos(1.0, 5).misspelt(queries)
    assert len(set(made.values())) > 5
    assert Typos(1.0, 5).misspelt({"7": queries["7"]}) == {"7": made["7"]}
    assert Typos(1.0, 6).misspelt(queries) != made


def test_what_is_drawn_stays_what_it_was() -> None:
    # Figures in papers and changelogs depend on it.
    assert Typos(1.0, 0).misspelt({"1": "supersonic boundary layer", "2": "heat transfer"}) == {
        "1": "sulpersonic buondary lyer",
        "2": "yeat tranfer",
    }


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.integers(0, 5))
def test_any_text_can_be_misspelt(text: str, seed: int) -> None:
    made = Typos(1.0, seed).of(text)
    assert len(words(made)) == len(words(text))
    made.encode(errors="surrogatepass")
    assert Typos(0.0, seed).of(text) == text


@pytest.mark.parametrize(("rate", "seed"), [(-0.1, 0), (1.1, 0), (True, 0), ("1", 0), (float("nan"), 0), (0.5, 1.5)])
def test_an_unfit_rate_or_seed_is_refused(rate: Any, seed: Any) -> None:
    with pytest.raises(OptionError, match="must be a"):
        Typos(rate, seed)
