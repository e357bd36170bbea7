"""The operations that ask: search, explain, count, and what a collection says of itself."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from numen.search import Collection
from numen.serve.answers import (
    explanation_json,
    field_json,
    info_json,
    matches_json,
    results_json,
    to_bytes,
)
from numen.serve.guard import passing
from numen.serve.operation import Ask
from numen.serve.refusal import Refusal, refusal_of
from numen.serve.requests import options_of
from numen.types import JSON, Results

__all__ = ["collections", "count", "explain", "fields", "info", "json_response", "search", "search_many"]


def json_response(value: JSON, status: int = 200) -> Response:
    return Response(to_bytes(value), status, media_type="application/json")


async def search(ask: Ask) -> Response:
    """The hits of one query."""
    hosted, body = ask.service.of(ask.path["collection"]), ask.body
    _note(ask, query=body["query"] or "")

    def work() -> bytes:
        collection = hosted.collection
        options = options_of(body, collection)
        began = time.perf_counter()
        results = collection.search(body["query"], body["k"], **options)
        took = (time.perf_counter() - began) * 1000
        return to_bytes(_results(collection, results, body, options, took))

    return Response(await ask.service.search(work), media_type="application/json")


async def search_many(ask: Ask) -> Response:
    """The hits of several queries."""
    hosted, body = ask.service.of(ask.path["collection"]), ask.body
    _note(ask, queries=body["queries"])

    def work() -> bytes:
        collection = hosted.collection
        options = options_of(body, collection)
        began = time.perf_counter()
        found = collection.search_many(body["queries"], body["k"], **options, threads=1)
        took = (time.perf_counter() - began) * 1000
        answers = [_results(collection, results, body, options, took) for results in found]
        return to_bytes({"results": answers})

    return Response(await ask.service.search(work), media_type="application/json")


def _results(
    collection: Collection, results: Results, body: dict[str, Any], options: dict[str, Any], milliseconds: float
) -> dict[str, JSON]:
    """The results with what was asked for beside them."""
    matches = explanations = None
    if body["highlights"]:
        matches = [matches_json(collection, results.query, hit, body["legs"]) for hit in results]
    if body["explain"] and len(results):
        asked = {name: value for name, value in options.items() if name != "approximate"}
        explanations = collection.explain_many(results.query, [hit.id for hit in results], body["k"], **asked)
    return results_json(
        results,
        documents=collection.count(body["where"]),
        milliseconds=milliseconds,
        text=body["text"],
        matches=matches,
        explanations=explanations if body["explain"] else None,
    )


async def explain(ask: Ask) -> Response:
    """Why documents have the scores that they have."""
    hosted, body = ask.service.of(ask.path["collection"]), ask.body
    _note(ask, query=body["query"] or "")

    def work() -> bytes:
        collection = hosted.collection
        for id in body["ids"]:
            if id not in collection:
                raise Refusal("unknown_document", f"no document has the id {id!r}")
        options = options_of(body, collection)
        found = collection.explain_many(body["query"], body["ids"], body["k"], **options)
        return to_bytes({"explanations": [explanation_json(one) for one in found]})

    return Response(await ask.service.search(work), media_type="application/json")


async def count(ask: Ask) -> Response:
    """How many documents a filter keeps."""
    hosted, where = ask.service.of(ask.path["collection"]), ask.body["where"]
    return json_response({"documents": await ask.service.search(lambda: hosted.collection.count(where))})


async def collections(ask: Ask) -> Response:
    """The facts of every collection."""
    service = ask.service
    writable = _may_write(ask)

    def work() -> JSON:
        return [info_json(name, one.collection.info(), writable=writable) for name, one in service.hosted.items()]

    return json_response({"collections": await service.search(work)})


async def info(ask: Ask) -> Response:
    """The facts of one collection."""
    hosted, writable = ask.service.of(ask.path["collection"]), _may_write(ask)
    return json_response(
        await ask.service.search(lambda: info_json(hosted.name, hosted.collection.info(), writable=writable))
    )


async def fields(ask: Ask) -> Response:
    """The fields of the metadata, with the values to filter by."""
    hosted = ask.service.of(ask.path["collection"])
    found = await ask.service.search(hosted.fields)
    return json_response({"fields": [field_json(one) for one in found]})


def _may_write(ask: Ask) -> bool:
    """Whether this caller may change collections here."""
    if ask.service.read_only:
        return False
    try:
        ask.service.keys.check(ask.request.headers.get("authorization"), write=True)
    except Refusal as refusal:
        return refusal_of(refusal).code != "read_only_key"
    return True


def _note(ask: Ask, **facts: JSON) -> None:
    """Have the log tell these too, if texts of queries were asked for."""
    if ask.service.log.queries:
        passing(ask.request.scope).facts.update(facts)
