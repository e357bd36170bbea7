"""What is chosen is the best on the training queries, and what is reported comes from the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ir_measures")

from numen.errors import InputError, OptionError
from numen.evaluate import Dataset, System, evaluate, halves, judged, load_dataset, tune
from numen.types import Document

NAMES = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrst"]


def misspelling_hurts_words() -> Dataset:
    """Every query is mistyped, so that words find nothing and n-grams what is meant: fusion should trust n-grams."""
    documents = [Document(name, f"{name}ational {name}istics report") for name in NAMES]
    decoys = [Document(f"decoy {n}", "qzx " * (1 + n % 5)) for n in range(30)]
    queries = {str(n): f"{name}tional {name}stics qzx" for n, name in enumerate(NAMES)}
    return judged(
        "typos", lambda: iter([*documents, *decoys]), queries, {str(n): {name: 1} for n, name in enumerate(NAMES)}
    )


def test_the_better_leg_gets_the_weight_and_the_gain_is_found_on_the_held_out_queries() -> None:
    train, held_out = halves(misspelling_hurts_words(), 0.4)
    system = System.of("w=bm25,g=numen:32768", "rrf")
    tuning = tune(train, held_out, system, measures=["RR@10"])
    assert tuning.chosen.value == max(one.value for one in tuning.tried) > tuning.start.value
    assert tuning.chosen.system.fusion.weight("g") > 1
    assert tuning.better
    first, second = tuning.comparisons
    assert (first.measure, second.measure) == ("nDCG@10", "RR@10")
    assert first.p < 0.001
    # The figures are those that an evaluation of the held-out queries gives.
    evaluated = evaluate(held_out, [system, tuning.chosen.system], measures=["nDCG@10"])
    assert [first.a, first.b] == [result.measures["nDCG@10"] for result in evaluated.results]
    train_only = evaluate(train, [tuning.chosen.system], measures=["nDCG@10"])
    assert train_only.results[0].measures["nDCG@10"] == tuning.chosen.value


def test_the_same_seed_gives_the_same_choice(toy: Path) -> None:
    train, held_out = halves(load_dataset(toy))
    a, b = (tune(train, held_out, System.of("bm25"), seed=3) for _ in range(2))
    assert a == b
    assert a.start.system == System.of("bm25")
    assert len({one.system.name for one in a.tried}) == len(a.tried) > 30


def test_among_equals_the_first_is_chosen() -> None:
    documents = [Document("a", "red"), Document("b", "blue")]
    dataset = judged("d", lambda: iter(documents), {"1": "red", "2": "blue"}, {"1": {"a": 1}, "2": {"b": 1}})
    tuning = tune(*halves(dataset), System.of("bm25"))
    assert tuning.chosen == tuning.start
    assert not tuning.better
    assert [c.difference for c in tuning.comparisons] == [0.0] * len(tuning.comparisons)


def test_legs_without_parameters_or_feedback_are_left_as_they_are(toy: Path) -> None:
    tuning = tune(*halves(load_dataset(toy)), System.of("numen:512,signed=true"))
    assert len(tuning.tried) == 1


def test_json_says_everything(toy: Path) -> None:
    tuning = tune(*halves(load_dataset(toy)), System.of("w=bm25,g=numen:512"))
    printed: dict[str, Any] = json.loads(json.dumps(tuning.to_json()))
    assert printed["measure"] == "nDCG@10"
    assert printed["start"]["legs"] == {"w": "bm25", "g": "numen:512"}
    assert len(printed["tried"]) == len(tuning.tried)
    assert printed["held_out"]["queries"] == printed["train"]["queries"] == 1
    assert "randomisation" in printed["held_out"]["test"]


def test_queries_in_both_parts_are_refused(toy: Path) -> None:
    dataset = load_dataset(toy)
    with pytest.raises(InputError, match="queries are in both parts"):
        tune(dataset, dataset, System.of("bm25"))
    with pytest.raises(OptionError, match="no measure"):
        tune(*halves(dataset), System.of("bm25"), by="nDGC")
