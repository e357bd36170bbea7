"""One field of the metadata of a segment's documents as a column of codes, in which every condition is a set of codes.

A code stands for a value, and codes are in the order of values: so "at least 2020" is a run of codes, and a filter over
a hundred thousand documents is a few passes over small integers. A segment is immutable, so is a column.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numen.search.condition import Compare, Exists, Field, In, IsNull, Leaf, Scalar
from numen.types import JSON

__all__ = ["Column", "value_of"]

MISSING, NULL, FALSE, TRUE, OTHER, FIRST = range(6)
"""The first codes; OTHER is a list or an object. From FIRST on: the numbers, ascending, then the strings."""

KINDS = ("null", "true or false", "true or false", "lists or objects", "numbers", "strings")
"""What the codes from NULL on stand for."""

_ABSENT = object()


def value_of(metadata: JSON, field: Field) -> object:
    """The value of a field in a document's metadata, or a mark that is no JSON value where it has none."""
    value = metadata
    for name in field.names:
        if not isinstance(value, dict) or name not in value:
            return _ABSENT
        value = value[name]
    return value


@dataclass(frozen=True)
class Column:
    """codes: unsigned (n_docs), each document's; numbers, strings: the distinct values, ascending."""

    codes: NDArray[np.unsignedinteger]
    numbers: list[int | float]
    strings: list[str]

    @classmethod
    def of(cls, documents: Sequence[JSON], field: Field) -> Column:
        """The column of a field; documents: the metadata of each."""
        values = [value_of(metadata, field) for metadata in documents]
        numbers = sorted({value for value in values if type(value) is int or type(value) is float})
        strings = sorted({value for value in values if type(value) is str})
        code_of: dict[object, int] = {value: FIRST + i for i, value in enumerate([*numbers, *strings])}

        def code(value: object) -> int:
            if type(value) is bool:  # before the look-up: to Python, True is 1
                return TRUE if value else FALSE
            if value is _ABSENT:
                return MISSING
            if value is None:
                return NULL
            return OTHER if isinstance(value, list | dict) else code_of[value]

        n_codes = FIRST + len(code_of)
        kind = np.uint8 if n_codes <= 1 << 8 else np.uint16 if n_codes <= 1 << 16 else np.uint32
        return cls(np.fromiter(map(code, values), kind, len(values)), numbers, strings)

    def holds(self, leaf: Leaf) -> NDArray[np.bool_]:
        """bool (n_docs): of which documents the condition, on this column's field, is true."""
        true = np.zeros(FIRST + len(self.numbers) + len(self.strings), bool)
        match leaf:
            case Exists():
                true[NULL:] = True
            case IsNull(_, negated):
                true[MISSING : NULL + 1] = not negated
                true[FALSE:] = negated
            case In(_, values, negated):
                for value in values:
                    true[self._run("=", value)] = True
                if negated:
                    true[FALSE:] = ~true[FALSE:]
            case Compare(_, "!=", value):
                true[FALSE:] = True
                true[self._run("=", value)] = False
            case Compare(_, operator, value):
                run = self._run(operator, value)
                within: NDArray[np.bool_] = (self.codes >= run.start) & (self.codes < run.stop)
                return within
        holds: NDArray[np.bool_] = true[self.codes]
        return holds

    def kinds(self, dead: NDArray[np.uint16]) -> set[str]:
        """What documents other than the dead ones (their numbers) hold here, in the plural: {"numbers", "null"}."""
        there = self._kind_counts - self._count(self.codes[dead])
        return {kind for kind, n in zip(KINDS, there[NULL:].tolist(), strict=True) if n}

    @cached_property
    def _kind_counts(self) -> NDArray[np.int64]:
        return self._count(self.codes)

    def _count(self, codes: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
        """int64: how many of the codes are MISSING, and how many are of each of KINDS."""
        first_string = FIRST + len(self.numbers)
        kind = np.where(codes < FIRST, codes, np.where(codes < first_string, FIRST, FIRST + 1))
        return np.bincount(kind, minlength=NULL + len(KINDS))

    def _run(self, operator: str, value: Scalar) -> slice:
        """The codes whose values stand in this relation (= < <= > >=) to `value`."""
        if isinstance(value, bool):
            return slice(TRUE, TRUE + 1) if value else slice(FALSE, FALSE + 1)
        if isinstance(value, str):
            first, low, high = (
                FIRST + len(self.numbers),
                bisect_left(self.strings, value),
                bisect_right(self.strings, value),
            )
            n = len(self.strings)
        else:
            first, low, high = FIRST, bisect_left(self.numbers, value), bisect_right(self.numbers, value)
            n = len(self.numbers)
        begin, end = {"=": (low, high), "<": (0, low), "<=": (0, high), ">": (high, n), ">=": (low, n)}[operator]
        return slice(first + begin, first + end)
