"""How many threads a call uses."""

from __future__ import annotations

import os

from numen.errors import InputError

__all__ = ["workers"]


def workers(threads: int | None) -> int:
    """How many threads to use: those asked for, or one a core."""
    if threads is None:
        return os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise InputError(f"threads is {threads!r}; it must be a whole number, 1 or more")
    return threads
