"""Words numbered and counted by the kernels, against plain Python."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.encode.texts import utf8
from numen.encode.words import TermCounter
from numen.kernels import reference
from numen.kernels.tokenise import count_terms
from numen.text import Analyzer

TEXTS = st.lists(
    st.text(st.one_of(st.sampled_from("ab 1é中क्ि.,-\0"), st.characters(codec="utf-8")), max_size=40), max_size=8
)


def counts_of(counter: TermCounter, texts: list[str]) -> list[dict[str, int]]:
    rows = counter.count(texts)
    terms = [term.decode() for term in counter.vocabulary()]
    out = []
    for begin, end in zip(rows.starts[:-1].tolist(), rows.starts[1:].tolist(), strict=True):
        numbers, counts = rows.numbers[begin:end].tolist(), rows.values[begin:end].tolist()
        out.append({terms[number]: count for number, count in zip(numbers, counts, strict=True)})
    return out


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_words_are_those_of_the_plain_version(texts: list[str]) -> None:
    analyzer = Analyzer()
    rows, words = reference.intern_words([analyzer.normalise(t) for t in texts], analyzer.word_class())
    expected = [{words[number]: row.count(number) for number in row} for row in rows]
    counter = TermCounter(analyzer)
    half = len(texts) // 2
    assert counts_of(counter, texts[:half]) + counts_of(counter, texts[half:]) == expected
    assert [word.decode() for word in counter.vocabulary()] == words


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_the_kernel_and_the_analyzer_agree_for_every_kind_of_analyzer(texts: list[str]) -> None:
    for analyzer in (Analyzer(), Analyzer(language="english"), Analyzer(ngrams=(2, 3)), Analyzer(fold_diacritics=True)):
        expected = []
        for text in texts:
            counts: dict[str, int] = {}
            for term in analyzer.terms(text):
                counts[term] = counts.get(term, 0) + 1
            expected.append(counts)
        assert counts_of(TermCounter(analyzer), texts) == expected


def test_lengths_count_every_occurrence() -> None:
    rows = TermCounter(Analyzer()).count(["a b a", "", "c"])
    assert rows.doc_values.tolist() == [3, 0, 1]


def test_tables_grow_over_many_and_long_words() -> None:
    texts = [" ".join(f"w{i}x{j}" for j in range(400)) for i in range(60)] + ["z" * 1_000_000]
    counter = TermCounter(Analyzer())
    assert [len(row) for row in counts_of(counter, texts)] == [400] * 60 + [1]
    assert len(counter.vocabulary()) == 60 * 400 + 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 4), max_size=12), max_size=6),
    st.lists(st.lists(st.integers(0, 6), max_size=3), min_size=5, max_size=5),
)
def test_term_counts(words: list[list[int]], terms: list[list[int]]) -> None:
    token_starts = np.cumsum([0, *map(len, words)]).astype(np.int64)
    term_starts = np.cumsum([0, *map(len, terms)]).astype(np.int64)
    starts, out, counts, lengths = count_terms(
        np.array([w for text in words for w in text], np.uint32),
        token_starts,
        term_starts,
        np.array([t for of in terms for t in of], np.uint32),
        7,
    )
    got = [dict(zip(out[a:b].tolist(), counts[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(starts)]
    assert got == reference.count_terms(words, terms)
    assert lengths.tolist() == [sum(row.values()) for row in got]


def test_utf8_of_nothing() -> None:
    data, starts = utf8([])
    assert len(data) == 0
    assert starts.tolist() == [0]
