"""An end to patience with a connection: for late heads, bodies nobody wants, too many connections at once."""

from __future__ import annotations

import asyncio
from typing import Any

from numen.serve.answers import to_bytes
from numen.serve.limits import Limits
from numen.serve.refusal import Refusal

__all__ = ["LINGER", "Bounds"]

LINGER = 2.0
"""Seconds for which the rest of a refused body is taken and thrown away, so that its sender reads the answer."""


class Bounds:
    """What one of uvicorn's protocols does beside HTTP, whichever library reads that; mixed into a subclass of it.

    transport, loop, connections, cycle: uvicorn's. limits: set by who makes the class of a service.
    """

    limits: Limits
    transport: Any
    loop: Any
    connections: Any
    cycle: Any

    _deadline: asyncio.TimerHandle | None = None
    _seen = 0.0

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def begin(self) -> None:
        """A connection is there: its first head has to come, and there may be one too many."""
        self._seen = self.loop.time()
        self.expect(self.limits.slow, self.head_too_slow)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def seen(self) -> None:
        """Something came in."""
        self._seen = self.loop.time()

    def expect(self, seconds: float | None, otherwise: Any = None) -> None:
        """Something has to happen within so many seconds; None: it has happened."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, otherwise)

    def expect_head(self) -> None:
        """A head has begun; whatever is expected already stays so."""
        if self._deadline is None:
            self.expect(self.limits.slow, self.head_too_slow)

    def head_too_slow(self) -> None:
        self.last_word(Refusal("body_too_slow", f"no request came within {self.limits.slow:g} seconds"))

    def head_too_large(self) -> Refusal:
        return Refusal("headers_too_large", f"the head has more than {self.limits.headers:,} bytes")

    def last_word(self, refusal: Refusal) -> None:
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

    @property
    def _sending(self) -> bool:
        """Whether the rest of a body has still to come."""
        return not self.idle and bool(self.cycle.more_body)

    def _make_room(self) -> None:
        """End the connection that has asked nothing for longest, or is idle longest, or whose body comes slowest; or
        this one if all are being answered."""
        others = [one for one in self.connections if isinstance(one, Bounds) and one is not self]
        free = [one for one in others if one.idle] or [one for one in others if one._sending]
        first = min(free, key=lambda one: (one.cycle is not None, one._seen), default=self)
        if first.cycle is not None and first.idle:
            first.transport.close()  # all that it asked is answered; whatever came now, it would take for an answer
        else:
            first.last_word(Refusal("overloaded", "there are too many connections; try again"))
