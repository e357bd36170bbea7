"""What is evaluated: an encoder or legs, how they are fused, with or without feedback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from numen import BM25, Fusion
from numen.errors import OptionError
from numen.evaluate import System, Typos, evaluate, load_dataset


@pytest.mark.parametrize(
    ("given", "legs"),
    [
        ("bm25", {"words": "bm25"}),
        (" bm25:english , k1=0.9,b=0.4", {"words": "bm25:english,k1=0.9,b=0.4"}),
        ("a=bm25,b=numen:32768", {"a": "bm25", "b": "numen:32768"}),
        (
            "a=bm25:english,k1=0.9,b=0.4, b = numen,split=words",
            {
                "a": "bm25:english,k1=0.9,b=0.4",
                "b": "numen:32768,split=words",
            },
        ),
        ({"a": "numen"}, {"a": "numen:32768"}),
    ],
)
def test_legs_come_as_a_string_or_as_a_dictionary(given: str | Mapping[str, str], legs: dict[str, str]) -> None:
    assert System.of(given).legs == legs


def test_the_name_says_what_differs_from_a_plain_search() -> None:
    assert System.of("bm25").name == "bm25"
    assert System.of("bm25", feedback="rm3").name == "bm25 + rm3"
    assert System.of("a=bm25,b=numen", "minmax,b=0.5", "average").name == "a=bm25,b=numen:32768 minmax,b=0.5 + average"
    assert System({"words": "bm25"}, bm25=BM25(k1=0.5)).name == "bm25 bm25(k1=0.5)"
    assert System.of("a=bm25,b=numen").name == "a=bm25,b=numen:32768 rrf"
    assert System.of("a=bm25,b=dense:some/model").name == "a=bm25,b=dense:some/model minmax"


@pytest.mark.parametrize(
    ("given", "fuse", "message"),
    [
        ("a=bm25,a=numen", "rrf", "comes twice"),
        ("a=bm25,b=nmen", "rrf", "unknown option 'b'|unknown encoder|must be a number"),
        ("nmen", "rrf", "did you mean 'numen'"),
        ("a=bm25,b=numen", "minmax,c=1", "weighs leg 'c'"),
        ({}, "rrf", "at least one leg"),
    ],
)
def test_a_system_that_is_none_is_refused(given: Any, fuse: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        System.of(given, fuse)


def test_legs_are_evaluated_as_one_system(toy: Path) -> None:
    dataset = load_dataset(toy)
    legs = System.of("a=bm25,b=numen:512", Fusion("minmax", {"b": 0.0}))
    evaluation = evaluate(dataset, [legs, "bm25", {"a": "bm25", "b": "numen:512"}])
    first, plain, fused = (evaluation.runs[result.encoder] for result in evaluation.results)
    assert [[id_ for id_, _ in hits] for hits in first.values()] == [
        [id_ for id_, _ in hits] for hits in plain.values()
    ]
    assert fused != first
    assert evaluation.results[0].encoder == "a=bm25,b=numen:512 minmax,b=0"


def test_feedback_is_evaluated_too(toy: Path) -> None:
    evaluation = evaluate(load_dataset(toy), ["bm25", System.of("bm25", feedback="rocchio")])
    plain, fed = evaluation.runs.values()
    assert list(evaluation.runs) == ["bm25", "bm25 + rocchio"]
    assert all(len(fed[query]) >= len(plain[query]) for query in plain)
    assert fed != plain


def test_typing_errors_cost_what_is_said(toy: Path) -> None:
    dataset = load_dataset(toy)
    clean = evaluate(dataset, ["bm25"], measures=["RR@10"])
    none, all_ = (evaluate(dataset, ["bm25"], measures=["RR@10"], typos=Typos(rate, 3)) for rate in (0.0, 1.0))
    assert none.runs == clean.runs
    assert none.results[0].kept == {"RR@10": 1.0}
    assert all_.runs != clean.runs
    kept = all_.results[0].kept
    assert kept is not None
    assert kept["RR@10"] == all_.results[0].measures["RR@10"] / clean.results[0].measures["RR@10"]
    printed = all_.to_json()
    assert printed["typos"] == {"rate": 1.0, "seed": 3}
    assert printed["results"][0]["kept"] == kept
    assert "typos" not in clean.to_json()
    assert "kept" not in clean.to_json()["results"][0]


def test_a_document_identical_to_its_query_is_known_in_spite_of_typing_errors(toy: Path) -> None:
    corpus = toy / "corpus.jsonl"
    corpus.write_text(
        '{"_id": "q1", "text": "dogs in the park"}\n' + corpus.read_text(encoding="utf-8"), encoding="utf-8"
    )
    run = evaluate(load_dataset(toy), ["bm25"], typos=Typos(1.0)).runs["bm25"]
    assert "q1" not in [id_ for id_, _ in run["q1"]]
