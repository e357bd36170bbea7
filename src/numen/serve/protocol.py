"""uvicorn's HTTP protocol with an end to patience: for late heads, bodies nobody wants, too many at once."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from numen.serve.answers import to_bytes
from numen.serve.limits import Limits
from numen.serve.refusal import Refusal

__all__ = ["bounded"]

LINGER = 2.0
"""Seconds for which the rest of a refused body is taken and thrown away, so that its sender reads the answer."""


def bounded(limits: Limits) -> type[H11Protocol]:
    """The protocol within these limits, as uvicorn takes it."""

    class Bounded(H11Protocol):
        """One connection."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._deadline: asyncio.TimerHandle | None = None
            self._seen = 0.0

        @property
        def _idle(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._seen = self.loop.time()
            self._expect(limits.slow, self._head_too_slow)
            if len(self.connections) > limits.connections:
                self._make_room()

        def connection_lost(self, exc: Exception | None) -> None:
            self._expect(None)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._seen = self.loop.time()
            if self._idle and self._deadline is None:
                self._expect(limits.slow, self._head_too_slow)
            super().data_received(data)

        def handle_events(self) -> None:
            before = self.cycle
            super().handle_events()
            if self.cycle is not None and self.cycle is not before:
                self._expect(None)
                extensions = cast("dict[str, Any]", self.scope.setdefault("extensions", {}))
                extensions["numen.abort"] = self.transport.abort

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self._idle and self.conn.their_state is h11.SEND_BODY:
                self._expect(LINGER, self.transport.close)

        def send_400_response(self, msg: str) -> None:
            error = sys.exception()
            if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
                refusal = Refusal("headers_too_large", f"the head has more than {limits.headers:,} bytes")
            else:
                refusal = Refusal("bad_request", "this is no HTTP request that can be read")
            self._last_word(refusal)

        def _make_room(self) -> None:
            """Close the connection that is idle longest, or this one if each has something to do."""
            idle = [one for one in self.connections if isinstance(one, Bounded) and one._idle and one is not self]
            if idle:
                min(idle, key=lambda one: one._seen).transport.close()
            else:
                self._last_word(Refusal("overloaded", "there are too many connections; try again"))

        def _expect(self, seconds: float | None, otherwise: Any = None) -> None:
            """Something has to happen within so many seconds; None: it has happened."""
            if self._deadline is not None:
                self._deadline.cancel()
            self._deadline = None if seconds is None else self.loop.call_later(seconds, otherwise)

        def _head_too_slow(self) -> None:
            self._last_word(Refusal("body_too_slow", f"no request came within {limits.slow:g} seconds"))

        def _last_word(self, refusal: Refusal) -> None:
            """An answer from here, past the application, and the end of the connection."""
            body = to_bytes({"error": {"code": refusal.code, "message": refusal.message, "request_id": ""}})
            again = "" if refusal.retry_after is None else f"retry-after: {refusal.retry_after}\r\n"
            head = (
                f"HTTP/1.1 {refusal.status} Refused\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n{again}connection: close\r\n\r\n"
            )
            if not self.transport.is_closing():
                self.transport.write(head.encode("ascii") + body)
                self.transport.close()

    return Bounded
