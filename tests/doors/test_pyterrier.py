"""The PyTerrier door, against the real package."""

from __future__ import annotations

from typing import Any

import pytest

from numen import Collection
from numen.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def pt() -> Any:
    return pytest.importorskip("pyterrier", reason="pyterrier is not installed")


def test_results_are_the_hits_with_ranks_from_0(pt: Any, collection: Collection) -> None:
    from numen.doors.pyterrier import NumenRetriever

    retriever = NumenRetriever(collection, 2, fields=("text",))
    found = retriever.search("boundry layer")
    expected = collection.search("boundry layer", 2)
    assert list(zip(found["docno"], found["score"], found["rank"], found["text"], strict=True)) == [
        (hit.id, hit.score, hit.rank - 1, hit.text) for hit in expected
    ]
    import pandas as pd

    first: Any = retriever % 1
    topics = pd.DataFrame({"qid": ["a", "b", "c"], "query": ["heat", "zzz", "nozzles"]})
    assert list(first(topics)[["qid", "docno"]].itertuples(index=False, name=None)) == [
        ("a", "2"),
        ("c", "3"),
    ]
    assert list(retriever(topics[:0]).columns) == ["qid", "query", "docno", "text", "rank", "score"]
    with pytest.raises(InputError, match="qid and query"):
        retriever.transform(pd.DataFrame({"qid": ["a"]}))
    with pytest.raises(InputError, match="title and text"):
        NumenRetriever(collection, fields=("url",))
