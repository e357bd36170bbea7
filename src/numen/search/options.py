"""Short strings that say how: NAME[,OPTION=VALUE]..., as encoders have them, for fusion and feedback."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from numen.errors import OptionError, nearest

__all__ = ["options_of", "positive"]


def options_of(spec: str, what: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """(name, options) of a short string; OptionError, naming `what` it is for, if the name is none of `names`."""
    name, *rest = (part.strip() for part in spec.split(","))
    if name not in names:
        raise OptionError(f"{what} is {spec!r}; {nearest(name, names)}")
    options: dict[str, str] = {}
    for part in rest:
        option, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not option:
            raise OptionError(f"{part!r} in {what} {spec!r} is no OPTION=VALUE")
        if option in options:
            raise OptionError(f"{option} comes twice in {what} {spec!r}; give it once")
        options[option] = value
    return name, options


def positive(what: str, value: Any) -> float:
    """The number, which may come as a string; OptionError unless it is finite and 0 or more."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (0 <= number < math.inf):
        raise OptionError(f"{what} is {value!r}; it must be a number, 0 or more")
    return number
