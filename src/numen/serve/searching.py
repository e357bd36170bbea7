"""The operations that ask: search, explain, count, and what a collection says of itself."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from starlette.types import ASGIApp

from numen.search import Collection
from numen.serve.answers import (
    Answer,
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

_USUAL = range(1, 401)
"""Characters of a query that may be answered together with others; a long one would hold them up."""


def json_response(value: JSON, status: int = 200) -> ASGIApp:
    return Answer(to_bytes(value), status)


async def search(ask: Ask) -> ASGIApp:
    """The hits of one query."""
    hosted, body = ask.service.of(ask.path["collection"]), ask.body
    _note(ask, query=body["query"] or "")

    def work(queries: Sequence[str]) -> list[bytes]:
        collection = hosted.collection
        options = options_of(body, collection)
        began = time.perf_counter()
        if len(queries) == 1:
            found = [collection.search(queries[0], body["k"], **options)]
        else:
            found = collection.search_many(queries, body["k"], **options, threads=1)
        took = (time.perf_counter() - began) * 1000
        return [to_bytes(_results(collection, results, body, options, took)) for results in found]

    answer = await ask.service.search_together(work, body["query"], _kind(hosted.name, body))
    return Answer(answer)


def _kind(name: str, body: Mapping[str, Any]) -> Hashable:
    """What searches have in common that one call can answer; None for one that is answered alone."""
    if body["vectors"] is not None or isinstance(body["where"], dict) or len(body["query"] or "") not in _USUAL:
        return None
    return name, repr([value for field, value in body.items() if field != "query"])


async def search_many(ask: Ask) -> ASGIApp:
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

    return Answer(await ask.service.search(work))


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
        milliseconds=milliseconds,
        text=body["text"],
        matches=matches,
        explanations=explanations if body["explain"] else None,
    )


async def explain(ask: Ask) -> ASGIApp:
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

    return Answer(await ask.service.search(work))


async def count(ask: Ask) -> ASGIApp:
    """How many documents a filter keeps."""
    hosted, where = ask.service.of(ask.path["collection"]), ask.body["where"]
    return json_response({"documents": await ask.service.search(lambda: hosted.collection.count(where))})


async def collections(ask: Ask) -> ASGIApp:
    """The facts of every collection."""
    service = ask.service
    writable = _may_write(ask)

    def work() -> JSON:
        return [info_json(name, one.collection.info(), writable=writable) for name, one in service.hosted.items()]

    return json_response({"collections": await service.search(work)})


async def info(ask: Ask) -> ASGIApp:
    """The facts of one collection."""
    hosted, writable = ask.service.of(ask.path["collection"]), _may_write(ask)
    return json_response(
        await ask.service.search(lambda: info_json(hosted.name, hosted.collection.info(), writable=writable))
    )


async def fields(ask: Ask) -> ASGIApp:
    """The fields of the metadata, with the values to filter by."""
    hosted = ask.service.of(ask.path["collection"])
    found = await ask.service.search(hosted.fields)
    return json_response({"fields": [field_json(one) for one in found]})


def _may_write(ask: Ask) -> bool:
    """Whether this caller may change collections here."""
    if ask.service.read_only:
        return False
    try:
        ask.service.keys.check(passing(ask.request.scope).header(b"authorization"), write=True)
    except Refusal as refusal:
        return refusal_of(refusal).code != "read_only_key"
    return True


def _note(ask: Ask, **facts: JSON) -> None:
    """Have the log tell these too, if texts of queries were asked for."""
    if ask.service.log.queries:
        passing(ask.request.scope).facts.update(facts)
