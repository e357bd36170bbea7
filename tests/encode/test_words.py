"""BM25: the five formulas as printed, through the whole engine; and what a lone letter in a query counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from numen import BM25, Collection, WordsEncoder, parse_encoder

RNG = np.random.default_rng(5)
WORDS = [f"w{i}" for i in range(30)]
TEXTS = [" ".join(RNG.choice(WORDS, int(RNG.integers(1, 40)), p=np.arange(1, 31) / 465)) for _ in range(200)]
QUERIES = [" ".join(RNG.choice([*WORDS, "absent"], int(RNG.integers(1, 6)))) for _ in range(40)]


def printed(form: BM25, query: str) -> dict[str, float]:
    """Scores of the documents that have a word of the query, straight from the table in numen.encode.bm25."""
    documents = [text.split() for text in TEXTS]
    total = len(documents)
    average = sum(map(len, documents)) / total
    scores: dict[str, float] = {}
    for d, words in enumerate(documents):
        if not set(words) & set(query.split()):
            continue
        score = 0.0
        for word in query.split():
            n = sum(word in other for other in documents)
            if n == 0:
                continue
            f, big_b = words.count(word), 1 - form.b + form.b * len(words) / average
            saturated = f * (form.k1 + 1) / (f + form.k1 * big_b)
            match form.formula:
                case "robertson":
                    score += math.log(max(1.0, (total - n + 0.5) / (n + 0.5))) * f / (f + form.k1 * big_b)
                case "lucene":
                    score += math.log(1 + (total - n + 0.5) / (n + 0.5)) * f / (f + form.k1 * big_b)
                case "atire":
                    score += math.log(total / n) * saturated
                case "bm25l":
                    c = f / big_b + form.delta
                    score += math.log((total + 1) / (n + 0.5)) * (form.k1 + 1) * c / (form.k1 + c)
                case _:
                    score += math.log((total + 1) / n) * (saturated + form.delta)
        if score > 0:
            scores[f"d{d:03}"] = score
    return scores


@pytest.mark.parametrize("formula", ["robertson", "lucene", "atire", "bm25l", "bm25+"])
@pytest.mark.parametrize("parameters", [{}, {"k1": 0.4, "b": 1.0, "delta": 1.5}, {"k1": 5.0, "b": 0.0, "delta": 0.0}])
def test_scores_are_those_of_the_printed_formula(formula: str, parameters: dict[str, float]) -> None:
    form = BM25(formula, **parameters)
    documents = [{"id": f"d{d:03}", "text": text} for d, text in enumerate(TEXTS)]
    with (
        Collection.create(legs={"x": WordsEncoder(bm25=form)}) as own,
        Collection.create(legs={"words": "bm25"}) as other,
    ):
        own.add(documents)
        other.add(documents)
        at_query_time = other.rank_many(QUERIES, 200, bm25=form)
        for query, hits, again in zip(QUERIES, own.rank_many(QUERIES, 200), at_query_time, strict=True):
            expected = printed(form, query)
            assert dict(hits) == pytest.approx(expected, rel=1e-5)
            assert hits == again


@pytest.mark.parametrize("formula", ["robertson", "lucene", "atire", "bm25l", "bm25+"])
def test_k1_of_zero_counts_presence_only(formula: str) -> None:
    with Collection.create(legs={"words": "bm25"}) as collection:
        collection.add([{"id": "a", "text": "x"}, {"id": "b", "text": "x x x y z"}, {"id": "c", "text": "q"}])
        scores = [hit.score for hit in collection.search("x", bm25=BM25(formula, k1=0.0, delta=0.0))]
        assert all(math.isfinite(score) for score in scores)
        assert len(set(scores)) <= 1


@pytest.mark.parametrize(
    "unfit", [{"k1": -0.1}, {"b": 1.1}, {"delta": math.inf}, {"k1": "1"}, {"formula": "x"}, {"b": True}]
)
def test_unfit_parameters_are_refused(unfit: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(unfit))):
        BM25(**unfit)


def ids(collection: Collection, query: str) -> list[str]:
    return sorted(hit.id for hit in collection.search(query))


def test_a_lone_letter_counts_only_where_the_query_has_no_longer_word() -> None:
    documents = [
        {"id": "name", "text": "Pooch wrote this"},
        {"id": "letter", "text": "B is a letter, U is one"},
        {"id": "digit", "text": "chapter 3"},
        {"id": "han", "text": "人 中国"},
    ]
    with Collection.create(legs={"words": "bm25"}) as collection:
        collection.add(documents)
        assert ids(collection, "B. Pooch, U.") == ["name"]
        assert ids(collection, "B") == ["letter"]
        assert ids(collection, "b u") == ["letter"]
        assert ids(collection, "pooch 3") == ["digit", "name"]
        assert ids(collection, "pooch 人") == ["han", "name"]
    with Collection.create(legs={"words": "bm25,single=always"}) as collection:
        collection.add(documents)
        assert ids(collection, "B. Pooch, U.") == ["letter", "name"]


def test_a_term_counts_as_often_as_the_query_has_it() -> None:
    with Collection.create(legs={"words": "bm25"}) as collection:
        collection.add([{"id": "a", "text": "one two"}, {"id": "b", "text": "three"}])
        once, twice = (collection.search(query)[0].score for query in ("one", "one one"))
        assert twice == pytest.approx(2 * once)


def test_stems_and_stop_words_belong_to_the_language() -> None:
    documents = [{"id": "1", "text": "The dogs were running"}, {"id": "2", "text": "a cat"}]
    with Collection.create(legs={"words": "bm25:english"}) as collection:
        collection.add(documents)
        assert ids(collection, "dog run") == ["1"]
        assert ids(collection, "the") == []
    with Collection.create(legs={"words": "bm25"}) as collection:
        collection.add(documents)
        assert ids(collection, "dog run") == []
        assert ids(collection, "the") == ["1"]


def test_parts_of_a_batch_do_not_change_rows() -> None:
    from numen.encode import words

    counter = parse_encoder("bm25:english").counter()
    whole = counter.count(TEXTS)
    before, words.BATCH_CHARACTERS = words.BATCH_CHARACTERS, 300
    try:
        parts = parse_encoder("bm25:english").counter().count(TEXTS)
    finally:
        words.BATCH_CHARACTERS = before
    for name in ("starts", "numbers", "values", "doc_values"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
