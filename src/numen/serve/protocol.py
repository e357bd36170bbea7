"""uvicorn's HTTP protocol within limits, by the quickest library that is there to read HTTP."""

from __future__ import annotations

from asyncio import Protocol

from numen.serve.limits import Limits

__all__ = ["bounded"]


def bounded(limits: Limits) -> type[Protocol]:
    """The protocol within these limits, as uvicorn takes it. ImportError where neither httptools nor h11 is there."""
    try:
        from numen.serve.protocol_httptools import WithHttptools
    except ImportError:
        from numen.serve.protocol_h11 import WithH11

        return type("Bounded", (WithH11,), {"limits": limits})
    return type("Bounded", (WithHttptools,), {"limits": limits})
