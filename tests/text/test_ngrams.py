"""Character n-grams inside marked words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from numen.text.ngrams import ngrams, ngrams_with_offsets

WORDS = st.text(max_size=12)
SIZES = st.lists(st.integers(1, 7), max_size=3, unique=True).map(tuple)
MARKERS = st.sampled_from(["", "^", "$", "<<", "😀"])


def test_grams_of_every_length_in_every_position() -> None:
    assert ngrams("abc", (2, 4)) == ["^a", "ab", "bc", "c$", "^abc", "abc$"]


def test_a_marked_word_shorter_than_n_gives_none() -> None:
    assert ngrams("a", (4, 5)) == []
    assert ngrams("a", (3,)) == ["^a$"]
    assert ngrams("", (3,)) == []


def test_other_markers_or_none() -> None:
    assert ngrams("ab", (2,), start="<", end=">") == ["<a", "ab", "b>"]
    assert ngrams("ab", (2,), start="", end="") == ["ab"]


def test_offsets_are_into_the_unmarked_word() -> None:
    assert ngrams_with_offsets("ab", (1, 3)) == [
        ("^", 0, 0), ("a", 0, 1), ("b", 1, 2), ("$", 2, 2), ("^ab", 0, 2), ("ab$", 0, 2),
    ]  # fmt: skip


def test_a_code_point_is_one_character() -> None:
    assert ngrams("हि", (3,)) == ["^हि", "हि$"]


@given(WORDS, SIZES, MARKERS, MARKERS)
def test_both_variants_agree_and_offsets_cover_the_gram_without_its_markers(
    word: str, sizes: tuple[int, ...], start: str, end: str
) -> None:
    with_offsets = ngrams_with_offsets(word, sizes, start, end)
    assert [gram for gram, _, _ in with_offsets] == ngrams(word, sizes, start, end)
    for gram, first, last in with_offsets:
        covered = word[first:last]
        assert 0 <= first <= last <= len(word)
        assert covered in gram
        assert len(gram) - len(covered) <= len(start) + len(end)
