"""One operation of the service: what it takes and gives, and how it is done. OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from numen.serve.bodies import media_type, read_json
from numen.serve.guard import passing
from numen.serve.kinds import Kind
from numen.serve.refusal import Refusal
from numen.serve.service import Service

__all__ = ["Ask", "Methods", "Operation"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to an operation, checked: the parts of its path, its parameters and its body."""

    service: Service
    request: Request
    path: Mapping[str, str]
    parameters: Mapping[str, Any]
    body: Any


@dataclass(frozen=True, slots=True)
class Operation:
    """name: what metrics and logs call it. right: which key it takes, "read", "write" or "none".

    parameters: those of the query string, with defaults (None: left out). body: None where it takes none. streams: the
    media type of a body that the operation reads itself, beside or instead of JSON. answer: the name of its schema, or
    with `media` other than JSON a description. status: that of its answer. refusals: codes beside those of every one.
    """

    name: str
    method: str
    path: str
    about: str
    do: Callable[[Ask], Awaitable[ASGIApp]]
    answer: str
    right: str = "read"
    parameters: Mapping[str, tuple[Kind, Any]] = field(default_factory=dict)
    body: Kind | None = None
    streams: str = ""
    media: str = "application/json"
    refusals: Sequence[str] = ()


class Methods:
    """The operations of one path, by method: an ASGI application."""

    def __init__(self, service: Service, operations: Sequence[Operation]) -> None:
        self._service = service
        self._operations = {operation.method: operation for operation in operations}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operations.get(scope["method"])
        if operation is None:
            allowed = ", ".join(self._operations)
            raise Refusal("wrong_method", f"this path takes {allowed}", {"allow": allowed})
        here, service = passing(scope), self._service
        here.operation = operation.name
        if operation.right != "none":
            service.keys.check(here.header(b"authorization"), write=operation.right == "write")
        request = Request(scope, receive, send)
        parameters = _parameters(operation, request)
        body = None
        if operation.body is not None and not (operation.streams and media_type(here.headers) == operation.streams):
            body = operation.body.read(await read_json(scope, here.headers, receive, service.limits, service.held), "")
        response = await operation.do(Ask(service, request, scope["path_params"], parameters, body))
        await response(scope, receive, send)


def _parameters(operation: Operation, request: Request) -> dict[str, Any]:
    """The parameters of the query string: each at most once, none that is not known."""
    out = {name: default for name, (_, default) in operation.parameters.items()}
    if not request.scope["query_string"]:
        return out
    seen = set()
    for name, value in request.query_params.multi_items():
        if name not in operation.parameters:
            known = ", ".join(operation.parameters) or "none"
            raise Refusal("unfit", f"unknown parameter {name[:60]!r}; this operation takes: {known}")
        if name in seen:
            raise Refusal("unfit", f"the parameter {name} is given twice")
        seen.add(name)
        out[name] = operation.parameters[name][0].read(_typed(value), name)
    return out


def _typed(value: str) -> Any:
    """A whole number, true or false where it is written so; else the string."""
    if value in ("true", "false"):
        return value == "true"
    digits = value.removeprefix("-")
    return int(value) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else value
