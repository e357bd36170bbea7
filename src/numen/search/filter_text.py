"""The string form of a filter, read by recursive descent.

condition:  FIELD = != < <= > >= VALUE · FIELD [not] in [VALUE, ...] · FIELD between VALUE and VALUE
            FIELD is [not] null · exists FIELD · FIELD (the same as FIELD = true)
joined by:  not, and, or (in this order of strength), parentheses
FIELD:      year · author.name · `odd name`        VALUE: 2020 · -1.5e3 · 'it''s' · "text" · true · false · null
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from numen.errors import InputError
from numen.search.condition import (
    KEYWORDS,
    OPERATORS,
    And,
    Exists,
    Field,
    Filter,
    Not,
    Or,
    between,
    compare,
    contained,
)

__all__ = ["MOST_LEVELS", "SAME", "parse_field", "parse_text"]

MOST_LEVELS = 64
"""How deep parentheses, `not` and dictionaries may be nested: more than anyone writes, and no strain on the stack."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+(?!\w))
    | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<quoted>`(?:[^`]|``)+`)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>==|!=|<>|<=|>=|[=<>()\[\],.])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)

SAME = {"==": "=", "<>": "!="}
"""Other ways to write an operator."""

A_VALUE = "a value (a number, a string in quotes, true or false)"
A_CONDITION = "a field, not, exists or an opening parenthesis"


def parse_text(text: str) -> Filter:
    """The filter that a string describes. Raises InputError: at which character, what was found, what is expected."""
    return _Parser(text).whole()


def parse_field(text: str) -> Field:
    """The field that a string names: names joined by dots, odd ones in backticks."""
    return _Parser(text).field()


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: number, string, quoted, name, sign, keyword (text in lower case) or end; at: where it starts, from 0."""

    kind: str
    text: str
    at: int


class _Parser:
    """Recursive descent over one string."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._cut()
        self._at = 0
        self._levels = 0

    def whole(self) -> Filter:
        tree = self._any_of()
        if self._now.kind != "end":
            raise self._failure("and, or, or the end")
        return tree

    def field(self) -> Field:
        field = self._field("a field")
        if self._now.kind != "end":
            raise self._failure("a dot or the end of the name")
        return field

    def _cut(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while not tokens or tokens[-1].kind != "end":
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._unreadable(at)
            kind = str(found.lastgroup)
            text = found[kind]
            if kind == "name" and text.lower() in KEYWORDS:
                kind = "keyword"
            tokens.append(_Token(kind, text.lower() if kind == "keyword" else text, found.start(str(found.lastgroup))))
            at = found.end()
        return tokens

    def _unreadable(self, at: int) -> InputError:
        at += len(self._text[at:]) - len(self._text[at:].lstrip())
        mark = self._text[at]
        if mark in "'\"`":
            return self._error(at, f"{mark} opens what no {mark} closes (write it twice where it is meant)")
        if mark.isdecimal() or mark in "-.":
            return self._error(
                at,
                f"{self._text[at : at + 20]!r} is no number such as 2020 or -1.5e3 (a name with odd characters goes in "
                f"`backticks`)",
            )
        return self._error(
            at, f"found {mark!r}; expected {A_CONDITION}, an operator or a value (an odd name goes in `backticks`)"
        )

    def _error(self, at: int, message: str) -> InputError:
        text = self._text
        if len(text) > 80:
            begin, end = max(at - 30, 0), at + 30
            text = ("..." if begin else "") + text[begin:end] + ("..." if end < len(text) else "")
        return InputError(f"filter {text!r}, character {at + 1}: {message}")

    def _failure(self, expected: str) -> InputError:
        token = self._now
        if token.kind == "end":
            found = "the end" if self._text.strip() else "an empty filter"
        else:
            found = repr(token.text if len(token.text) <= 40 else token.text[:40] + "...")
        return self._error(token.at, f"found {found}; expected {expected}")

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, kind: str, text: str) -> bool:
        """Whether the next token is this one; if so, it is passed over."""
        if (self._now.kind, self._now.text) != (kind, text):
            return False
        self._at += 1
        return True

    def _need(self, kind: str, text: str, expected: str = "") -> None:
        if not self._take(kind, text):
            raise self._failure(expected or text)

    def _any_of(self) -> Filter:
        parts = [self._all_of()]
        while self._take("keyword", "or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self) -> Filter:
        parts = [self._term()]
        while self._take("keyword", "and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self) -> Filter:
        if self._levels >= MOST_LEVELS:
            raise self._error(self._now.at, f"nested deeper than {MOST_LEVELS} levels of parentheses and not")
        self._levels += 1
        try:
            if self._take("keyword", "not"):
                return Not(self._term())
            if self._take("sign", "("):
                inside = self._any_of()
                self._need("sign", ")", "and, or, or a closing parenthesis")
                return inside
            if self._take("keyword", "exists"):
                return Exists(self._field("a field"))
            return self._condition()
        finally:
            self._levels -= 1

    def _condition(self) -> Filter:
        field = self._field(A_CONDITION)
        token = self._now
        operator = SAME.get(token.text, token.text)
        if token.kind == "sign" and operator in OPERATORS:
            self._at += 1
            if operator in ("=", "!=") and self._take("keyword", "null"):
                return compare(field, operator, None)
            value = self._value()
            return self._checked(token, lambda: compare(field, operator, value))
        if self._take("keyword", "is"):
            negated = self._take("keyword", "not")
            self._need("keyword", "null", "null" if negated else "null or not null")
            return compare(field, "!=" if negated else "=", None)
        if self._take("keyword", "between"):
            low = self._value()
            self._need("keyword", "and")
            high = self._value()
            return self._checked(token, lambda: between(field, low, high))
        negated = self._take("keyword", "not")
        if self._take("keyword", "in"):
            values = self._list()
            return self._checked(token, lambda: contained(field, values, negated=negated))
        if negated:
            raise self._failure("in")
        if token.kind == "end" or (token.kind, token.text) in (("keyword", "and"), ("keyword", "or"), ("sign", ")")):
            return compare(field, "=", True)
        raise self._failure(f"an operator ({' '.join(OPERATORS)} in, not in, between, is), and, or, or the end")

    def _checked(self, token: _Token, make: Callable[[], Filter]) -> Filter:
        """What `make` makes; what it finds wrong is told with the place."""
        try:
            return make()
        except InputError as error:
            raise self._error(token.at, str(error)) from None

    def _field(self, expected: str) -> Field:
        names = [self._name(expected, keywords=False)]
        while self._take("sign", "."):
            names.append(self._name("a name", keywords=True))
        return Field(tuple(names))

    def _name(self, expected: str, *, keywords: bool) -> str:
        token = self._now
        if token.kind == "keyword" and keywords:
            self._at += 1
            return self._text[token.at : token.at + len(token.text)]
        if token.kind == "keyword":
            raise self._failure(f"{expected} (a field of this name goes in `backticks`)")
        if token.kind not in ("name", "quoted"):
            raise self._failure(expected)
        self._at += 1
        return token.text if token.kind == "name" else token.text[1:-1].replace("``", "`")

    def _list(self) -> list[object]:
        self._need("sign", "[", "a list of values in square brackets, such as ['de', 'fr']")
        values: list[object] = []
        if self._take("sign", "]"):
            return values
        values.append(self._value())
        while self._take("sign", ","):
            values.append(self._value())
        self._need("sign", "]", "a comma or a closing square bracket")
        return values

    def _value(self) -> object:
        token = self._now
        match token.kind:
            case "number":
                self._at += 1
                return self._number(token)
            case "string":
                self._at += 1
                quote = token.text[0]
                return token.text[1:-1].replace(quote * 2, quote)
            case "keyword" if token.text in ("true", "false"):
                self._at += 1
                return token.text == "true"
            case "keyword" if token.text == "null":
                raise self._failure(f"{A_VALUE}; ask for null with `is null` or `is not null`")
        raise self._failure(A_VALUE)

    def _number(self, token: _Token) -> int | float:
        try:
            return float(token.text) if set(token.text) & set(".eE") else int(token.text)
        except ValueError:
            raise self._error(token.at, "a number of more digits than Python reads") from None
