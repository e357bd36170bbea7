"""How much a service takes of each thing, so that no request can take it all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from numen.errors import OptionError, nearest

__all__ = ["Limits"]


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, characters, counts and seconds that a service grants.

    body: bytes of a JSON body. stream: bytes of a streamed body of documents, which is kept in a temporary file until
    it is whole. query: characters of a query, a filter, or another string. k: hits. batch: queries, ids or documents of
    one JSON body. headers: bytes of a request's head.

    connections: open ones; where there is one more, the one that is idle longest is closed. at_once: searches at a
    time, 0 for one a core. waiting: searches that wait for their turn; one more is refused. writers: changes that wait
    for the one writer.

    patience: seconds that a search waits for its turn. seconds: that a search may take. write_patience: seconds that a
    change waits for the writer. slow: seconds within which a head or a body must have come (a streamed one: each part
    of it), and an answer must have been taken. idle: seconds between two requests of a connection. stop: seconds that
    a stop waits for what is going on.
    """

    body: int = 10_000_000
    stream: int = 2_000_000_000
    query: int = 10_000
    k: int = 1_000
    batch: int = 1_000
    headers: int = 32_768
    connections: int = 512
    at_once: int = 0
    waiting: int = 64
    writers: int = 64
    patience: float = 2.0
    seconds: float = 20.0
    write_patience: float = 10.0
    slow: float = 20.0
    idle: float = 30.0
    stop: float = 20.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            whole = one.type == "int"
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not value >= 0:
                kind = "a whole number" if whole else "a number of seconds"
                raise OptionError(f"limit {one.name} is {value!r}; it must be {kind}, 0 or more")
        if not self.at_once:
            object.__setattr__(self, "at_once", _cores())
        for name in ("body", "query", "k", "batch", "headers", "connections"):
            if not getattr(self, name):
                raise OptionError(f"limit {name} is 0; nothing could be asked")

    @classmethod
    def of(cls, pairs: Sequence[str]) -> Limits:
        """The limits that NAME=VALUE each say; OptionError for a name that is none or a value that does not fit."""
        kinds = {one.name: int if one.type == "int" else float for one in fields(cls)}
        values: dict[str, Any] = {}
        for pair in pairs:
            name, _, text = pair.partition("=")
            if name not in kinds:
                raise OptionError(f"no limit {name!r}; {nearest(name, kinds)}")
            try:
                values[name] = kinds[name](text.replace("_", ""))
            except ValueError:
                raise OptionError(f"--limit {pair!r}: needs a number, as in --limit {name}=100") from None
        return replace(cls(), **values) if values else cls()
