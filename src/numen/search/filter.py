"""From what a user writes, a string or a dictionary, to the checked tree of a filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numen.errors import InputError, OptionError, nearest
from numen.search.condition import OPERATORS, And, Exists, Field, Filter, Not, Or, between, compare, contained
from numen.search.filter_text import MOST_LEVELS, SAME, parse_field, parse_text

__all__ = ["parse_filter"]


def parse_filter(where: str | Mapping[str, Any]) -> Filter:
    """The filter that a string or a dictionary describes.

    As a dictionary: {"year": {">=": 2020}, "lang": ["de", "fr"], "archived": False}, all of which must hold, with
    {"and": [...]}, {"or": [...]}, {"not": {...}}; operators are those of the string, and "between": [a, b],
    "is null": True, "exists": True. Raises InputError that says where, what was found and what is expected.
    """
    if isinstance(where, str):
        return parse_text(where)
    if isinstance(where, Mapping):
        return _from_mapping(where, 1)
    raise InputError(f"a filter is a string or a dictionary; found a {type(where).__name__}")


def _from_mapping(where: Mapping[str, Any], level: int) -> Filter:
    _check_level(level)
    if not where:
        raise InputError("an empty dictionary is no filter; leave `where` out to keep every document")
    parts: list[Filter] = []
    for key, value in where.items():
        if not isinstance(key, str):
            raise InputError(f"a filter has the key {key!r}; keys are names of fields, and, or, not")
        match key:
            case "and" | "or":
                if not isinstance(value, list | tuple) or not value:
                    raise InputError(f'"{key}" needs a list of at least one filter; found {_found(value)}')
                inner = tuple(_part(key, one, level) for one in value)
                parts.append(inner[0] if len(inner) == 1 else And(inner) if key == "and" else Or(inner))
            case "not":
                parts.append(Not(_part(key, value, level)))
            case _:
                parts += _conditions(_field_of(key), value)
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _part(key: str, value: object, level: int) -> Filter:
    """A filter inside and, or, not: a dictionary, or a string in the other language."""
    _check_level(level + 1)
    if isinstance(value, str):
        return parse_filter(value)
    if not isinstance(value, Mapping):
        raise InputError(f'"{key}" joins filters; found {_found(value)}')
    return _from_mapping(value, level + 1)


def _check_level(level: int) -> None:
    if level > MOST_LEVELS:
        raise InputError(f"a filter nested deeper than {MOST_LEVELS} levels")


def _field_of(key: str) -> Field:
    """The field that a key names: dots lead into nested objects; a name that holds one goes in backticks."""
    if "`" in key:
        return parse_field(key)
    names = tuple(key.split("."))
    if not all(names):
        raise InputError(
            f"a filter has the key {key!r}, in which a name is empty; write names with odd dots in `backticks`"
        )
    return Field(names)


def _conditions(field: Field, value: object) -> list[Filter]:
    """What a dictionary says of one field: a value, a list of values, or operators with theirs."""
    if isinstance(value, list | tuple | set | frozenset):
        return [contained(field, list(value), negated=False)]
    if not isinstance(value, Mapping):
        return [compare(field, "=", value)]
    if not value:
        raise InputError(
            f'{field} has no operator; write a value, a list of values or a dictionary such as {{">=": 1}}'
        )
    conditions: list[Filter] = []
    for name, operand in value.items():
        operator = SAME.get(name, name)
        if operator in OPERATORS:
            conditions.append(compare(field, operator, operand))
        elif name in _BY_NAME:
            conditions.append(_BY_NAME[name](field, operand))
        else:
            raise OptionError(
                f"{field} has the operator {name!r}; {nearest(str(name), [*OPERATORS, *_BY_NAME])} "
                f"A field inside an object is written with a dot: {field}.name"
            )
    return conditions


def _in(field: Field, operand: object) -> Filter:
    return contained(field, _listed(field, "in", operand), negated=False)


def _not_in(field: Field, operand: object) -> Filter:
    return contained(field, _listed(field, "not in", operand), negated=True)


def _between(field: Field, operand: object) -> Filter:
    ends = _listed(field, "between", operand)
    if len(ends) != 2:
        raise InputError(f"{field} between needs a list of two values; found {len(ends)}")
    return between(field, *ends)


def _is_null(field: Field, operand: object) -> Filter:
    return compare(field, "=" if _flag(field, "is null", operand) else "!=", None)


def _exists(field: Field, operand: object) -> Filter:
    return Exists(field) if _flag(field, "exists", operand) else Not(Exists(field))


_BY_NAME: dict[str, Callable[[Field, object], Filter]] = {
    "in": _in,
    "not in": _not_in,
    "between": _between,
    "is null": _is_null,
    "exists": _exists,
}


def _listed(field: Field, operator: str, operand: object) -> list[object]:
    if not isinstance(operand, list | tuple | set | frozenset):
        raise InputError(f"{field} {operator} needs a list of values; found {_found(operand)}")
    return list(operand)


def _flag(field: Field, operator: str, operand: object) -> bool:
    if not isinstance(operand, bool):
        raise InputError(f'"{operator}" of {field} is true or false; found {_found(operand)}')
    return operand


def _found(value: object) -> str:
    return f"a {type(value).__name__}" if not isinstance(value, str | int | float) else repr(value)
