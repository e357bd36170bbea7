"""Vectors given as mappings of index or term to weight: what Python holds, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numen.encode.given import GivenEncoder
from numen.encode.given_checks import Checked, checked

__all__ = ["checked_mappings"]


class _Unfit(Exception):
    """Why a mapping is no vector."""


def checked_mappings(rows: Sequence[object], encoder: GivenEncoder) -> Checked:
    """The rows, checked; what is no mapping, or has keys or weights of a wrong type, is bad like any unfit row."""
    bad: dict[int, str] = {}
    keys: list[Any] = []
    values: list[Any] = []
    starts = np.zeros(len(rows) + 1, np.int64)
    for place, row in enumerate(rows):
        try:
            found = _entries(row, encoder)
        except _Unfit as reason:
            bad[place] = str(reason)
        else:
            keys.extend(found)
            values.extend(found.values())
        starts[place + 1] = len(keys)
    below = encoder.limit if encoder.dim is None else encoder.dim
    weights = np.array(values, np.float64)
    if encoder.terms:
        places: dict[str, int] = {}
        numbers = np.array([places.setdefault(key, len(places)) for key in keys], np.int64)
        names = list(places)
        out = checked(
            starts,
            numbers,
            weights,
            below=below,
            negative=encoder.negative,
            name=lambda number: f"term {names[number]!r}",
            terms=tuple(name.encode() for name in names),
        )
    else:
        out = checked(starts, np.array(keys, np.int64), weights, below=below, negative=encoder.negative)
    return Checked(out.vectors, {**out.bad, **bad})


def _entries(row: object, encoder: GivenEncoder) -> dict[Any, float]:
    """Index (int) or term (str) -> weight, each of the type it should have."""
    if not isinstance(row, Mapping):
        kind = "term" if encoder.terms else "index"
        raise _Unfit(f"a vector is a mapping {{{kind}: weight}}, {{}} for none; found a {type(row).__name__}")
    out: dict[Any, float] = {}
    for key, value in row.items():
        name = _term(key, encoder) if encoder.terms else _index(key, encoder)
        if name in out:
            raise _Unfit(f"index {name} occurs twice; add its values up, or leave one out")
        out[name] = _weight(key, value)
    return out


def _term(key: object, encoder: GivenEncoder) -> str:
    if not isinstance(key, str):
        raise _Unfit(f"{key!r} is no term; {encoder.spec!r} takes strings (legs of numbers: given, given:DIM)")
    if not key:
        raise _Unfit("a term is empty; leave it out")
    try:
        key.encode()
    except UnicodeEncodeError:
        raise _Unfit(f"term {key!r} holds a lone surrogate, which is no character; remove it") from None
    return str(key)


def _index(key: object, encoder: GivenEncoder) -> int:
    if isinstance(key, bool | np.bool_) or not isinstance(key, int | np.integer):
        raise _Unfit(f"{key!r} is no index; {encoder.spec!r} takes whole numbers (strings: given:terms)")
    number = int(key)
    # The rest is checked as arrays; this only has to fit one.
    if not -(1 << 62) <= number <= 1 << 62:
        raise _Unfit(f"index {number} is out of range: numbers must be 0 or more and below {encoder.limit}")
    return number


def _weight(key: object, value: object) -> float:
    if isinstance(value, str | bytes | complex) or not hasattr(value, "__float__"):
        raise _Unfit(f"the weight of {key!r} is {value!r}; it must be a number")
    try:
        return float(value)
    except OverflowError:
        raise _Unfit(f"the weight of {key!r} is too large; it must fit float32") from None
    except (TypeError, ValueError):
        raise _Unfit(f"the weight of {key!r} is {value!r}; it must be a number") from None
