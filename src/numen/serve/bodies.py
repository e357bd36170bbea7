"""The body of a request, as much of it as is allowed and in the time that is allowed."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from numen.serve.limits import Limits
from numen.serve.refusal import Refusal
from numen.types import JSON

__all__ = ["LINES", "Held", "media_type", "read_json", "spooled"]

LINES = "application/x-ndjson"
"""The type of a body of JSON lines."""

_JSON = "application/json"


def media_type(headers: Mapping[bytes, bytes]) -> str:
    """What the body says it is, without parameters."""
    return headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()


class Held:
    """Bytes of bodies that have begun and are not yet read, of all requests together."""

    def __init__(self) -> None:
        self.bytes = 0


async def read_json(scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, limits: Limits, held: Held) -> JSON:
    """The JSON value that the body is. Where all bodies that are coming in take too much room, this one is refused."""
    if (found := media_type(headers)) != _JSON:
        raise Refusal(
            "wrong_content_type", f"the body must be {_JSON}; the header Content-Type says {found[:60] or 'nothing'!r}"
        )
    _check_length(headers, limits.body)
    there = scope.get("extensions", {}).get("numen.body")  # numen.serve.protocol_httptools
    if there is not None and (whole := there()) is not None:  # the usual case, in a fifth of the time
        if len(whole) > limits.body:
            raise _too_large(limits.body)
        return _parsed(whole)
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(limits.slow):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("bad_request", "the body broke off")
                chunk, more = message.get("body", b""), message.get("more_body", False)
                body += chunk
                held.bytes += len(chunk)
                if len(body) > limits.body:
                    raise _too_large(limits.body)
                if held.bytes > limits.bodies:
                    raise Refusal("overloaded", "too many large bodies come in at once; try again")
    except TimeoutError:
        raise _too_slow(limits) from None
    finally:
        held.bytes -= len(body)
    return _parsed(bytes(body))


@asynccontextmanager
async def spooled(request: Request, limits: Limits) -> AsyncIterator[Path]:
    """A temporary file with the whole body. One who sends slowly, or never ends, holds up nobody else."""
    _check_length(dict(request.scope["headers"]), limits.stream)
    size = 0
    with tempfile.NamedTemporaryFile(prefix="numen-", suffix=".jsonl") as file:
        stream = request.stream()
        while True:
            try:
                async with asyncio.timeout(limits.slow):
                    chunk = await anext(stream, None)
            except TimeoutError:
                raise _too_slow(limits) from None
            except ClientDisconnect:
                raise Refusal("bad_request", "the body broke off; nothing was changed") from None
            if chunk is None:
                break
            size += len(chunk)
            if size > limits.stream:
                raise _too_large(limits.stream)
            if chunk:
                await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
        yield Path(file.name)


def _check_length(headers: Mapping[bytes, bytes], most: int) -> None:
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)


def _parsed(body: bytes) -> JSON:
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refusal("bad_json", f"the body is not UTF-8 at byte {error.start:,}") from None
    except json.JSONDecodeError as error:
        raise Refusal(
            "bad_json", f"the body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise Refusal("bad_json", "the body is nested too deeply") from None
    except ValueError as error:  # NaN, or a whole number of thousands of digits
        raise Refusal("bad_json", f"the body is not JSON: {error}") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)  # json.loads would make one each time


def _too_large(most: int) -> Refusal:
    return Refusal("body_too_large", f"the body has more than {most:,} bytes, which is the most here")


def _too_slow(limits: Limits) -> Refusal:
    return Refusal("body_too_slow", f"the body did not come within {limits.slow:g} seconds")
