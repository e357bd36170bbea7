"""The rule for a document that is identical to its query."""

from __future__ import annotations

import pytest

from numen.errors import OptionError
from numen.evaluate.identical import MODES, same_text, twins, without
from numen.types import Document

_CORPUS = {
    document.id: document
    for document in (
        Document(id="1", text="a wing in a slipstream"),
        Document(id="2", text="Vegetarian food\n helps the  STRASSE", title=""),
        Document(id="3", text="is good", title="Milk"),
    )
}
_QUERIES = {"1": "heat transfer", "2": "vegetarian food helps the straße", "3": "milk is good", "4": "is good"}


@pytest.mark.parametrize(("mode", "dropped"), [("same", {"2", "3"}), ("id", {"1", "2", "3"}), ("keep", set())])
def test_each_mode_drops_what_it_says(mode: str, dropped: set[str]) -> None:
    assert mode in MODES
    assert twins(mode, _QUERIES, _CORPUS.get) == dropped


def test_the_same_text_under_another_id_is_no_twin() -> None:
    assert twins("same", {"9": "is good"}, {"3": _CORPUS["3"]}.get) == set()


@pytest.mark.parametrize(
    ("query", "same"),
    [("is good", True), ("IS\tgood ", True), ("Milk is good", True), ("milk", False), ("is good milk", False)],
)
def test_text_is_compared_without_case_and_white_space(query: str, same: bool) -> None:
    assert same_text(query, _CORPUS["3"]) is same


def test_dropping_keeps_the_order_and_the_number() -> None:
    hits = [("a", 3.0), ("q", 2.0), ("b", 1.0), ("c", 0.5)]
    assert without(hits, "q", 2) == [("a", 3.0), ("b", 1.0)]
    assert without(hits, "absent", 2) == [("a", 3.0), ("q", 2.0)]


def test_an_unknown_mode_names_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"did you mean 'same'\? Legal: id, keep, same"):
        twins("sam", {}, _CORPUS.get)
