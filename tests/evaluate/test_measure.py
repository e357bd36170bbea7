"""Measures: the ranking as numen gives it is what is measured, over all judged queries."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.errors import DatasetError, InputError, MissingExtra, OptionError
from numen.evaluate.measure import DEFAULT, check_measures, deepest_cutoff, measure
from numen.types import Qrels, Run


def test_the_default_measures_are_those_of_the_terminal() -> None:
    measured = measure({"q": [("a", 1.0)]}, {"q": {"a": 1}})
    assert list(measured.means) == ["nDCG@10", "R@2", "R@10", "R@100", "RR@10"] == list(DEFAULT)
    assert set(measured.means.values()) == {1.0}


def test_values_worked_out_by_hand() -> None:
    run: Run = {"q": [("x", 9.0), ("a", 8.0), ("b", 7.0), ("y", 6.0)]}
    qrels: Qrels = {"q": {"a": 2, "b": 1, "c": 1, "x": 0}}
    measured = measure(run, qrels, ["RR@10", "R@2", "R@10", "nDCG@10"])
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert measured.means == pytest.approx(
        {"RR@10": 1 / 2, "R@2": 1 / 3, "R@10": 2 / 3, "nDCG@10": (2 / math.log2(3) + 1 / math.log2(4)) / ideal}
    )


@pytest.mark.parametrize("last", ["a", "z"])
def test_equal_scores_are_measured_in_the_order_given(last: str) -> None:
    first = "a" if last == "z" else "z"
    measured = measure({"q": [(first, 1.0), (last, 1.0)]}, {"q": {last: 1}}, ["RR@10"])
    assert measured.means == {"RR@10": 0.5}


@given(order=st.permutations(list("abcdefgh")), score=st.sampled_from([0.0, -1.0, 1e30, math.nan]))
@settings(max_examples=50, deadline=None)
def test_only_the_order_counts_not_the_scores(order: list[str], score: float) -> None:
    measured = measure({"q": [(document, score) for document in order]}, {"q": {"c": 1}}, ["RR"])
    assert measured.means["RR"] == pytest.approx(1 / (order.index("c") + 1))


def test_a_judged_query_without_hits_counts_zero() -> None:
    qrels: Qrels = {"found": {"a": 1}, "empty": {"a": 1}, "absent": {"a": 1}, "irrelevant": {"a": 0}}
    measured = measure({"found": [("a", 1.0)], "empty": [], "irrelevant": [("a", 1.0)]}, qrels, ["nDCG@10", "R@10"])
    assert measured.means == {"nDCG@10": 0.25, "R@10": 0.25}
    assert measured.per_query["nDCG@10"] == {"found": 1.0, "empty": 0.0, "absent": 0.0, "irrelevant": 0.0}
    assert list(measured.per_query["R@10"]) == list(qrels)


def test_hits_of_queries_without_judgements_change_nothing() -> None:
    run: Run = {"q": [("a", 1.0)], "other": [("b", 1.0)]}
    assert measure(run, {"q": {"a": 1}}) == measure({"q": [("a", 1.0)]}, {"q": {"a": 1}})


def test_ids_that_the_c_library_cannot_hold_are_measured() -> None:
    run: Run = {"q\x00a": [("d\x00b", 2.0), ("d\x00a", 1.0)], "q\x00b": [("\ud800", 1.0)]}
    qrels: Qrels = {"q\x00a": {"d\x00a": 1}, "q\x00b": {"\ud800": 1}}
    assert measure(run, qrels, ["RR@10"]).per_query["RR@10"] == {"q\x00a": 0.5, "q\x00b": 1.0}


def test_names_are_written_as_ir_measures_writes_them_each_once() -> None:
    assert check_measures(["nDCG(cutoff=10)", "nDCG@10", "P(rel=2)@5"]) == ("nDCG@10", "P(rel=2)@5")


@pytest.mark.parametrize("name", ["ndcg@10", "Foo", "", "R", "R@x", "R@0", "R@-1", "R@99999999999", "nDCG(depth=3)@10"])
def test_an_unknown_measure_is_an_option_error(name: str) -> None:
    with pytest.raises(OptionError, match=r"nDCG@10|at least 1"):
        measure({"q": [("a", 1.0)]}, {"q": {"a": 1}}, ["R@10", name])


def test_no_measure_is_an_option_error() -> None:
    with pytest.raises(OptionError, match="no measure"):
        check_measures([])


def test_a_measure_whose_program_is_not_there_is_an_option_error() -> None:
    with pytest.raises(OptionError, match="alpha_nDCG@10"):
        measure({"q": [("a", 1.0)]}, {"q": {"a": 1}}, ["alpha_nDCG@10"])


def test_a_document_twice_in_a_run_is_an_error() -> None:
    with pytest.raises(InputError, match="'q'"):
        measure({"q": [("a", 2.0), ("a", 1.0)]}, {"q": {"a": 1}})


@pytest.mark.parametrize("qrels", [{}, {"q": {}}])
def test_no_judgements_are_an_error(qrels: Qrels) -> None:
    with pytest.raises(DatasetError, match="no judgements"):
        measure({"q": [("a", 1.0)]}, qrels)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(MissingExtra, match=r"numen\[eval\]"):
        measure({"q": [("a", 1.0)]}, {"q": {"a": 1}})


def test_the_deepest_cutoff_is_the_largest() -> None:
    assert deepest_cutoff(DEFAULT) == 100
    assert deepest_cutoff(["AP", "P@5"]) == 5
    assert deepest_cutoff(["AP"]) == 0
