"""A filter as a checked tree: conditions on the fields of a document's metadata, joined by and, or, not.

What a condition says of a document whose field is missing or null: every comparison is false (so its `not` is true).
Values are equal when they are of one type and equal; `!=` and `not in` hold for every other value but null. Numbers are
ordered as numbers, strings by their code points, so that ISO dates are in order of time; nothing else has an order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from numen.errors import InputError

__all__ = [
    "KEYWORDS",
    "OPERATORS",
    "And",
    "Compare",
    "Exists",
    "Field",
    "Filter",
    "In",
    "IsNull",
    "Leaf",
    "Not",
    "Or",
    "Scalar",
    "between",
    "compare",
    "contained",
    "leaves",
    "shown",
]

Scalar: TypeAlias = bool | int | float | str
"""What a field can be compared with."""

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")

KEYWORDS = frozenset("and or not in between is null exists true false".split())
"""Words of the language, in any case; a field of such a name is written in backticks."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the metadata: its name, or the names on the way down to it through nested objects."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """As it is written in a filter."""
        return ".".join(
            name if name.isidentifier() and name.lower() not in KEYWORDS else f"`{name.replace('`', '``')}`"
            for name in self.names
        )


@dataclass(frozen=True, slots=True)
class Compare:
    """The field's value stands in this relation to `value`; made by `compare`, which checks it."""

    field: Field
    operator: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class In:
    """The field's value is one of `values`; if `negated`, it is a value other than null and none of them."""

    field: Field
    values: tuple[Scalar, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull:
    """The field is null or missing; if `negated`, neither."""

    field: Field
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there, if only as null."""

    field: Field


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; there is at least one."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds at least; there is at least one."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Filter


Leaf: TypeAlias = Compare | In | IsNull | Exists
Filter: TypeAlias = Leaf | And | Or | Not


def compare(field: Field, operator: str, value: object) -> Compare | IsNull:
    """The comparison; with null it is `is null` or `is not null`. Raises InputError for a value without that order."""
    if value is None and operator in ("=", "!="):
        return IsNull(field, negated=operator == "!=")
    checked = _scalar(field, value)
    if operator not in ("=", "!=") and isinstance(checked, bool):
        raise InputError(f"{field} {operator} {shown(checked)}: true and false have no order; use = or !=")
    return Compare(field, operator, checked)


def between(field: Field, low: object, high: object) -> And:
    """From `low` to `high`, both included."""
    return And((compare(field, ">=", low), compare(field, "<=", high)))


def contained(field: Field, values: Sequence[object], *, negated: bool) -> In:
    """One of the values, or none of them; of an empty list no document has one."""
    return In(field, tuple(_scalar(field, value) for value in values), negated)


def leaves(tree: Filter) -> Iterator[Leaf]:
    """The conditions of a filter, from left to right."""
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield tree


def shown(value: object) -> str:
    """A value as it is written in a filter; a long string shortened."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = value if len(value) <= 40 else value[:40] + "..."
        return "'" + text.replace("'", "''") + "'"
    return repr(value)


def _scalar(field: Field, value: object) -> Scalar:
    """The value itself. Raises InputError for what no field can be compared with."""
    if value is None:
        raise InputError(
            f"{field} is compared with null, which is no value; write `{field} is null` as a part of its own"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{field} is compared with {value}; no document holds such a number")
    if not isinstance(value, bool | int | float | str):
        raise InputError(
            f"{field} is compared with a {type(value).__name__}; "
            f"it can be compared with a string, a number, true or false"
        )
    return value
