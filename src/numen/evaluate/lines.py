"""Numbered lines of a text file, gzipped or not; what cannot be read is a DatasetError that names the place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from numen.errors import DatasetError, DocumentError
from numen.sources.lines import byte_lines

__all__ = ["numbered_lines", "quoted", "refuse"]

_SHOWN = 80  # characters of a faulty line that an error quotes: enough to know it again


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, with its number from 1, without its line end and without a byte order mark.

    Lines end at `\\n` or `\\r\\n` only: ids may hold other line separators of Unicode. A name that ends in `.gz` is
    read through gzip. A damaged file and a line that is not UTF-8 raise DatasetError, a missing file InputError.
    """
    for number, raw in byte_lines(path, refuse):
        try:
            line = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
            raise DatasetError(f"{path}, line {number}: {found}; save the file as UTF-8") from None
        if line.strip():
            yield number, line


def quoted(line: str) -> str:
    """The line as an error shows it: quoted, and only its beginning where it is long."""
    return repr(line) if len(line) <= _SHOWN else f"{line[:_SHOWN]!r}..."


def refuse(error: DocumentError) -> NoReturn:
    """Never returns: raises what a reader of lines found as a DatasetError, which names the file and the line."""
    raise DatasetError(str(error)) from None
