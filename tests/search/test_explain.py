"""Every hit explains to its score: over all encoders, after changes, with rows, large counts and many collisions."""

from __future__ import annotations

import numpy as np
import pytest

from numen import BM25, Collection
from numen.encode.hashed import HashedEncoder
from numen.errors import InputError, OptionError
from numen.index import packing, plan
from numen.search import LegExplanation

FORMULAS = ["robertson", "lucene", "atire", "bm25l", "bm25+"]
LEGS = {
    **{formula.strip("+"): f"bm25,formula={formula}" for formula in FORMULAS[:4]},
    "plus": "bm25,formula=bm25+",
    "english": "bm25:english",
    "tiny": "numen:64",
    "grams": "numen:32768",
    "signed": "numen:256,signed=true,split=words",
}
WORDS = "running runs runner winged wings wing layers layer bound boundary naïve café flow flows supersonic a".split()


def random_document(rng: np.random.Generator, number: int) -> dict[str, str]:
    n = int(rng.choice([0, 1, 5, 20, 500], p=[0.05, 0.15, 0.4, 0.35, 0.05]))
    share = np.arange(1, len(WORDS) + 1) ** -1.0
    title = str(rng.choice(WORDS)) if rng.random() < 0.3 else ""
    return {"id": f"d{number}", "title": title, "text": " ".join(rng.choice(WORDS, n, p=share / share.sum()))}


def assert_adds_up(explained: LegExplanation, encoder: object) -> None:
    total = sum(part.contribution for part in explained.parts) + explained.constant
    assert total == pytest.approx(explained.score, rel=1e-6, abs=1e-12)
    size = max((abs(part.contribution) for part in explained.parts), default=0.0)
    for part in explained.parts:
        product = part.query_weight * part.document_weight
        assert part.contribution == pytest.approx(product, rel=1e-5, abs=1e-5 * size)
        assert part.asked
        assert part.count != 0
        assert 1 <= part.document_frequency <= explained.documents
    if isinstance(encoder, HashedEncoder):
        assert sum(share.contribution for share in explained.words) == pytest.approx(
            sum(part.contribution for part in explained.parts), rel=1e-9, abs=1e-9
        )
        assert sum(share.collided for share in explained.words) == pytest.approx(
            sum(part.collided for part in explained.parts), rel=1e-9, abs=1e-9
        )
        assert all(part.found or part.collisions for part in explained.parts)


def assert_explains(collection: Collection, rng: np.random.Generator, queries: int = 6) -> int:
    """Every hit of random queries, in each leg and fused, explains to its score; returns how many hits there were."""
    explained = 0
    for _ in range(queries):
        query = " ".join(rng.choice([*WORDS, "supersonik", "absent"], int(rng.integers(1, 5))))
        for legs in [*([leg] for leg in collection.legs), list(collection.legs)[-2:]]:
            for hit in collection.search(query, 8, legs=legs):
                explanation = collection.explain(query, hit.id, 8, legs=legs)
                assert (explanation.id, explanation.score) == (hit.id, hit.score)
                assert [leg.leg for leg in explanation.legs] == legs
                for leg in explanation.legs:
                    place = hit.legs.get(leg.leg)
                    assert leg.rank == (place.rank if place else None)
                    assert place is None or place.score == leg.score
                    assert_adds_up(leg, collection.legs[leg.leg])
                if len(legs) > 1:
                    assert sum(leg.fused or 0.0 for leg in explanation.legs) == pytest.approx(hit.score, rel=1e-6)
                explained += 1
    return explained


