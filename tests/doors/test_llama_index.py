"""The LlamaIndex door, against the real package."""

from __future__ import annotations

import pytest

from numen import Collection

pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from numen.doors.llama_index import NumenRetriever  # noqa: E402


def test_nodes_are_the_hits_with_their_scores(collection: Collection) -> None:
    from llama_index.core.schema import QueryBundle

    found = NumenRetriever(collection, k=2).retrieve("boundry layer")
    expected = collection.search("boundry layer", 2)
    assert [(one.node.node_id, one.text, one.score) for one in found] == [(h.id, h.text, h.score) for h in expected]
    alone = NumenRetriever(collection, where="year < 1970").retrieve(QueryBundle("layer"))
    assert [one.metadata for one in alone] == [{"title": "Wings", "year": 1962}]
