"""What answers hold: values of numen as JSON, and the JSON Schema of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from starlette.types import Receive, Scope, Send

from numen.search import Collection, CollectionInfo, Explanation, FieldInfo
from numen.serve.refusal import CODES
from numen.types import JSON, AddReport, Document, Hit, Results

_quick: Callable[[Any], bytes] | None = None
with suppress(ImportError):  # where there is none for a platform, Python's own takes its place
    import orjson

    _quick = orjson.dumps

__all__ = [
    "SCHEMAS",
    "Answer",
    "document_json",
    "explanation_json",
    "field_json",
    "info_json",
    "matches_json",
    "report_json",
    "results_json",
    "to_bytes",
]

LONGEST = 200_000
"""Characters of a text that are searched for matches to show."""

SNIPPET = 320
"""Characters of a snippet, about."""


def to_bytes(value: JSON) -> bytes:
    """One line of JSON in UTF-8; half a surrogate pair becomes a question mark."""
    if _quick is not None:
        with suppress(TypeError):  # half a pair, or a whole number of more than 64 bits
            return _quick(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


class Answer:
    """An answer whose whole body is there: an ASGI application."""

    __slots__ = ("body", "media_type", "status")

    def __init__(self, body: bytes, status: int = 200, media_type: str = "application/json") -> None:
        self.body, self.status, self.media_type = body, status, media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", self.media_type.encode("latin-1")),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def results_json(
    results: Results,
    *,
    milliseconds: float,
    text: bool,
    matches: Sequence[Mapping[str, JSON]] | None,
    explanations: Sequence[Explanation] | None,
) -> dict[str, JSON]:
    """The hits of one query; matches, explanations: one for each hit, None where none was asked for."""
    hits = []
    for number, hit in enumerate(results.hits):
        one = _hit(hit, text=text)
        if matches is not None:
            one.update(matches[number])
        if explanations is not None:
            one["explanation"] = explanation_json(explanations[number])
        hits.append(one)
    return {
        "query": results.query,
        "k": results.k,
        "exact": results.exact,
        "recall": results.recall,
        "documents": results.documents,
        "milliseconds": round(milliseconds, 3),
        "hits": hits,
    }


def _hit(hit: Hit, *, text: bool) -> dict[str, JSON]:
    out: dict[str, JSON] = {"id": hit.id, "score": hit.score, "rank": hit.rank, "title": hit.title}
    if text:
        out["text"] = hit.text
    out["metadata"] = dict(hit.metadata)
    out["legs"] = {name: {"rank": leg.rank, "score": leg.score} for name, leg in hit.legs.items()}
    return out


def matches_json(collection: Collection, query: str, hit: Hit, legs: Sequence[str] | None) -> dict[str, JSON]:
    """Where a hit matches: character spans [begin, end) of its title and text, and the part with the most."""
    part = collection.snippet(query, hit.text[:LONGEST], SNIPPET, legs=legs)
    fields = {"title": hit.title, "text": hit.text[:LONGEST]}
    return {
        "highlights": {name: collection.highlights(query, text, legs=legs) for name, text in fields.items()},
        "snippet": {
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "highlights": part.highlights,
            "cut_before": part.cut_before,
            "cut_after": part.cut_after,
        },
    }


def explanation_json(explanation: Explanation) -> dict[str, JSON]:
    return asdict(explanation)


def document_json(document: Document) -> dict[str, JSON]:
    return {
        "id": document.id,
        "title": document.title,
        "text": document.text,
        "metadata": dict(document.metadata),
    }


def info_json(name: str, info: CollectionInfo, *, writable: bool) -> dict[str, JSON]:
    """The facts of a collection, without its path."""
    facts = asdict(info)
    del facts["path"]
    return {"name": name, "writable": writable, **facts}


def field_json(field: FieldInfo) -> dict[str, JSON]:
    return {**asdict(field), "values": [{"value": value, "documents": n} for value, n in field.values]}


def report_json(report: AddReport) -> dict[str, JSON]:
    return asdict(report)


def _object(properties: Mapping[str, JSON], optional: Sequence[str] = ()) -> dict[str, JSON]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(items: JSON) -> dict[str, JSON]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, JSON]:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: dict[str, JSON] = {"type": "string"}
_COUNT: dict[str, JSON] = {"type": "integer", "minimum": 0}
_WHOLE: dict[str, JSON] = {"type": "integer"}
_NUMBER: dict[str, JSON] = {"type": "number"}
_FLAG: dict[str, JSON] = {"type": "boolean"}
_ANY_OBJECT: dict[str, JSON] = {"type": "object"}
_NUMBER_OR_NULL: dict[str, JSON] = {"type": ["number", "null"]}
_TEXT_OR_NULL: dict[str, JSON] = {"type": ["string", "null"]}
_SPANS = _list({"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2})
_WORDS = _list(_TEXT)

SCHEMAS: dict[str, Any] = {
    "Error": _object(
        {
            "error": _object(
                {
                    "code": {"type": "string", "enum": sorted(CODES)},
                    "message": _TEXT,
                    "request_id": _TEXT,
                }
            )
        }
    ),
    "LegHit": _object({"rank": {"type": "integer", "minimum": 1}, "score": _NUMBER}),
    "Snippet": _object(
        {"start": _COUNT, "end": _COUNT, "text": _TEXT, "highlights": _SPANS, "cut_before": _FLAG, "cut_after": _FLAG}
    ),
    "Hit": _object(
        {
            "id": _TEXT,
            "score": _NUMBER,
            "rank": {"type": "integer", "minimum": 1},
            "title": _TEXT,
            "text": _TEXT,
            "metadata": _ANY_OBJECT,
            "legs": {"type": "object", "additionalProperties": _ref("LegHit")},
            "highlights": _object({"title": _SPANS, "text": _SPANS}),
            "snippet": _ref("Snippet"),
            "explanation": _ref("Explanation"),
        },
        optional=("text", "highlights", "snippet", "explanation"),
    ),
    "Results": _object(
        {
            "query": _TEXT,
            "k": _COUNT,
            "exact": _FLAG,
            "recall": _NUMBER_OR_NULL,
            "documents": {**_COUNT, "description": "How many documents took part: those that the filter keeps."},
            "milliseconds": {**_NUMBER, "description": "Of the search itself, without HTTP and waiting."},
            "hits": _list(_ref("Hit")),
        }
    ),
    "ResultsOfMany": _object({"results": _list(_ref("Results"))}),
    "ClassWord": _object(
        {
            "word": _TEXT,
            "weight": _NUMBER,
            "count": _COUNT,
            "document_frequency": _COUNT,
            "contribution": _NUMBER,
        }
    ),
    "Part": _object(
        {
            "term": _TEXT,
            "count": _WHOLE,
            "document_frequency": _COUNT,
            "query_weight": _NUMBER,
            "document_weight": _NUMBER,
            "contribution": _NUMBER,
            "asked": _WORDS,
            "found": _WORDS,
            "collisions": _WORDS,
            "collided": _NUMBER,
            "added": _FLAG,
            "kind": _TEXT,
            "words": _list(_ref("ClassWord")),
        }
    ),
    "WordShare": _object(
        {"word": _TEXT, "contribution": _NUMBER, "closest": _WORDS, "collided": _NUMBER, "added": _FLAG}
    ),
    "LegExplanation": _object(
        {
            "leg": _TEXT,
            "encoder": _TEXT,
            "score": _NUMBER,
            "rank": {"type": ["integer", "null"]},
            "fused": _NUMBER_OR_NULL,
            "weight": _NUMBER_OR_NULL,
            "scale": _NUMBER_OR_NULL,
            "constant": _NUMBER,
            "documents": _COUNT,
            "parts": _list(_ref("Part")),
            "missing": _WORDS,
            "words": _list(_ref("WordShare")),
            "base": _NUMBER,
        }
    ),
    "Explanation": _object(
        {
            "id": _TEXT,
            "score": _NUMBER,
            "legs": _list(_ref("LegExplanation")),
            "fuse": _TEXT_OR_NULL,
            "feedback": _TEXT_OR_NULL,
        }
    ),
    "Explanations": _object({"explanations": _list(_ref("Explanation"))}),
    "Document": _object({"id": _TEXT, "title": _TEXT, "text": _TEXT, "metadata": _ANY_OBJECT}),
    "Documents": _object({"documents": _list({"anyOf": [_ref("Document"), {"type": "null"}]})}),
    "AddReport": _object(
        {
            "added": _COUNT,
            "replaced": _COUNT,
            "repeated": _COUNT,
            "skipped": _COUNT,
            "problems": _WORDS,
            "seconds": _NUMBER,
            "unchanged": _COUNT,
            "truncated": _COUNT,
        }
    ),
    "Deleted": _object({"deleted": _COUNT}),
    "Count": _object({"documents": _COUNT}),
    "Leg": _object({"name": _TEXT, "encoder": _TEXT, "terms": _COUNT, "postings": _COUNT, "bytes": _COUNT}),
    "Info": _object(
        {
            "name": _TEXT,
            "writable": {**_FLAG, "description": "Whether this caller may change it here."},
            "format": _COUNT,
            "documents": _COUNT,
            "deleted": _COUNT,
            "segments": _COUNT,
            "fields": _WORDS,
            "legs": _list(_ref("Leg")),
            "bytes_index": _COUNT,
            "bytes_catalog": _COUNT,
            "generation": _COUNT,
        }
    ),
    "Collections": _object({"collections": _list(_ref("Info"))}),
    "Field": _object(
        {
            "name": {**_TEXT, "description": "As a filter writes it."},
            "documents": _COUNT,
            "kinds": _WORDS,
            "values": _list(_object({"value": {"type": ["string", "boolean"]}, "documents": _COUNT})),
            "distinct": _COUNT,
            "least": _NUMBER_OR_NULL,
            "most": _NUMBER_OR_NULL,
        }
    ),
    "Fields": _object({"fields": _list(_ref("Field"))}),
    "State": _object({"status": _TEXT}),
}
