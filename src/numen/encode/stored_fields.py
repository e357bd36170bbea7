"""What an encoder's JSON may hold: the fields of its class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from numen.errors import OptionError, nearest

__all__ = ["check_fields"]


def check_fields(given: Iterable[str], legal: Sequence[str], whose: str) -> None:
    """OptionError for a name that is none of the legal ones; whose: "a words encoder", say."""
    for name in given:
        if name not in legal:
            raise OptionError(f"unknown field {name!r} of {whose}; {nearest(name, legal)}")
