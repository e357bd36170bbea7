"""Snippets and highlights are parts of the text, by its own offsets, in every script."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numen import Collection
from numen.errors import InputError
from numen.search.snippet import snippet

TEXT = "Once a needle. " + "Straw and straw. " * 60 + "Then a NEEDLE, beside the needles " + "and straw " * 60


@pytest.fixture
def collection() -> Collection:
    return Collection.create(legs={"words": "bm25:english", "grams": "numen:32768"})


def test_the_part_with_most_matches_is_shown(collection: Collection) -> None:
    part = collection.snippet("needle", TEXT, 100)
    assert TEXT[part.start : part.end] == part.text
    assert [part.text[a:b] for a, b in part.highlights] == ["NEEDLE", "needles"]
    assert "Then a [NEEDLE], beside the [needles] and" in part.marked()
    assert part.marked("<b>", "</b>").count("<b>") == 2
    assert (part.cut_before, part.cut_after) == (True, True)


def test_a_short_text_is_its_own_snippet(collection: Collection) -> None:
    part = collection.snippet("fox", " The\n fox ", 80)
    assert (part.text, part.cut_before, part.cut_after) == (" The\n fox ", False, False)
    assert part.marked() == "The [fox]"


def test_highlights_are_offsets_of_the_original() -> None:
    text = "Die Straße ﬁndet Cafe\u0301s"
    with Collection.create(legs={"w": "bm25"}) as collection:
        spans = collection.highlights("STRASSE findet cafés", text)
    assert [text[a:b] for a, b in spans] == ["Straße", "ﬁndet", "Cafe\u0301s"]


def test_only_the_legs_named_highlight(collection: Collection) -> None:
    assert collection.highlights("needel", TEXT, legs=["words"]) == []
    assert collection.highlights("needel", TEXT, legs=["grams"])


@pytest.mark.parametrize("length", [0, -1, True, 2.5])
def test_an_unfit_length_is_refused(collection: Collection, length: int) -> None:
    with pytest.raises(InputError, match="1 or more"):
        collection.snippet("x", "x", length)


@given(st.text(st.sampled_from("ab \n我ไ"), max_size=300), st.integers(1, 120))
def test_any_snippet_is_a_part_of_its_text(text: str, length: int) -> None:
    spans = [match.span() for match in re.finditer("a+|我", text)]
    part = snippet(text, spans, length)
    assert text[part.start : part.end] == part.text
    assert len(part.text) <= length + 40
    assert not spans or part.highlights
    for begin, end in part.highlights:
        assert 0 <= begin < end <= len(part.text)
        assert set(part.text[begin:end]) <= set("a我")
    assert part.cut_before == bool(text[: part.start].strip())
    unmarked = part.marked("", "")
    assert unmarked.strip(". ").split() == part.text.strip(". ").split()
