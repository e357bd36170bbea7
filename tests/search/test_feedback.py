"""The terms of the first hits join the query, as the papers say; explained to the last part."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from numen import BM25, Collection
from numen.errors import OptionError
from numen.search import answer
from numen.search.feedback import METHODS, Feedback
from numen.text import Analyzer

WORDS = (
    "oak elm ash fir yew birch maple larch cedar poplar willow hazel rowan alder aspen beech linden spruce pine holly "
    "zeta eta theta iota kappa 1962 x the"
).split()
SPECS = ["rm3", "rocchio", "average", "rm3,documents=3,terms=4,original=0.7", "average,terms=5,share=0.5"]


def random_texts(n: int, seed: int = 3) -> list[str]:
    rng = np.random.default_rng(seed)
    share = np.arange(1, len(WORDS) + 1) ** -0.7
    share = share[::-1] / share.sum()
    return [" ".join(rng.choice(WORDS, int(rng.integers(1, 14)), p=share)) for _ in range(n)]


def expanded_plainly(collection: Collection, query: str, feedback: Feedback, leg: str = "w") -> dict[str, float]:
    """The counts of the expanded query of a plain BM25 leg, from texts and without arrays."""
    texts = {document.id: document.text.split() for document in collection.documents()}
    average = sum(map(len, texts.values())) / len(texts)
    frequency = Counter(word for words in texts.values() for word in set(words))
    hits = collection.search(query, feedback.documents, legs=[leg])
    most = max(feedback.share * len(texts), feedback.documents)
    asked = Counter(word for word in Analyzer().words(query) if len(word) > 1 or len(query.split()) == 1)
    model: dict[str, float] = {}
    for hit in hits:
        counts = {word: float(n) for word, n in Counter(texts[hit.id]).items() if frequency[word] <= most}
        if feedback.method == "average":
            saturation = 1.2 * (0.25 + 0.75 * len(texts[hit.id]) / average)
            counts = {word: n / (n + saturation) for word, n in counts.items()}
        else:
            counts = {word: n for word, n in counts.items() if word.isalpha() and len(word) > 1}
        if feedback.method == "rm3":
            counts = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: feedback.terms])
            size, share = sum(counts.values()), hit.score
        else:
            size, share = math.sqrt(sum(n * n for n in counts.values())), 1 / len(hits)
        for word, n in counts.items():
            model[word] = model.get(word, 0.0) + share * n / size
    model = dict(sorted(model.items(), key=lambda pair: (-round(pair[1], 12), pair[0]))[: feedback.terms])
    size = sum(asked.values()) if feedback.method == "rm3" else math.sqrt(sum(n * n for n in asked.values()))
    norm = 1.0
    if feedback.method != "average":
        norm = sum(model.values()) if feedback.method == "rm3" else math.sqrt(sum(v * v for v in model.values()))
    if not model:
        return {word: float(n) for word, n in asked.items()}
    out = {word: feedback.original * n for word, n in asked.items()}
    for word, value in model.items():
        out[word] = out.get(word, 0.0) + feedback.added * size * value / norm
    return out


def scored_plainly(collection: Collection, counts: dict[str, float]) -> dict[str, float]:
    texts = {document.id: document.text.split() for document in collection.documents()}
    average = sum(map(len, texts.values())) / len(texts)
    frequency = Counter(word for words in texts.values() for word in set(words))
    out = {}
    for id_, words in texts.items():
        score = 0.0
        for word, weight in counts.items():
            n, df = words.count(word), frequency[word]
            idf = math.log1p((len(texts) - df + 0.5) / (df + 0.5))
            score += weight * idf * n / (n + 1.2 * (0.25 + 0.75 * len(words) / average))
        if score > 0:
            out[id_] = score
    return out


@pytest.mark.parametrize("spec", SPECS)
def test_scores_are_those_of_the_formula(spec: str) -> None:
    with Collection.create(legs={"w": "bm25"}) as collection:
        texts = random_texts(260)
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(texts[:200]))
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(texts[200:], 180))
        collection.delete(f"{n:03}" for n in range(0, 30, 3))
        feedback = Feedback.of(spec)
        assert feedback is not None
        for query in ("kappa", "beech theta x", "zeta zeta the 1962", "iota nothing"):
            expected = scored_plainly(collection, expanded_plainly(collection, query, feedback))
            found = {hit.id: hit.score for hit in collection.search(query, 300, feedback=spec)}
            assert found.keys() == expected.keys()
            assert found == pytest.approx(expected, rel=1e-4)


def test_what_is_added_can_find_documents_without_a_word_of_the_query() -> None:
    with Collection.create(legs={"w": "bm25"}) as collection:
        collection.add({"id": str(n), "text": text} for n, text in enumerate(["car motor", "motor oil", "sea"]))
        assert [hit.id for hit in collection.search("car")] == ["0"]
        for method in METHODS:
            assert [hit.id for hit in collection.search("car", feedback=method)] == ["0", "1"]
        assert [hit.id for hit in collection.search("car", feedback="none")] == ["0"]


@pytest.mark.parametrize(
    "spec",
    [
        "rm3,share=1,terms=30",
        "rocchio,share=1,terms=all",
        "average",
        "rocchio,documents=2,share=1,original=0.8,added=0.4",
    ],
)
def test_words_that_stand_for_classes_keep_theirs_and_others_are_added(spec: str) -> None:
    feedback = Feedback.of(spec)
    assert feedback is not None
    with Collection.create(legs={"a": "auto", "n": "numen:512"}) as collection:
        texts = random_texts(120)
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(texts[:80]))
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(texts[80:], 70))
        collection.delete(["003", "100"])
        for query in ("kappas beech", "thet"):
            before = collection.explain(query, "075", legs=["a"]).legs[0].parts
            after = collection.explain(query, "075", legs=["a"], feedback=spec).legs[0].parts
            assert [part.term for part in after if part.kind == "feedback"] or feedback.documents == 2
            weights = {(part.kind, part.term): part.query_weight for part in after if not part.added}
            own = {(part.kind, part.term): part.query_weight * feedback.original for part in before if not part.added}
            assert weights == pytest.approx(own, rel=1e-5)
        for legs in (["a"], ["a", "n"]):
            for hit in collection.search("kappas beech", 200, legs=legs, feedback=spec):
                explanation = collection.explain("kappas beech", hit.id, 200, legs=legs, feedback=spec)
                assert explanation.score == hit.score
                parts = explanation.legs[0].parts
                assert sum(part.contribution for part in parts) == pytest.approx(explanation.legs[0].score, abs=1e-5)


def test_batches_of_words_that_stand_for_classes() -> None:
    queries = ["kappas beech", "", "1999", "thet zeta", "kappas"]
    with Collection.create() as collection:
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(random_texts(90)))
        together = collection.search_many(queries, 40, feedback="rocchio", threads=2)
        assert together == [collection.search(query, 40, feedback="rocchio") for query in queries]
        assert [len(results) > 0 for results in together] == [True, False, False, True, True]


def given_collection(spec: str) -> tuple[Collection, list[dict[int, float]]]:
    rng = np.random.default_rng(5)
    rows = [{int(i): float(rng.random()) + 0.1 for i in rng.choice(40, 5, replace=False)} for _ in range(120)]
    collection = Collection.create(legs={"v": spec})
    collection.add(({"id": f"{n:03}", "text": ""} for n in range(70)), vectors=rows[:70])
    collection.add(({"id": f"{n:03}", "text": ""} for n in range(70, 120)), vectors=rows[70:])
    collection.delete(["003", "077"])
    return collection, rows


@pytest.mark.parametrize("spec", ["given", "given,precision=8bit"])
def test_given_vectors_are_averaged(spec: str) -> None:
    collection, rows = given_collection(spec)
    query = {1: 1.0, 7: 0.5}

    def unit(vector: dict[int, float]) -> dict[int, float]:
        size = math.sqrt(sum(value * value for value in vector.values()))
        return {key: value / size for key, value in vector.items()}

    hits = collection.search(vectors=query, k=3)
    mean: Counter[int] = Counter()
    for vector in (query, *(rows[int(hit.id)] for hit in hits)):
        for key, value in unit(vector).items():
            mean[key] += value / 4 * math.sqrt(1.25)  # type: ignore[assignment]
    expected = {f"{n:03}": sum(mean[key] * value for key, value in row.items()) for n, row in enumerate(rows)}
    expected = {id_: score for id_, score in expected.items() if score > 0 and id_ not in ("003", "077")}
    found = {hit.id: hit.score for hit in collection.search(vectors=query, k=200, feedback="average")}
    assert found == pytest.approx(expected, rel=1e-5 if spec == "given" else 0.02)


@pytest.mark.parametrize("spec", ["bm25", "bm25:english", "bm25,formula=bm25l", "numen:512", "given:terms"])
@pytest.mark.parametrize("method", SPECS)
def test_every_hit_explains_to_its_score(spec: str, method: str) -> None:
    texts = random_texts(80)
    vectors = [dict(Counter(text.split())) for text in texts] if spec == "given:terms" else None
    with Collection.create(legs={"x": spec}) as collection:
        collection.add(({"id": f"{n:03}", "text": text} for n, text in enumerate(texts)), vectors=vectors)
        query = None if vectors else "kappa eta"
        asked = {"kappa": 1.0, "eta": 2.0} if vectors else None
        hits = collection.search(query, 20, vectors=asked, feedback=method)
        assert len(hits) == 20
        brought = 0
        for hit in hits:
            explained = collection.explain(query, hit.id, 20, vectors=asked, feedback=method)
            (leg,) = explained.legs
            assert explained.score == leg.score == hit.score
            assert explained.feedback == method
            assert sum(part.contribution for part in leg.parts) + leg.constant == pytest.approx(hit.score, abs=1e-5)
            assert all(part.found or part.collisions or vectors for part in leg.parts)
            assert all(bool(part.asked) != part.added or vectors for part in leg.parts)
            if leg.words:
                assert sum(word.contribution for word in leg.words) == pytest.approx(hit.score, abs=1e-5)
            brought += sum(part.added for part in leg.parts)
        # Of a few of the heaviest n-grams all may be the query's own.
        assert brought > 0 or (spec == "numen:512" and "terms=" in method)


def test_threads_and_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.create(legs={"w": "bm25", "g": "numen:512"}) as collection:
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(random_texts(300)))
        queries = random_texts(40, seed=9)
        for feedback in ("rm3", "average,interpolate=after"):
            many = collection.rank_many(queries, 20, feedback=feedback, threads=3, progress=lambda *_: None)
            assert list(many) == [collection.rank_many([query], 20, feedback=feedback)[0] for query in queries]
            hits = collection.search_many(queries, 20, feedback=feedback)
            with monkeypatch.context() as small:
                small.setattr(answer, "FED_AT_ONCE", 7)
                assert collection.search_many(queries, 20, feedback=feedback) == hits


def test_a_fresh_build_gives_the_same_scores() -> None:
    texts = random_texts(150)
    with Collection.create(legs={"w": "bm25"}) as grown, Collection.create(legs={"w": "bm25"}) as fresh:
        for n, text in enumerate(texts):
            grown.add([{"id": f"{n % 100:03}", "text": text}])
        fresh.add({"id": document.id, "text": document.text} for document in grown.documents())
        for query in ("kappa", "beech theta"):
            assert list(grown.rank_many([query], 50, feedback="rm3")) == list(
                fresh.rank_many([query], 50, feedback="rm3")
            )


def test_where_feedback_stands_beside_fusion() -> None:
    with Collection.create(legs={"w": "bm25", "g": "numen:512"}) as collection:
        collection.add({"id": f"{n:03}", "text": text} for n, text in enumerate(random_texts(200)))
        query = "kappa eta"
        before, after, both = (
            collection.search(query, 10, feedback=f"rm3,interpolate={place}") for place in ("before", "after", "both")
        )
        assert {leg for hit in before for leg in hit.legs} == {"w"}
        assert {leg for hit in both for leg in hit.legs} == {"w", "g"}
        # After: each leg's second round is the one it has by itself.
        alone = {leg: collection.search(query, 100, feedback="rm3", legs=[leg]) for leg in ("w", "g")}
        for hit in after:
            for leg, place in hit.legs.items():
                assert alone[leg][place.rank - 1].id == hit.id
        assert [hit.score for hit in both] != [hit.score for hit in after]
        explained = collection.explain(query, before[0].id, feedback="rm3,interpolate=before")
        assert (explained.score, explained.fuse, len(explained.legs)) == (before[0].score, None, 1)


def test_a_filter_holds_for_both_rounds() -> None:
    with Collection.create(legs={"w": "bm25"}) as collection:
        collection.add(
            {"id": str(n), "text": text, "kind": kind}
            for n, (text, kind) in enumerate([("car motor", "a"), ("car sail", "b"), ("motor", "b"), ("sail", "b")])
        )
        assert [hit.id for hit in collection.search("car", feedback="rm3", where="kind = 'b'")] == ["1", "3"]


def test_other_parameters_hold_for_both_rounds() -> None:
    with (
        Collection.create(legs={"w": "bm25"}) as collection,
        Collection.create(legs={"w": "bm25,k1=0.3,b=0.1"}) as other,
    ):
        for one in (collection, other):
            one.add({"id": f"{n:03}", "text": text} for n, text in enumerate(random_texts(100)))
        given = collection.search("kappa eta", feedback="average", bm25=BM25(k1=0.3, b=0.1))
        assert given == other.search("kappa eta", feedback="average")


@pytest.mark.parametrize("method", METHODS)
def test_a_query_without_hits_stays_without(method: str) -> None:
    with Collection.create(legs={"w": "bm25", "g": "numen"}) as collection:
        assert len(collection.search("anything", feedback=method)) == 0
        collection.add([{"id": "1", "text": "red fox"}, {"id": "2", "text": ""}])
        assert len(collection.search("", feedback=method)) == 0
        assert len(collection.search("zzz", feedback=method)) == 0
        assert len(collection.search("red", 0, feedback=method)) == 0
        assert list(collection.rank_many([], feedback=method)) == []
        assert [hit.id for hit in collection.search("red", feedback=method)] == ["1"]


@pytest.mark.parametrize(("spec", "leg"), [("numen:512,signed=true", "x"), ("given,negative=allow", "x")])
def test_legs_with_weights_of_both_signs_are_refused(spec: str, leg: str) -> None:
    with Collection.create(legs={leg: spec}) as collection:
        vectors = {1: -1.0} if spec.startswith("given") else None
        collection.add([{"id": "1", "text": "red fox"}], vectors=vectors and [vectors])
        with pytest.raises(OptionError, match="weights of both signs"):
            collection.search("red", vectors=vectors, feedback="rm3")


@pytest.mark.parametrize(
    "spec",
    [
        "rm3",
        "rocchio",
        "average",
        "rm3,documents=5,terms=30,original=0.7",
        "average,documents=5",
        "rocchio,terms=all,interpolate=after",
        "average,documents=5,original=0.4,added=0.6",
        "rm3,share=1",
    ],
)
def test_the_short_string_makes_the_feedback_again(spec: str) -> None:
    made = Feedback.of(spec)
    assert made is not None
    assert Feedback.of(made.spec) == made
    assert made.spec == spec.replace("share=1", "share=1.0")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("rm4", "did you mean 'rm3'"),
        ("rm3,docs=3", "unknown option 'docs'"),
        ("rm3,documents=0", "whole number, 1 or more"),
        ("rm3,terms=2.5", "whole number, 1 or more"),
        ("rm3,original=-1", "a number, 0 or more"),
        ("rm3,interpolate=never", "Legal: after, before, both"),
        (3, "give one of rm3, rocchio, average"),
    ],
)
def test_a_feedback_that_is_none_is_refused(given: Any, message: str) -> None:
    with Collection.create() as collection, pytest.raises(OptionError, match=message):
        collection.search("red", feedback=given)
