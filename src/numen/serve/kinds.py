"""What a value of a request may be: one description that reads the value and writes its JSON Schema.

So the OpenAPI document cannot say other than what is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numen.errors import nearest
from numen.serve.refusal import Refusal
from numen.types import JSON

__all__ = ["Anything", "Either", "Flag", "Kind", "Listed", "Maybe", "Number", "Object", "Record", "Text", "Whole"]

_SHOWN = 60  # characters of a value that a message quotes


class Kind(Protocol):
    """What a value may be."""

    def read(self, value: JSON, where: str) -> Any:
        """The value as it is used; Refusal that says `where` it stands, what was found and what is expected."""
        ...

    def schema(self) -> dict[str, JSON]:
        """The same as JSON Schema (2020-12)."""
        ...


def _unfit(where: str, expected: str, value: JSON, code: str = "unfit") -> Refusal:
    shown = repr(value)
    found = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return Refusal(code, f"{where or 'the body'} must be {expected}; found {found}")


@dataclass(frozen=True, slots=True)
class Text:
    """A string. code: that of the refusal where it is longer than `most` characters."""

    about: str = ""
    least: int = 0
    most: int | None = None
    code: str = "unfit"

    def read(self, value: JSON, where: str) -> str:
        if not isinstance(value, str):
            raise _unfit(where, "a string", value)
        if len(value) < self.least:
            raise _unfit(where, f"a string of at least {self.least} characters", value)
        if self.most is not None and len(value) > self.most:
            raise Refusal(self.code, f"{where} has {len(value):,} characters; at most {self.most:,} are allowed here")
        return value

    def schema(self) -> dict[str, JSON]:
        out: dict[str, JSON] = {"type": "string"}
        if self.least:
            out["minLength"] = self.least
        if self.most is not None:
            out["maxLength"] = self.most
        return _about(out, self.about)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`. code: that of the refusal where it is more."""

    about: str = ""
    least: int = 0
    most: int | None = None
    code: str = "unfit"

    def read(self, value: JSON, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise _unfit(where, "a whole number", value)
        if value < self.least:
            raise _unfit(where, f"{self.least} or more", value)
        if self.most is not None and value > self.most:
            raise _unfit(where, f"at most {self.most:,} here", value, self.code)
        return int(value)

    def schema(self) -> dict[str, JSON]:
        out: dict[str, JSON] = {"type": "integer", "minimum": self.least}
        if self.most is not None:
            out["maximum"] = self.most
        return _about(out, self.about)


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `least` to `most`; `above`: which `least` itself is not allowed."""

    about: str = ""
    least: float = 0.0
    most: float = 1e6
    above: bool = False

    def read(self, value: JSON, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _unfit(where, "a number", value)
        if not self.least <= value <= self.most or (self.above and value == self.least):
            raise _unfit(where, f"{'above' if self.above else 'from'} {self.least:g} and at most {self.most:g}", value)
        return float(value)

    def schema(self) -> dict[str, JSON]:
        low = "exclusiveMinimum" if self.above else "minimum"
        return _about({"type": "number", low: self.least, "maximum": self.most}, self.about)


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    about: str = ""

    def read(self, value: JSON, where: str) -> bool:
        if not isinstance(value, bool):
            raise _unfit(where, "true or false", value)
        return value

    def schema(self) -> dict[str, JSON]:
        return _about({"type": "boolean"}, self.about)


@dataclass(frozen=True, slots=True)
class Object:
    """Any object."""

    about: str = ""
    least: int = 0

    def read(self, value: JSON, where: str) -> dict[str, JSON]:
        if not isinstance(value, dict):
            raise _unfit(where, "an object", value)
        if len(value) < self.least:
            raise _unfit(where, f"an object with at least {self.least} key", value)
        return value

    def schema(self) -> dict[str, JSON]:
        out: dict[str, JSON] = {"type": "object"}
        if self.least:
            out["minProperties"] = self.least
        return _about(out, self.about)


@dataclass(frozen=True, slots=True)
class Maybe:
    """What `kind` is, or null."""

    kind: Kind

    def read(self, value: JSON, where: str) -> Any:
        return None if value is None else self.kind.read(value, where)

    def schema(self) -> dict[str, JSON]:
        inner = self.kind.schema()
        about = inner.pop("description", "")
        if isinstance(inner.get("type"), str) and "enum" not in inner:
            return _about({**inner, "type": [inner["type"], "null"]}, about)
        return _about({"anyOf": [inner, {"type": "null"}]}, about)


@dataclass(frozen=True, slots=True)
class Either:
    """A string or an object, each as it says."""

    text: Text
    object: Object
    about: str = ""

    def read(self, value: JSON, where: str) -> Any:
        if isinstance(value, str):
            return self.text.read(value, where)
        if isinstance(value, dict):
            return self.object.read(value, where)
        raise _unfit(where, "a string or an object", value)

    def schema(self) -> dict[str, JSON]:
        return _about({"anyOf": [self.text.schema(), self.object.schema()]}, self.about)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of `kind`, from `least` to `most` long. code: that of the refusal where it is longer."""

    kind: Kind
    about: str = ""
    least: int = 0
    most: int | None = None
    code: str = "unfit"

    def read(self, value: JSON, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise _unfit(where, "a list", value)
        if len(value) < self.least:
            raise Refusal("unfit", f"{where} must have at least {self.least}; found {len(value)}")
        if self.most is not None and len(value) > self.most:
            raise Refusal(self.code, f"{where} has {len(value):,} entries; at most {self.most:,} are allowed here")
        return [self.kind.read(one, f"{where}[{number}]") for number, one in enumerate(value)]

    def schema(self) -> dict[str, JSON]:
        out: dict[str, JSON] = {"type": "array", "items": self.kind.schema()}
        if self.least:
            out["minItems"] = self.least
        if self.most is not None:
            out["maxItems"] = self.most
        return _about(out, self.about)


@dataclass(frozen=True, slots=True)
class Record:
    """An object with these fields. Those with a default may be left out; others than these are refused.

    defaults: by field. open: whether other fields may be there, which are handed on as they are.
    """

    fields: Mapping[str, Kind]
    defaults: Mapping[str, JSON] = field(default_factory=dict)
    about: str = ""
    open: bool = False

    def read(self, value: JSON, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unfit(where, "an object", value)
        prefix = f"{where}." if where else ""
        out: dict[str, Any] = dict(self.defaults)
        for name, inner in value.items():
            kind = self.fields.get(name)
            if kind is not None:
                out[name] = kind.read(inner, f"{prefix}{name}")
            elif self.open:
                out[name] = inner
            else:
                raise Refusal("unfit", f"unknown field {prefix}{name[:_SHOWN]!s}; {nearest(name, self.fields)}")
        for name in self.fields:
            if name not in out:
                raise Refusal("unfit", f"{prefix}{name} is missing")
        return out

    def schema(self) -> dict[str, JSON]:
        properties = {name: kind.schema() for name, kind in self.fields.items()}
        for name, default in self.defaults.items():
            if default is not None:
                properties[name]["default"] = default
        out: dict[str, JSON] = {"type": "object", "properties": properties}
        if required := [name for name in self.fields if name not in self.defaults]:
            out["required"] = required
        if not self.open:
            out["additionalProperties"] = False
        return _about(out, self.about)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""

    about: str = ""

    def read(self, value: JSON, where: str) -> JSON:
        return value

    def schema(self) -> dict[str, JSON]:
        return _about({}, self.about)


def _about(schema: dict[str, JSON], about: str) -> dict[str, JSON]:
    return {**schema, "description": about} if about else schema
