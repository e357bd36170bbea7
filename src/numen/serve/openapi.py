"""The OpenAPI document (3.1) of a service, written from the operations that it really has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from numen import __version__
from numen.serve.answers import SCHEMAS
from numen.serve.operation import Operation
from numen.serve.refusal import CODES
from numen.types import JSON

__all__ = ["openapi"]

_ALWAYS = ("wrong_host", "foreign_origin", "target_too_long", "unfit", "broken")
"""What every operation may answer; `unfit` for a parameter that it does not know."""

_KEYED = ("no_key", "wrong_key")

_MEANINGS = {
    400: "The request cannot be read",
    401: "No key, or none that is known",
    403: "Not allowed",
    404: "Not there",
    405: "The path does not take this method",
    408: "The body came too slowly",
    409: "Another process is writing",
    413: "The body is too large",
    414: "The path is too long",
    415: "The body is of another type",
    421: "The service does not go by that name",
    422: "The request does not fit: its values, or what the collection has",
    500: "Something is broken here",
    503: "Not now; Retry-After says when",
}


def openapi(operations: Sequence[Operation], names: Sequence[str] = (), *, keyed: bool) -> dict[str, JSON]:
    """The document. names: of the collections, if they may be told. keyed: whether requests take a key."""
    paths: dict[str, dict[str, JSON]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, names, keyed=keyed)
    out: dict[str, JSON] = {
        "openapi": "3.1.0",
        "info": {
            "title": "numen",
            "version": __version__,
            "description": "Search in collections of documents. Names and defaults are Python's and the terminal's.",
        },
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
    if keyed:
        out["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return out


def _operation(operation: Operation, names: Sequence[str], *, keyed: bool) -> dict[str, JSON]:
    out: dict[str, JSON] = {"operationId": operation.name, "summary": operation.about}
    parameters: list[JSON] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"enum": list(names)} if names and name == "collection" else {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    for name, (kind, default) in operation.parameters.items():
        schema = kind.schema()
        about = schema.pop("description", "")
        if default is not None:
            schema["default"] = default
        parameters.append({"name": name, "in": "query", "description": about, "schema": schema})
    if parameters:
        out["parameters"] = parameters
    if operation.body is not None:
        content: dict[str, JSON] = {"application/json": {"schema": operation.body.schema()}}
        if operation.streams:
            content[operation.streams] = {"schema": {"type": "string", "description": "A JSON object a line"}}
        out["requestBody"] = {"required": True, "content": content}
    out["responses"] = _responses(operation, keyed=keyed)
    if keyed and operation.right != "none":
        out["security"] = [{"key": []}]
    return out


def _responses(operation: Operation, *, keyed: bool) -> dict[str, JSON]:
    if operation.media == "application/json":
        done = {"description": operation.about, "content": _content(operation.answer)}
    else:
        media = operation.media.partition(";")[0]
        done = {"description": operation.answer, "content": {media: {"schema": {"type": "string"}}}}
    out: dict[str, JSON] = {"200": done}
    codes = {*operation.refusals, *_ALWAYS, *(_KEYED if keyed and operation.right != "none" else ())}
    if "{" in operation.path:
        codes.add("wrong_method")  # a name with a bare ? in it breaks the path off, and what is left may be another's
    for status in sorted({CODES[code] for code in codes}):
        named = ", ".join(sorted(code for code in codes if CODES[code] == status))
        answer: dict[str, JSON] = {"description": f"{_MEANINGS[status]}: {named}", "content": _content("Error")}
        if status == 503:
            answer["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
        out[str(status)] = answer
    return out


def _content(schema: str) -> dict[str, JSON]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