def test_every_hit_explains_to_its_score(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small bounds, so that a hundred documents have rows and go through merges.
    monkeypatch.setattr(packing, "MINIMUM", 16)
    monkeypatch.setattr(plan, "FAN", 3)
    monkeypatch.setattr(plan, "SMALL", 0)
    rng = np.random.default_rng(11)
    with Collection.create(legs=LEGS) as collection:
        explained = 0
        for step in range(6):
            collection.add(random_document(rng, int(rng.integers(0, 120))) for _ in range(30))
            collection.delete(f"d{number}" for number in rng.integers(0, 120, 10))
            if step == 5:
                collection.compact()
            explained += assert_explains(collection, rng)
        assert explained > 1_000


def test_the_parts_are_what_a_person_would_count() -> None:
    with Collection.create(legs={"words": "bm25:english"}) as collection:
        collection.add([{"id": "a", "title": "Foxes", "text": "The fox saw a dog"}, {"id": "b", "text": "dogs"}])
        (leg,) = collection.explain("quick foxes, the Fox! dog", "a").legs
    fox, dog = leg.parts
    assert (fox.term, fox.asked, fox.found) == ("fox", ("foxes", "fox"), ("foxes", "fox"))
    assert (fox.count, fox.document_frequency, leg.documents) == (2, 1, 2)
    assert fox.query_weight == pytest.approx(2 * np.log1p(1.5 / 1.5))  # twice in the query
    assert (dog.term, dog.count, dog.document_frequency) == ("dog", 1, 2)
    assert leg.missing == ("quick",)
    assert (leg.rank, leg.fused, leg.words) == (1, None, ())


def test_each_part_is_named_by_its_own_term() -> None:
    with Collection.create(legs={"words": "bm25"}) as collection:
        collection.add([{"id": "a", "text": "fox dog"}, {"id": "b", "text": "dog"}])
        parts = collection.explain("dog fox", "a").legs[0].parts  # every term of the query, the rare one last by key
    assert [(part.term, part.document_frequency) for part in parts] == [("fox", 1), ("dog", 2)]


def test_statistics_are_those_of_what_is_alive() -> None:
    with Collection.create(legs={"words": "bm25", "grams": "numen:512,signed=true"}) as collection:
        collection.add({"id": str(i), "text": "fox"} for i in range(5))
        collection.delete(["1", "2"])
        collection.add([{"id": "3", "text": "dog"}])
        words, grams = collection.explain("fox", "0").legs
        assert (words.documents, words.parts[0].document_frequency) == (3, 2)
        assert {part.document_frequency for part in grams.parts} == {2}


def test_collisions_are_named_and_weighed() -> None:
    encoder = HashedEncoder(16)
    buckets = {gram: bucket for gram, bucket, _ in encoder.grams("fox owl")}
    with Collection.create(legs={"g": encoder}) as collection:
        collection.add([{"id": "fox", "text": "fox"}, {"id": "owl", "text": "owl"}])
        (same,) = collection.explain("fox", "fox").legs
        (other,) = collection.explain("fox", "owl").legs
        hits = {hit.id: hit.score for hit in collection.search("fox")}
    assert all(part.collided == pytest.approx(0.0, abs=1e-12) for part in same.parts)
    assert same.words[0].closest == ("fox",)
    assert other.parts
    assert other.score == hits["owl"]
    for part in other.parts:
        assert part.found == ()
        assert part.collided == part.contribution
        assert {buckets[gram] for gram in (*part.asked, *part.collisions)} == {int(part.term)}
    assert other.words[0].closest == ()


def test_words_of_the_document_near_a_misspelt_one_are_named() -> None:
    with Collection.create(legs={"g": "numen:2147483648,split=words"}) as collection:
        collection.add([{"id": "a", "text": "Supersonic flow past a wing"}])
        (leg,) = collection.explain("supersonik wing zzz", "a").legs
    assert {share.word: share.closest for share in leg.words} == {"supersonik": ("supersonic",), "wing": ("wing",)}
    assert leg.missing == ("zzz",)
    assert max(share.collided for share in leg.words) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("spec", ["bm25", "numen:512", "numen:512,signed=true"])
def test_counts_that_no_byte_holds(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 2)
    counts = [1, 254, 255, 256, 70_000]
    with Collection.create(legs={"x": spec}) as collection:
        collection.add({"id": str(n), "text": "word " * n + "other"} for n in counts)
        collection.add([{"id": "none", "text": "nothing"}])
        hits = {hit.id: hit.score for hit in collection.search("word", 10)}
        for n in counts:
            explanation = collection.explain("word", str(n))
            assert explanation.score == hits[str(n)]
            assert_adds_up(explanation.legs[0], collection.legs["x"])
            if spec == "bm25":
                assert explanation.legs[0].parts[0].count == n


@pytest.mark.parametrize("spec", ["bm25", "bm25,formula=bm25+", "numen"])
def test_a_document_that_does_not_match_has_no_parts(spec: str) -> None:
    with Collection.create(legs={"x": spec}) as collection:
        collection.add([{"id": "a", "text": "fox"}, {"id": "b", "text": "owl"}])
        for query in ("fox", "", "?!"):
            explanation = collection.explain(query, "b")
            assert explanation.score == 0.0
            (leg,) = explanation.legs
            assert (leg.rank, leg.score, leg.constant, leg.parts, leg.words) == (None, 0.0, 0.0, (), ())
        assert collection.explain("fox", "b").legs[0].missing == ("fox",)


def test_a_word_that_weighs_nothing_is_said_to() -> None:
    with Collection.create(legs={"x": "bm25,formula=atire"}) as collection:
        collection.add([{"id": "a", "text": "fox"}, {"id": "b", "text": "fox"}])
        (leg,) = collection.explain("fox", "a").legs
    assert [(part.term, part.contribution) for part in leg.parts] == [("fox", 0.0)]
    assert leg.score == 0.0


@pytest.mark.parametrize("formula", FORMULAS)
def test_other_parameters_are_explained_too(formula: str) -> None:
    bm25 = BM25(formula, k1=0.7, b=0.3, delta=0.9)
    with Collection.create(legs={"x": "bm25"}) as collection:
        collection.add([{"id": "a", "text": "fox fox owl"}, {"id": "b", "text": "owl"}, {"id": "c", "text": "cat"}])
        (hit,) = collection.search("fox", bm25=bm25)
        explanation = collection.explain("fox", "a", bm25=bm25)
        default = collection.explain("fox", "a")
    assert explanation.score == hit.score
    assert explanation.score != default.score
    assert_adds_up(explanation.legs[0], None)
    assert (explanation.legs[0].constant > 0) == (formula in ("bm25l", "bm25+"))


def test_a_leg_that_ranks_the_document_too_low_gives_nothing() -> None:
    with Collection.create(legs={"words": "bm25", "grams": "numen:512"}) as collection:
        collection.add({"id": f"{i:03}", "text": "fox " + "foxglove " * (i == 149)} for i in range(150))
        (words, grams) = collection.explain("fox", "149").legs
    assert (words.rank, words.fused) == (None, 0.0)
    assert words.score > 0
    assert len(words.parts) == 1
    assert grams.rank is None or grams.fused == 1 / (60 + grams.rank)


def test_fields_that_are_not_indexed_are_not_explained() -> None:
    with Collection.create(legs={"words": "bm25", "g": "numen"}, fields=["text"]) as collection:
        collection.add([{"id": "a", "title": "fox", "text": "owl"}])
        for leg in collection.explain("fox owl", "a").legs:
            assert [gram for part in leg.parts for gram in part.found if "f" in gram] == []
            assert leg.missing == ("fox",)


def test_what_does_not_fit_is_refused() -> None:
    with Collection.create() as collection:
        collection.add([{"id": "a", "text": "fox"}])
        collection.delete(["a"])
        for id_ in ("a", "b", ""):
            with pytest.raises(InputError, match="no document has the id"):
                collection.explain("fox", id_)
        collection.add([{"id": "a", "text": "fox"}])
        with pytest.raises(OptionError, match="no leg 'grams'"):
            collection.explain("fox", "a", legs=["grams"])
        with pytest.raises(InputError, match="k is"):
            collection.explain("fox", "a", -1)
