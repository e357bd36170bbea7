"""What the tests of the room share: a tiny LIMIT as a dataset, and what makes datasets of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from numen.evaluate import Dataset
from numen.room import Limit, make_limit
from numen.types import Document

TINY = Limit(documents=120, queries=30, k=2, held=12, attributes=200, seed=3)


@pytest.fixture(scope="session")
def tiny() -> Dataset:
    """A LIMIT of 120 documents and 30 queries."""
    return make_limit(TINY)


@pytest.fixture
def dataset() -> Callable[..., Dataset]:
    """`dataset({"d1": "text"}, {"q1": "text"}, {"q1": {"d1": 1}})`."""

    def make(texts: Mapping[str, str], queries: Mapping[str, str], qrels: Mapping[str, Mapping[str, int]]) -> Dataset:
        documents = [Document(id_, text) for id_, text in texts.items()]
        graded = {query: dict(grades) for query, grades in qrels.items()}
        return Dataset("made", lambda: iter(documents), dict(queries), graded)

    return make
