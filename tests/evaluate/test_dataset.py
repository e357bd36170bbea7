"""A judged collection as a value."""

from __future__ import annotations

import pytest

from numen.errors import DatasetError
from numen.evaluate.dataset import Dataset, judged
from numen.types import Document, Qrels


def _dataset(queries: dict[str, str], qrels: Qrels) -> Dataset:
    return judged("toy", lambda: iter([Document("a", "text")]), queries, qrels)


def test_only_judged_queries_are_kept_in_the_order_of_the_queries() -> None:
    dataset = _dataset({"3": "c", "1": "a", "2": "b"}, {"1": {"a": 1, "b": 0}, "3": {"a": 2}})
    assert list(dataset.queries.items()) == [("3", "c"), ("1", "a")]
    assert dataset.qrels == {"3": {"a": 2}, "1": {"a": 1, "b": 0}}
    assert list(dataset.qrels) == ["3", "1"]
    assert dataset.judgements == 3


def test_judged_queries_without_text_are_counted() -> None:
    with pytest.raises(DatasetError, match=r"toy: 2 of the 3 judged queries have no text, the first is 'y'"):
        _dataset({"x": "text"}, {"x": {"a": 1}, "y": {"a": 1}, "z": {"a": 1}})


@pytest.mark.parametrize("qrels", [{}, {"x": {}}])
def test_no_judgement_at_all_is_an_error(qrels: Qrels) -> None:
    with pytest.raises(DatasetError, match="no query has a judgement"):
        _dataset({"x": "text"}, qrels)


def test_judged_documents_that_the_corpus_lacks_are_listed_once() -> None:
    dataset = _dataset({"x": "t", "y": "t"}, {"x": {"gone": 1, "a": 1}, "y": {"lost": 0, "gone": 2}})
    assert dataset.missing_documents({"a"}.__contains__) == ["gone", "lost"]
    assert dataset.missing_documents(lambda _: True) == []
