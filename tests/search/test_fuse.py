"""Several legs' rankings become one, by rank or by score, each leg with its weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen import Collection
from numen.errors import OptionError
from numen.search.fuse import METHODS, Fusion, fuse
from numen.search.ranking import Ranking

TEXTS = {
    "1": "red fox in the red barn",
    "2": "red hen",
    "3": "a foxglove and a hen",
    "4": "the barn owl",
}


def ranking_of(lists: list[dict[str, float]]) -> Ranking:
    """A ranking that holds these scores, each query's by score, then by id."""
    ordered = [sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])) for scores in lists]
    ids = np.array([id_ for one in ordered for id_, _ in one] or [""], object)[: sum(map(len, ordered))]
    return Ranking(
        np.cumsum([0, *map(len, ordered)]),
        ids,
        np.array([score for one in ordered for _, score in one], np.float32),
        np.array([int(id_) for one in ordered for id_, _ in one], np.int64),
    )


def plainly(
    legs: dict[str, dict[str, float]], method: str, weights: dict[str, float], k: int
) -> list[tuple[str, float]]:
    """What the fusion of one query should give, without arrays."""
    total: dict[str, float] = {}
    for name, scores in legs.items():
        ordered = sorted(scores, key=lambda id_: (-np.float32(scores[id_]), id_))
        values = [float(np.float32(scores[id_])) for id_ in ordered]
        for rank, (id_, score) in enumerate(zip(ordered, values, strict=True), 1):
            match method:
                case "rrf":
                    gave = 1 / (60 + rank)
                case "minmax":
                    gave = score / max(values)
                case _:
                    mean = sum(values) / len(values)
                    deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
                    gave = score / (deviation if deviation > 1e-9 * max(values) else max(values))
            total[id_] = total.get(id_, 0.0) + weights.get(name, 1.0) * gave
    rounded = {id_: float(np.float32(score)) for id_, score in total.items()}
    return sorted(((i, s) for i, s in rounded.items() if s > 0), key=lambda pair: (-pair[1], pair[0]))[:k]


SCORES = st.dictionaries(st.sampled_from([str(n) for n in range(12)]), st.sampled_from([0.25, 0.5, 1.0, 1.5, 7.0]))


@settings(max_examples=200, deadline=None)
@given(
    legs=st.fixed_dictionaries({"a": SCORES, "b": SCORES, "c": SCORES}),
    method=st.sampled_from(METHODS),
    weights=st.dictionaries(st.sampled_from("abc"), st.sampled_from([0.0, 0.3, 2.0])),
    k=st.integers(0, 14),
)
def test_any_rankings_are_fused_as_the_formulas_say(
    legs: dict[str, dict[str, float]], method: str, weights: dict[str, float], k: int
) -> None:
    fusion = Fusion(method, weights)
    found = fuse({name: ranking_of([scores, {}]) for name, scores in legs.items()}, fusion, k)
    expected = plainly(legs, method, weights, k)
    assert [id_ for id_, _ in found[0]] == [id_ for id_, _ in expected] or method == "zscore"
    assert [score for _, score in found[0]] == pytest.approx([score for _, score in expected], rel=1e-6)
    assert found[1] == []
    assert [str(key) for key in found.keys.tolist()] == found.ids.tolist()


@pytest.fixture
def collection() -> Collection:
    made = Collection.create(legs={"words": "bm25", "grams": "numen:4096"})
    made.add({"id": id_, "text": text} for id_, text in TEXTS.items())
    return made


def test_reciprocal_rank_is_what_happens_if_nothing_is_said(collection: Collection) -> None:
    plain = collection.search("red fox")
    assert plain == collection.search("red fox", fuse="rrf") == collection.search("red fox", fuse=Fusion())
    assert plain[0].score == pytest.approx(2 / 61)


