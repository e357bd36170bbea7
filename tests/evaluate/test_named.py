"""Names that ir_datasets knows, with a stand-in for the package: no test goes to the network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from numen.errors import DatasetError
from numen.evaluate.named import load_named
from numen.types import Document


class _Source:
    """What `ir_datasets.load` gives for a small collection."""

    def __init__(self, *, qrels: bool = True, failure: Exception | None = None) -> None:
        self._qrels, self._failure = qrels, failure

    def has_docs(self) -> bool:
        return True

    def has_queries(self) -> bool:
        return True

    def has_qrels(self) -> bool:
        return self._qrels

    def docs_iter(self) -> Iterator[Any]:
        if self._failure:
            raise self._failure
        yield SimpleNamespace(doc_id="d1", text="body", title="Head")
        yield SimpleNamespace(doc_id="d2", text="no title")
        yield SimpleNamespace(doc_id="d3", body="fields", default_text=lambda: "all fields")

    def queries_iter(self) -> Iterator[Any]:
        yield SimpleNamespace(query_id="q1", text="one")
        yield SimpleNamespace(query_id="q2", default_text=lambda: "two")
        yield SimpleNamespace(query_id="q3", text="not judged")

    def qrels_iter(self) -> Iterator[Any]:
        yield SimpleNamespace(query_id="q2", doc_id="d3", relevance=2, iteration="0")
        yield SimpleNamespace(query_id="q1", doc_id="d1", relevance=0, iteration="0")


def _pretend(monkeypatch: pytest.MonkeyPatch, source: _Source) -> None:
    monkeypatch.setitem(sys.modules, "ir_datasets", SimpleNamespace(load=lambda name: source))


def test_documents_queries_and_judgements_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, _Source())
    dataset = load_named("toy/test")
    assert dataset.name == "toy/test"
    assert dataset.queries == {"q1": "one", "q2": "two"}
    assert dataset.qrels == {"q1": {"d1": 0}, "q2": {"d3": 2}}
    expected = [Document("d1", "body", "Head"), Document("d2", "no title"), Document("d3", "all fields")]
    for _ in range(2):
        assert list(dataset.documents()) == expected


def test_a_name_without_judgements_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, _Source(qrels=False))
    with pytest.raises(DatasetError, match=r"'toy' has no judgements; perhaps .* toy/test"):
        load_named("toy")


@pytest.mark.parametrize("failure", [RuntimeError("All download sources failed"), ConnectionError("no route")])
def test_data_that_cannot_be_downloaded_is_an_error(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    _pretend(monkeypatch, _Source(failure=failure))
    documents = load_named("toy/test").documents()
    with pytest.raises(DatasetError, match=rf"'toy/test' is no folder here.*{failure}") as caught:
        next(documents)
    assert caught.value.__cause__ is failure


def test_an_unknown_name_says_both_possibilities() -> None:
    with pytest.raises(DatasetError, match="neither a folder here nor a name that ir_datasets knows"):
        load_named("no such name")
