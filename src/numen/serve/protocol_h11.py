"""The protocol where httptools is missing: h11 reads HTTP, in Python alone."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from numen.serve.bounds import LINGER, Bounds
from numen.serve.refusal import Refusal

__all__ = ["WithH11"]


class WithH11(Bounds, H11Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self.expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.seen()
        if self.idle:
            self.expect_head()
        super().data_received(data)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not None and self.cycle is not before:
            self.expect(None)
            extensions = cast("dict[str, Any]", self.scope.setdefault("extensions", {}))
            extensions["numen.abort"] = self.transport.abort

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.idle and self.conn.their_state is h11.SEND_BODY:
            self.expect(LINGER, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        error = sys.exception()
        if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:
            self.last_word(self.head_too_large())
        else:
            self.last_word(Refusal("bad_request", "this is no HTTP request that can be read"))
