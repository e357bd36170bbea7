"""The one place where a mapping becomes a Document, and where an unfit one is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from numen.errors import DocumentError
from numen.types import JSON, Document

__all__ = ["OnBad", "checked_document", "document_from", "raise_bad"]

OnBad: TypeAlias = Callable[[DocumentError], None]
"""What a reader calls for a document it cannot use: raises to stop, returns to skip it and go on."""

_OWN_KEYS = frozenset({"text", "title", "metadata"})
_MOST_LEVELS = 100  # of metadata: what can be read back wherever Python's stack stands, which is 1,000 calls deep
_MOST_BITS = 14_000  # of a whole number: Python reads and writes at most 4,300 digits
_SHOWN = 60  # characters of a found value that a message quotes: enough to recognise it, short enough for one line


class _Unfit(Exception):
    """Why a mapping is no document; `document_from` adds where it stood."""


def raise_bad(error: DocumentError) -> NoReturn:
    """Never returns: the `OnBad` that stops at the first unusable document."""
    raise error


def document_from(mapping: Mapping[str, Any], *, source: str = "", line: int = 0) -> Document:
    """The document that `mapping` describes.

    `_id` or else `id`: a string that is not empty, or an integer (its decimal string is the id). `text`: a string; it
    may be empty, as in judged collections such as Cranfield, and then only its title can be found. `title`: a string,
    null or absent. The keys of a `metadata` object and all other keys become the metadata; where both have a key, the
    outer one counts. A lone surrogate (half a character, as the JSON escape "\\ud800" makes it) becomes U+FFFD, except
    in an id, where it is an error, like a NUL.

    `source` and `line` say where the mapping stands and appear in the DocumentError that an unfit one raises.
    """
    try:
        return _document(mapping)
    except _Unfit as reason:
        raise DocumentError(str(reason), source=source, line=line) from None


def checked_document(document: Document, *, source: str = "", line: int = 0) -> Document:
    """The document itself if it is fit to be stored, mended or refused like a mapping if not (see `document_from`)."""
    fields = (document.id, document.title, document.text)
    # `isascii` looks at a flag: most documents need no closer look.
    plain = all(type(field) is str and field.isascii() for field in fields)
    if plain and document.id and "\0" not in document.id and not document.metadata:
        return document
    return document_from(
        {"id": document.id, "title": document.title, "text": document.text, "metadata": document.metadata},
        source=source,
        line=line,
    )


def _document(mapping: Mapping[str, Any]) -> Document:
    if not isinstance(mapping, Mapping):
        raise _Unfit(f'a document is an object with "id" and "text"; found {_described(mapping)}')
    id_key = "_id" if "_id" in mapping else "id"
    identifier = _identifier(mapping, id_key)
    if "text" not in mapping:
        raise _Unfit(f'document {_quoted(identifier)} has no "text"; found the keys {_keys(mapping)}')
    text = _string(mapping["text"], "text", identifier)
    title = _string("" if mapping.get("title") is None else mapping["title"], "title", identifier)
    return Document(identifier, text, title, _metadata(mapping, id_key, identifier))


def _identifier(mapping: Mapping[str, Any], key: str) -> str:
    if key not in mapping:
        raise _Unfit(
            f'document without an id: needs "_id" or "id", a non-empty string; found the keys {_keys(mapping)}'
        )
    value = mapping[key]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _MOST_BITS:
        return str(value)
    if not isinstance(value, str) or not value:
        raise _Unfit(f'the "{key}" of a document must be a non-empty string; found {_described(value)}')
    if "\0" in value:
        raise _Unfit(f'the "{key}" {_quoted(value)} holds a NUL character; remove it')
    if _mended(value) != value:
        raise _Unfit(f'the "{key}" {_quoted(value)} holds a lone surrogate, which is no character; remove it')
    return value


def _string(value: object, key: str, identifier: str) -> str:
    if not isinstance(value, str):
        raise _Unfit(f'the "{key}" of document {_quoted(identifier)} must be a string; found {_described(value)}')
    return _mended(value)


def _metadata(mapping: Mapping[str, Any], id_key: str, identifier: str) -> dict[str, JSON]:
    inner = mapping.get("metadata")
    merged: dict[Any, Any] = dict(inner) if isinstance(inner, Mapping) else {}
    if inner is not None and not isinstance(inner, Mapping):
        merged["metadata"] = inner  # a column or key that happens to have this name: kept like any other
    merged.update((key, value) for key, value in mapping.items() if key not in _OWN_KEYS and key != id_key)
    if not merged:
        return {}
    try:
        checked: dict[str, JSON] = _json(merged, "metadata")
    except _Unfit as reason:
        raise _Unfit(f"document {_quoted(identifier)}: {reason}") from None
    return checked


def _json(value: Any, place: str, levels: int = 0) -> JSON:
    """`value` as JSON can hold it: tuples become lists, lone surrogates U+FFFD; anything else unfit is refused."""
    if isinstance(value, str):
        return _mended(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise _Unfit(f"{place} is {_described(value)}; make it a string")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _Unfit(f"{place} is {value}, for which JSON has no form; leave it out or use null")
        return value
    if levels == _MOST_LEVELS:
        raise _Unfit(
            f"its metadata is nested too deeply, more than {_MOST_LEVELS} levels; make the inner ones a string"
        )
    if isinstance(value, (list, tuple)):
        return [_json(item, f"{place}[{number}]", levels + 1) for number, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise _Unfit(f"{place} has the key {_quoted(str(key))}; keys must be strings")
        return {_mended(key): _json(item, f"{place}[{key!r}]", levels + 1) for key, item in value.items()}
    raise _Unfit(f"{place} is {_described(value)}, for which JSON has no form")


def _mended(string: str) -> str:
    """`string` with each lone surrogate replaced by U+FFFD."""
    if string.isascii():  # a flag of the string, read without looking at its characters
        return string
    try:
        string.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in string)
    return string


def _described(value: object) -> str:
    """What was found, as half a sentence in the words of JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the string {_quoted(value)}"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of more than {_MOST_BITS:,} bits"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "an object"
    return f"a Python {type(value).__name__}"


def _quoted(string: str) -> str:
    return repr(string if len(string) <= _SHOWN else string[:_SHOWN] + "...")


def _keys(mapping: Mapping[str, Any]) -> str:
    shown = [_quoted(str(key)) for key in list(mapping)[:8]]
    return ", ".join(shown) + (", ..." if len(mapping) > len(shown) else "") if shown else "(none)"
