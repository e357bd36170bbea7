"""The protocol as it usually is: httptools reads HTTP, in a quarter of the time that h11 takes."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from numen.serve.bounds import LINGER, Bounds
from numen.serve.refusal import Refusal

__all__ = ["WithHttptools"]


class WithHttptools(Bounds, HttpToolsProtocol):
    """One connection. What the parser leaves to its user is done here: the size of a head, one header Host."""

    _in_head = False
    _in_message = False
    _steps = 0
    _barren = 0
    _refusal: Refusal | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self.expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None or self.transport.is_closing():
            return
        self.seen()
        steps = self._steps
        super().data_received(data)
        if self._in_message and steps == self._steps:
            # Bytes of a head that has no end, of a chunk's extension, of a trailer: the parser would keep them all.
            self._barren += len(data)
            if self._barren > self.limits.headers:
                self._refuse(self.head_too_large())
                return
        if self.idle:
            self.expect_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._in_message = True
        self._barren = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # else it is a trailer
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._went_on()
        self._in_head = False
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            raise Refusal("bad_request", "a request has one header Host")
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > self.limits.headers:
            raise self.head_too_large()
        super().on_headers_complete()
        extensions = cast("dict[str, Any]", self.scope.setdefault("extensions", {}))
        extensions["numen.abort"] = self.transport.abort
        extensions["numen.whole"] = partial(self._whole, self.cycle)
        extensions["numen.body"] = partial(_body, self.cycle)
        self.expect(None)
        if self.parser.should_upgrade():  # nothing else is spoken here; the parser reads no further
            self.cycle.keep_alive = False

    def _whole(self, cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
        """Whether an answer could be written in one piece: uvicorn's own way looks at each header by itself.

        head: headers as they are sent, content-length among them. The other side takes what comes, and the request is
        none for a head alone; else this writes nothing.
        """
        if cycle.response_started or cycle.disconnected or self.flow.write_paused or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        usual = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
        last = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], usual, head, last, body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def on_body(self, body: bytes) -> None:
        self._went_on()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._went_on()
        self._in_message = False
        super().on_message_complete()

    def _went_on(self) -> None:
        self._steps += 1
        self._barren = 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.idle:
            return
        if self._refusal is not None:
            self.last_word(self._refusal)
        elif self._in_head:
            self.expect_head()
        elif self._in_message:
            self.expect(LINGER, self.transport.close)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: the request is answered as if it asked for no other protocol."""

    def send_400_response(self, msg: str) -> None:
        error = _reason()
        self._refuse(error or Refusal("bad_request", "this is no HTTP request that can be read"))

    def _refuse(self, refusal: Refusal) -> None:
        """The last word: at once for a request that is still coming in, else after the answers to those before it."""
        if self.idle or (self.cycle.more_body and not self.pipeline and not self.cycle.response_started):
            self.last_word(refusal)
        else:
            self._refusal = refusal
            self.flow.pause_reading()


def _body(cycle: RequestResponseCycle) -> bytes | None:
    """The body of a request that is there to its end, once; None for one of which more may come."""
    if cycle.more_body or cycle.disconnected or cycle.response_complete:
        return None
    body, cycle.body = bytes(cycle.body), bytearray()
    return body


def _reason() -> Refusal | None:
    """The refusal that a callback of the parser raised, if that is why it stopped."""
    error = sys.exception()
    reason = error and (error.__cause__ or error.__context__)
    return reason if isinstance(reason, Refusal) else None
