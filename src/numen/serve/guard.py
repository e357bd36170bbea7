"""What stands between every request and the application: ids, headers, time, and one form for all refusals."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from numen.serve.answers import to_bytes
from numen.serve.refusal import Refusal, refusal_of
from numen.serve.service import Service
from numen.types import JSON

__all__ = ["Guard", "Passing", "passing"]

LONGEST_TARGET = 8_192
"""Bytes of a path with its parameters."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_HEADERS: Sequence[tuple[bytes, bytes]] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

_HEAD = b"".join(b"%b: %b\r\n" % header for header in _HEADERS)


@dataclass(slots=True)
class Passing:
    """One request on its way: what the guard, the operations and the log share of it."""

    id: str
    began: float
    headers: Mapping[bytes, bytes]
    operation: str = "none"
    status: int = 0
    facts: dict[str, JSON] = field(default_factory=dict)

    def header(self, name: bytes) -> str | None:
        """The value of a header, by its name in small letters."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


def passing(scope: Scope) -> Passing:
    """That of a request."""
    found: Passing = scope["state"]["passing"]
    return found


class Guard:
    """The application within its walls.

    hosts: the names by which it may be called, in the header Host; None for any. Without keys that is what keeps a
    page of somebody else's from asking under a name of its own that leads to this machine (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, service: Service, hosts: frozenset[str] | None) -> None:
        self._app, self._service, self._hosts = app, service, hosts
        self._ids, self._numbers = secrets.token_hex(4), itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        id = given if given and _ID.fullmatch(given) else f"{self._ids}{next(self._numbers):08x}"
        here = Passing(id, time.perf_counter(), headers)
        scope.setdefault("state", {})["passing"] = here
        whole = scope.get("extensions", {}).get("numen.whole")
        sending = _Sending(send, here, self._service.limits.slow, whole)
        try:
            self._check(scope, headers)
            await self._app(scope, receive, sending)
            await asyncio.sleep(0)  # the answer leaves before anything is written about it
        except _Stalled:
            here.facts["stalled"] = True
            if abort := scope.get("extensions", {}).get("numen.abort"):
                abort()
        except Exception as error:
            refusal = refusal_of(error)
            if refusal.code == "broken":
                self._service.log.error("error", error, request_id=here.id, operation=here.operation)
            self._service.metrics.refuse(refusal.code)
            here.facts["refused"] = refusal.code
            if not here.status:
                await _refuse(refusal, here, sending)
            elif abort := scope.get("extensions", {}).get("numen.abort"):
                abort()  # half an answer is out: to break off is the only way to say that the rest is missing
        finally:
            self._told(here, scope, sending.bytes)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_TARGET:
            raise Refusal("target_too_long", f"the path and its parameters have more than {LONGEST_TARGET:,} bytes")
        host = headers.get(b"host", b"").decode("latin-1")
        if self._hosts is not None and _name(host) not in self._hosts:
            raise Refusal("wrong_host", "this service does not go by that name; --allow-host adds one")
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin.decode("latin-1")).netloc != host:
            raise Refusal("foreign_origin", "pages of other origins may not ask here")

    def _told(self, here: Passing, scope: Scope, n_bytes: int) -> None:
        seconds = time.perf_counter() - here.began
        self._service.metrics.count(here.operation, here.status, seconds)
        client = scope.get("client")
        self._service.log.line(
            "request",
            request_id=here.id,
            method=scope["method"],
            operation=here.operation,
            status=here.status,
            milliseconds=round(seconds * 1000, 2),
            bytes=n_bytes,
            client=client[0] if client else None,
            **here.facts,
        )


class _Stalled(Exception):
    """The other side takes no more of the answer."""


class _Sending:
    """`send` with the headers of every answer, and an end to waiting for one who does not read.

    whole: what may write an answer that is there as a whole (numen.serve.protocol_httptools); None where nothing can.
    """

    def __init__(
        self, send: Send, here: Passing, slow: float, whole: Callable[[int, bytes, bytes], bool] | None
    ) -> None:
        self._send, self._here, self._slow, self._whole = send, here, slow, whole
        self._start: Message = {}
        self.bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            if self._whole is None or not any(name == b"content-length" for name, _ in message["headers"]):
                await self._begun()
            return
        body = message.get("body", b"")
        self.bytes += len(body)
        if not self._here.status:
            start = self._start
            if not message.get("more_body") and self._whole and self._whole(start["status"], self._head(), body):
                self._here.status = start["status"]
                return
            await self._begun()
        try:
            async with asyncio.timeout(self._slow):
                await self._send(message)
        except TimeoutError:
            raise _Stalled from None

    async def _begun(self) -> None:
        """Send the head as the server takes it."""
        self._here.status = self._start["status"]
        await self._send({**self._start, "headers": [*self._start["headers"], *_HEADERS, *self._own()]})

    def _head(self) -> bytes:
        """The head as it goes over the wire, but for its first line and what the server adds."""
        return _HEAD + b"".join([b"%b: %b\r\n" % header for header in (*self._start["headers"], *self._own())])

    def _own(self) -> list[tuple[bytes, bytes]]:
        """The headers that differ from answer to answer."""
        own = [(b"x-request-id", self._here.id.encode())]
        if not any(name == b"cache-control" for name, _ in self._start["headers"]):
            own.append((b"cache-control", b"no-store"))
        return own


async def _refuse(refusal: Refusal, here: Passing, send: Send) -> None:
    error = {"code": refusal.code, "message": refusal.message, "request_id": here.id}
    body = to_bytes({"error": error})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode("latin-1", "replace")) for name, value in refusal.headers.items()]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _name(host: str) -> str:
    """The host's name without the port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
