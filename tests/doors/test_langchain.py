"""The LangChain door, against the real package."""

from __future__ import annotations

import asyncio

import pytest

from numen import Collection

pytest.importorskip("langchain_core", reason="langchain-core is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from numen.doors.langchain import NumenRetriever  # noqa: E402


def test_documents_are_the_hits(collection: Collection) -> None:
    retriever = NumenRetriever(collection=collection, k=2)
    found = retriever.invoke("boundry layer")
    expected = collection.search("boundry layer", 2)
    assert [(one.id, one.page_content) for one in found] == [(hit.id, hit.text) for hit in expected]
    assert found[0].metadata["year"] in (1962, 1999)
    assert found[0].metadata["numen"]["score"] == expected[0].score


def test_options_of_the_retriever_and_of_a_call(collection: Collection) -> None:
    retriever = NumenRetriever(collection=collection, options={"legs": ["words"]})
    assert [one.id for one in retriever.invoke("layer", where="year > 1970")] == ["2"]
    assert retriever.invoke("boundry") == []


def test_it_is_a_runnable_in_chains_batches_and_loops(collection: Collection) -> None:
    from langchain_core.runnables import RunnableLambda

    retriever = NumenRetriever(collection=collection, k=1)
    chain = retriever | RunnableLambda(lambda documents: documents[0].id)
    assert chain.batch(["heat", "nozzles"]) == ["2", "3"]
    assert [one.id for one in asyncio.run(retriever.ainvoke("heat"))] == ["2"]
