"""An answer that refuses: a status, a code that programs read, and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

from numen.errors import (
    CollectionError,
    InputError,
    NumenError,
    ReadOnlyError,
    WriterBusy,
)

__all__ = ["CODES", "Refusal", "refusal_of"]

CODES: Mapping[str, int] = {
    "bad_json": 400,
    "bad_request": 400,
    "no_key": 401,
    "wrong_key": 401,
    "read_only_key": 403,
    "read_only": 403,
    "foreign_origin": 403,
    "unknown_path": 404,
    "unknown_collection": 404,
    "unknown_document": 404,
    "wrong_method": 405,
    "body_too_slow": 408,
    "writer_busy": 409,
    "body_too_large": 413,
    "target_too_long": 414,
    "wrong_content_type": 415,
    "wrong_host": 421,
    "unfit": 422,
    "query_too_long": 422,
    "k_too_large": 422,
    "batch_too_large": 422,
    "headers_too_large": 431,
    "broken": 500,
    "starting": 503,
    "stopping": 503,
    "overloaded": 503,
    "too_slow": 503,
    "writer_waiting": 503,
}
"""Every code that an answer can have, with its status."""

_AGAIN = {"writer_busy": 1, "starting": 2, "overloaded": 1, "too_slow": 2, "writer_waiting": 2, "stopping": 5}
"""Seconds after which to try again, for what passes."""


class Refusal(Exception):
    """Raised wherever a request is refused. code: one of CODES. message: for people; it names nothing of this host."""

    def __init__(self, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.headers = code, message, dict(headers or {})

    @property
    def status(self) -> int:
        return CODES[self.code]

    @property
    def retry_after(self) -> int | None:
        """Seconds after which to try again; None where that would not help."""
        return _AGAIN.get(self.code)


def refusal_of(error: BaseException) -> Refusal:
    """What to answer for an error of numen's, or for any other, of which nothing is told.

    Errors of what the caller passed are told as they are; those of a collection name files of this host, so they are
    told by kind only (the log has them in full).
    """
    match error:
        case Refusal():
            return error
        case InputError():
            return Refusal("unfit", str(error))
        case WriterBusy():
            return Refusal("writer_busy", "another process is writing to this collection; try again later")
        case ReadOnlyError():
            return Refusal("read_only", "this collection cannot be written to here")
        case CollectionError():
            return Refusal(
                "broken", "the collection cannot be read or written as asked; the log of the service says why"
            )
        case NumenError():
            return Refusal("broken", "this cannot be done here; the log of the service says why")
    return Refusal("broken", "something went wrong here; the log of the service has it under this request's id")
