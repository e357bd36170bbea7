"""The Haystack door, against the real package."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen import Collection
from numen.errors import InputError

pytest.importorskip("haystack", reason="haystack-ai is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from numen.doors.haystack import NumenRetriever  # noqa: E402


def test_documents_are_the_hits(collection: Collection) -> None:
    found = NumenRetriever(collection).run("boundry layer", top_k=2)["documents"]
    expected = collection.search("boundry layer", 2)
    assert [(one.id, one.content, one.score) for one in found] == [(hit.id, hit.text, hit.score) for hit in expected]
    assert [one.id for one in NumenRetriever(collection, where="year < 1970").run("layer")["documents"]] == ["1"]


def test_a_pipeline_with_it_is_written_and_read(collection: Collection, tmp_path: Path) -> None:
    from haystack import Pipeline

    with Collection.create(tmp_path / "c") as kept:
        kept.add(collection.documents())
    pipeline = Pipeline()
    pipeline.add_component("retriever", NumenRetriever(str(tmp_path / "c"), top_k=1))
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["numen.doors.haystack"])
    assert [one.id for one in again.run({"retriever": {"query": "heat"}})["retriever"]["documents"]] == ["2"]
    with pytest.raises(InputError, match="folder's path"):
        NumenRetriever(collection).to_dict()
