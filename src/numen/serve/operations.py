"""Every operation of the service, in the order in which the OpenAPI document has them."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp

from numen.serve import changing, searching
from numen.serve.answers import Answer
from numen.serve.bodies import LINES
from numen.serve.kinds import Flag, Kind, Whole
from numen.serve.limits import Limits
from numen.serve.operation import Ask, Operation
from numen.serve.requests import Bodies

__all__ = ["operations"]

_MANY = 1_000_000_000  # documents: more than a collection can hold
_COLLECTION = "/collections/{collection}"
_UNFIT = (
    *("bad_json", "bad_request", "body_too_slow", "body_too_large", "wrong_content_type", "overloaded"),
    *("unfit", "query_too_long"),
)
_ASKED = (*_UNFIT, "k_too_large", "unknown_collection", "starting", "stopping", "overloaded", "too_slow")
_CHANGED = (
    *_UNFIT,
    *("batch_too_large", "read_only_key", "read_only", "unknown_collection", "writer_busy", "starting", "stopping"),
    "writer_waiting",
)


def operations(limits: Limits) -> list[Operation]:
    """All operations, within these limits."""
    bodies = Bodies.of(limits)
    one = f"{_COLLECTION}/documents/{{id}}"
    many = f"{_COLLECTION}/documents"
    limit: dict[str, tuple[Kind, Any]] = {"limit": (Whole("So many documents at most.", least=1, most=_MANY), None)}
    stream: dict[str, tuple[Kind, Any]] = {
        "commit_every": (
            Whole("JSON lines only: commit after each so many documents, instead of once.", least=1, most=_MANY),
            None,
        ),
        "resume": (Flag("JSON lines only: leave out documents that are there already just as given."), False),
    }
    asked = ("unknown_collection", "starting", "stopping", "overloaded", "too_slow")
    return [
        Operation(
            "collections",
            "GET",
            "/collections",
            "The facts of every collection",
            searching.collections,
            "Collections",
            refusals=asked[1:],
        ),
        Operation("info", "GET", _COLLECTION, "The facts of one collection", searching.info, "Info", refusals=asked),
        Operation(
            "fields",
            "GET",
            f"{_COLLECTION}/fields",
            "The fields of the documents' metadata, with the values to filter by",
            searching.fields,
            "Fields",
            refusals=asked,
        ),
        Operation(
            "search",
            "POST",
            f"{_COLLECTION}/search",
            "The hits of a query",
            searching.search,
            "Results",
            body=bodies.search,
            refusals=_ASKED,
        ),
        Operation(
            "search_many",
            "POST",
            f"{_COLLECTION}/search_many",
            "The hits of several queries",
            searching.search_many,
            "ResultsOfMany",
            body=bodies.search_many,
            refusals=(*_ASKED, "batch_too_large"),
        ),
        Operation(
            "explain",
            "POST",
            f"{_COLLECTION}/explain",
            "Why documents have their scores",
            searching.explain,
            "Explanations",
            body=bodies.explain,
            refusals=(*_ASKED, "batch_too_large", "unknown_document"),
        ),
        Operation(
            "count",
            "POST",
            f"{_COLLECTION}/count",
            "How many documents a filter keeps",
            searching.count,
            "Count",
            body=bodies.count,
            refusals=_ASKED,
        ),
        Operation(
            "documents",
            "GET",
            many,
            "Every document, in the order of adding, as JSON lines",
            changing.every,
            "Documents of one commit, one JSON object a line",
            parameters=limit,
            media=LINES,
            refusals=("unfit", *asked),
        ),
        Operation(
            "add",
            "POST",
            many,
            "Add documents, or replace those whose id is there: one commit",
            changing.add,
            "AddReport",
            right="write",
            parameters=stream,
            body=bodies.documents,
            streams=LINES,
            refusals=_CHANGED,
        ),
        Operation(
            "get_many",
            "POST",
            f"{_COLLECTION}/get_many",
            "Several documents by id",
            changing.get_many,
            "Documents",
            body=bodies.ids,
            refusals=(*_ASKED, "batch_too_large"),
        ),
        Operation(
            "delete_many",
            "POST",
            f"{_COLLECTION}/delete_many",
            "Delete documents by id: one commit",
            changing.delete_many,
            "Deleted",
            right="write",
            body=bodies.ids,
            refusals=_CHANGED,
        ),
        Operation("get", "GET", one, "One document", changing.get, "Document", refusals=(*asked, "unknown_document")),
        Operation(
            "put",
            "PUT",
            one,
            "Add one document, or replace it",
            changing.put,
            "AddReport",
            right="write",
            body=bodies.document,
            refusals=_CHANGED,
        ),
        Operation(
            "delete",
            "DELETE",
            one,
            "Delete one document",
            changing.delete,
            "Deleted",
            right="write",
            refusals=(*_CHANGED, "unknown_document"),
        ),
        Operation("health", "GET", "/health", "Whether the process answers", _health, "State", right="none"),
        Operation(
            "ready",
            "GET",
            "/ready",
            "Whether searches are answered",
            _ready,
            "State",
            right="none",
            refusals=("starting", "stopping"),
        ),
        Operation(
            "metrics",
            "GET",
            "/metrics",
            "Figures for Prometheus",
            _metrics,
            "Text of Prometheus",
            media="text/plain; version=0.0.4; charset=utf-8",
        ),
    ]


async def _health(ask: Ask) -> ASGIApp:
    return searching.json_response({"status": "ok"})


async def _ready(ask: Ask) -> ASGIApp:
    ask.service.check_ready()
    return searching.json_response({"status": ask.service.state})


async def _metrics(ask: Ask) -> ASGIApp:
    service = ask.service
    gauges = await service.export(service.gauges)
    return Answer(service.metrics.text(gauges).encode(), media_type="text/plain; version=0.0.4; charset=utf-8")
