"""Documents from JSON lines: one JSON object a line, UTF-8, streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from numen.errors import DocumentError
from numen.sources.documents import OnBad, document_from, raise_bad
from numen.sources.lines import OnShare, byte_lines, ignore_share, label
from numen.types import JSON, Document

__all__ = ["read_jsonl", "read_objects"]

_SHOWN = 60  # characters of a bad line that its message quotes


def read_jsonl(
    source: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share, name: str | None = None
) -> Iterator[Document]:
    """The documents of a `.jsonl` or `.jsonl.gz` file, or of standard input for "-", in their order.

    `on_bad` is called with a DocumentError that names the file (or `name`) and the line for each line that holds no
    document.
    """
    name = name or label(source)
    for number, mapping in read_objects(source, on_bad, on_share, name):
        try:
            document = document_from(mapping, source=name, line=number)
        except DocumentError as error:
            on_bad(error)
        else:
            yield document


def read_objects(
    source: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share, name: str | None = None
) -> Iterator[tuple[int, Mapping[str, JSON]]]:
    """The JSON objects of the lines, each with its line number from 1; blank lines are passed over.

    `on_bad` is called for a line that is not UTF-8, not JSON, or JSON but no object.
    """
    name = name or label(source)
    for number, line in byte_lines(source, on_bad, on_share):
        if not line.strip():
            continue
        try:
            mapping = _object(line)
        except ValueError as reason:
            on_bad(DocumentError(str(reason), source=name, line=number))
        else:
            yield number, mapping


def _object(line: bytes) -> Mapping[str, JSON]:
    """The JSON object that `line` is. Raises ValueError with a message that says what was found."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        found = f"byte 0x{line[error.start]:02x} at offset {error.start} of the line"
        raise ValueError(f"invalid UTF-8: {found}; save the file as UTF-8") from None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, column {error.colno}): found {text[:_SHOWN]!r}") from None
    except RecursionError:
        raise ValueError(f"JSON nested too deeply: found {text[:_SHOWN]!r}") from None
    except ValueError:  # an integer of more than some thousand digits: Python refuses to convert it
        raise ValueError(f"JSON with a number too long to read: found {text[:_SHOWN]!r}") from None
    if not isinstance(value, dict):
        raise ValueError(f'a line must be a JSON object like {{"id": "1", "text": "..."}}; found {text[:_SHOWN]!r}')
    return value
