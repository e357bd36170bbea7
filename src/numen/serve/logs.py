"""What a service writes of itself: one JSON object a line, without texts of queries unless they were asked for."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import TextIO

from numen.types import JSON

__all__ = ["Log"]


class Log:
    """Lines for people and machines on a stream.

    queries: whether the text of queries is written too.
    """

    def __init__(self, stream: TextIO | None = None, *, queries: bool = False) -> None:
        self._stream = stream
        self.queries = queries

    def line(self, event: str, **facts: JSON) -> None:
        """Writes one line; where nobody reads them any more, nothing."""
        stream = self._stream or sys.stderr
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        try:
            stream.write(json.dumps({"time": f"{stamp}Z", "event": event, **facts}, ensure_ascii=True) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return

    def error(self, event: str, error: BaseException, **facts: JSON) -> None:
        """Writes one line with where the error came from."""
        trace = "".join(traceback.format_exception(error))
        self.line(event, error=f"{type(error).__name__}: {error}", trace=trace, **facts)

    def handler(self) -> logging.Handler:
        """What brings the lines of other libraries (uvicorn) into this log."""
        return _Handler(self)


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.line("server", level=record.levelname, message=record.getMessage())
