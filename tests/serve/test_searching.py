"""Searches over HTTP say what searches in Python say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from numen import Collection

Run = Callable[..., None]


async def _posted(server: Any, what: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = await server.client.post(f"/collections/c/{what}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"k": 1},
        {"legs": ["grams"]},
        {"fuse": "minmax,words=0.7,grams=0.3"},
        {"feedback": "rm3,documents=2"},
        {"where": "year >= 1970"},
        {"where": {"lang": ["en"]}},
    ],
)
def test_hits_are_those_of_python(options: dict[str, Any], collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        expected = collection.search("boundry layer", **options)
        found = await _posted(server, "search", {"query": "boundry layer", **options})
        assert [(hit["id"], hit["score"], hit["rank"], hit["text"]) for hit in found["hits"]] == [
            (hit.id, hit.score, hit.rank, hit.text) for hit in expected
        ]
        assert found["hits"][0]["legs"] == {name: asdict(leg) for name, leg in expected[0].legs.items()}
        assert found["documents"] == collection.count(options.get("where"))
        assert found["exact"] is True

    talk(what)


def test_bm25_of_a_request_counts(collection: Collection, talk: Run) -> None:
    from numen import BM25

    async def what(server: Any) -> None:
        body = {"query": "layer", "legs": ["words"], "bm25": {"formula": "atire", "k1": 2}}
        found = await _posted(server, "search", body)
        expected = collection.search("layer", legs=["words"], bm25=BM25(formula="atire", k1=2.0))
        assert [hit["score"] for hit in found["hits"]] == [hit.score for hit in expected]

    talk(what)


def test_a_batch_is_its_searches(talk: Run) -> None:
    async def what(server: Any) -> None:
        many = await _posted(server, "search_many", {"queries": ["layer", "zzz", "heat"], "k": 2})
        for query, results in zip(["layer", "zzz", "heat"], many["results"], strict=True):
            alone = await _posted(server, "search", {"query": query, "k": 2})
            assert results["hits"] == alone["hits"]
            assert results["query"] == query

    talk(what)


def test_explanations_and_matches_come_with_hits_if_asked(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        body = {"query": "layer of flow", "explain": True, "highlights": True, "text": False}
        (first, *_) = (await _posted(server, "search", body))["hits"]
        assert "text" not in first
        expected = collection.explain("layer of flow", first["id"])
        assert first["explanation"]["score"] == expected.score == first["score"]
        assert [part["term"] for part in first["explanation"]["legs"][0]["parts"]] == [
            part.term for part in expected.legs[0].parts
        ]
        start, end = first["snippet"]["highlights"][0]
        assert first["snippet"]["text"][start:end] in ("layer", "flow", "of")
        plain = (await _posted(server, "search", {"query": "layer"}))["hits"][0]
        assert not {"explanation", "highlights", "snippet"} & plain.keys()

    talk(what)


def test_documents_are_explained_by_id_even_where_they_are_no_hit(talk: Run) -> None:
    async def what(server: Any) -> None:
        answer = await _posted(server, "explain", {"query": "heat", "ids": ["d2", "d3"]})
        assert [one["id"] for one in answer["explanations"]] == ["d2", "d3"]
        assert answer["explanations"][0]["score"] > answer["explanations"][1]["score"]
        lost = await _posted(server, "explain", {"query": "heat", "ids": ["d2", "nobody"]}, 404)
        assert lost["error"]["code"] == "unknown_document"

    talk(what)


def test_facts_and_fields(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        (info,) = (await server.client.get("/collections")).json()["collections"]
        assert (info["name"], info["documents"], info["writable"]) == ("c", 4, True)
        assert [leg["encoder"] for leg in info["legs"]] == ["bm25", "numen:256"]
        assert "path" not in info
        assert (await server.client.get("/collections/c")).json() == info
        fields = {one["name"]: one for one in (await server.client.get("/collections/c/fields")).json()["fields"]}
        assert fields["lang"]["values"] == [{"value": "en", "documents": 2}, {"value": "de", "documents": 1}]
        assert (fields["year"]["least"], fields["year"]["most"]) == (1962, 1999)
        assert (await _posted(server, "count", {"where": "lang = 'en'"})) == {"documents": 2}

    talk(what)


def test_given_vectors_come_with_documents_and_queries(serving: Any) -> None:
    async def whole() -> None:
        own = Collection.create(legs={"words": "bm25", "splade": "given:9", "tags": "given:terms"})
        async with serving({"c": own}) as server:
            documents = [
                {"id": "a", "text": "red fox", "vectors": {"splade": {"3": 0.5}, "tags": {"x": 1}}},
                {"id": "b", "text": "red hen", "vectors": {"splade": {"3": 1.5, "8": 1}, "tags": {}}},
            ]
            added = await server.client.post("/collections/c/documents", json={"documents": documents})
            assert added.status_code == 200, added.text
            body = {"query": None, "vectors": {"splade": {"3": 2}}, "legs": ["splade"]}
            found = await _posted(server, "search", body)
            assert [(hit["id"], hit["score"]) for hit in found["hits"]] == [("b", 3.0), ("a", 1.0)]
            refused = await _posted(server, "search", {"query": "red"}, 422)
            assert "takes vectors" in refused["error"]["message"]

    asyncio.run(whole())