def test_with_a_leg_of_vectors_scores_are_what_is_fused_if_nothing_is_said() -> None:
    rows = np.eye(3, dtype=np.float32)
    with Collection.create(legs={"words": "bm25", "near": "given:dense:3"}) as both:
        both.add([{"id": str(i), "text": text} for i, text in enumerate(["red fox", "red hen", "sea"])], vectors=rows)
        asked = np.array([0.6, 0.7, 0.2], np.float32)
        plain = both.search("fox", vectors=asked)
        assert plain == both.search("fox", vectors=asked, fuse="minmax")
        assert plain != both.search("fox", vectors=asked, fuse="rrf")
        told = both.explain("fox", plain[0].id, vectors=asked)
        assert (told.fuse, told.score) == ("minmax", plain[0].score)
        assert both.search("fox", legs=["words"]) == both.search("fox", legs=["words"], fuse="rrf")


def test_a_weight_moves_the_ranking_towards_its_leg(collection: Collection) -> None:
    grams = [hit.id for hit in collection.search("foxgloves hen", legs=["grams"])]
    words = [hit.id for hit in collection.search("foxgloves hen", legs=["words"])]
    assert (grams[0], words[0]) == ("3", "2")
    for method in METHODS:
        assert collection.search("foxgloves hen", fuse=f"{method},grams=9")[0].id == "3"
        assert collection.search("foxgloves hen", fuse=f"{method},words=9,grams=0.1")[0].id == "2"


def test_a_leg_of_weight_0_adds_neither_scores_nor_hits(collection: Collection) -> None:
    for method in METHODS:
        only = collection.search("foxgloves red", fuse=f"{method},grams=0")
        assert [hit.id for hit in only] == [hit.id for hit in collection.search("foxgloves red", legs=["words"])]


def test_min_max_gives_the_best_of_each_leg_its_weight(collection: Collection) -> None:
    hits = collection.search("red fox", fuse="minmax,words=0.75,grams=0.25")
    assert (hits[0].id, hits[0].score) == ("1", 1.0)
    assert all(0 < hit.score < 1 for hit in hits[1:])


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_are_all_the_same_are_fused_too(method: str) -> None:
    with Collection.create(legs={"a": "bm25", "b": "numen"}) as collection:
        collection.add({"id": str(n), "text": "same words"} for n in range(5))
        hits = collection.search("words", 10, fuse=method)
        assert [hit.id for hit in hits] == ["0", "1", "2", "3", "4"]
        assert all(np.isfinite(hit.score) and hit.score > 0 for hit in hits)


@pytest.mark.parametrize("method", METHODS)
def test_what_the_legs_gave_adds_up_to_the_score(collection: Collection, method: str) -> None:
    how = f"{method},words=0.7,grams=0.3"
    for query in ("red fox", "foxgloves hen", "barn"):
        for hit in collection.search(query, fuse=how):
            explained = collection.explain(query, hit.id, fuse=how)
            assert explained.score == hit.score
            assert explained.fuse == how
            assert sum(leg.fused or 0.0 for leg in explained.legs) == pytest.approx(hit.score, abs=1e-6)
            for leg in explained.legs:
                if leg.scale is not None and leg.rank is not None:
                    assert leg.fused == pytest.approx((leg.weight or 0) * leg.score / leg.scale, rel=1e-9)
                assert sum(part.contribution for part in leg.parts) == pytest.approx(leg.score, abs=1e-6)


@pytest.mark.parametrize(
    "spec", ["rrf", "minmax", "zscore,words=0.5", "rrf,words=2,grams=0.25", "rrf,constant=20", "minmax,grams=0"]
)
def test_the_short_string_makes_the_fusion_again(spec: str) -> None:
    assert Fusion.of(spec, ["words", "grams"]).spec == spec


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("rff", "did you mean 'rrf'"),
        ("minmax,wrds=1", "did you mean 'words'"),
        ("minmax,words", "no OPTION=VALUE"),
        ("minmax,words=much", "a number, 0 or more"),
        ("minmax,words=-1", "a number, 0 or more"),
        ("minmax,words=nan", "a number, 0 or more"),
        ("rrf,words=1,words=2", "comes twice"),
        ("rrf,words=0,grams=0", "every leg the weight 0"),
        (7, "give one of rrf, minmax, zscore"),
    ],
)
def test_a_fusion_that_is_none_is_refused(collection: Collection, given_: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        collection.search("red", fuse=given_)


def test_a_leg_that_is_not_searched_has_no_weight(collection: Collection) -> None:
    with pytest.raises(OptionError, match="'grams', which is not searched"):
        collection.search("red", legs=["words"], fuse="minmax,grams=2")
