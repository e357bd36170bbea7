"""How much memory a build may take: what users say, as bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from numen.errors import OptionError

__all__ = ["Memory"]

DEFAULT_MEMORY = 1_000_000_000
"""Enough for full segments of documents of 900 terms; more makes a difference only where they are longer."""

MERGE_COPIES = 4
"""How many times the size of its arrays a merge takes, at most: lists written out, merged, and made small again."""

LEAST = 16_000_000
"""One batch of documents takes some megabytes."""

UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True, slots=True)
class Memory:
    """How the bytes are shared out: a merge may go on while a segment is built.

    build: what the segment being built may take. group: what the arrays of segments that are merged may take together.
    """

    build: int
    group: int

    @classmethod
    def of(cls, memory: int | str | None) -> Memory:
        """memory: a number of bytes, or a string such as "512MB" or "1.5GB"; None is the default, 1 GB.

        Raises OptionError for anything else, and for less than 16 MB.
        """
        size = DEFAULT_MEMORY if memory is None else _bytes(memory)
        return cls(size * 6 // 10, size * 4 // 10 // MERGE_COPIES)


def _bytes(memory: int | str) -> int:
    size = -1
    if isinstance(memory, int) and not isinstance(memory, bool):
        size = memory
    elif isinstance(memory, str):
        match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]B)?\s*", memory, re.ASCII | re.IGNORECASE)
        if match is not None:
            size = round(float(match[1]) * UNITS.get((match[2] or "").upper(), 1))
    if size < LEAST:
        raise OptionError(
            f"memory is {memory!r}; it must be a size such as '512MB' or '2GB', or a number of bytes, of at least "
            f"{LEAST // 10**6}MB"
        )
    return size
