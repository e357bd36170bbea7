"""Bytes line by line from a file, a gzip file or standard input, with the place named when they break off."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from numen.errors import DocumentError, InputError
from numen.sources.documents import OnBad

__all__ = ["STDIN", "OnShare", "byte_lines", "ignore_share", "label"]

OnShare: TypeAlias = Callable[[float], None]
"""What a reader calls now and then with the share of the source, 0 to 1, that is read; never where it is unknown."""

STDIN = "-"
"""The source that means standard input."""

_BOM = b"\xef\xbb\xbf"
_SHARE_EVERY = 256  # lines between two calls of `on_share`: asking the file for its position costs a system call


def label(source: str | Path) -> str:
    """How messages name `source`."""
    return "standard input" if str(source) == STDIN else str(source)


def ignore_share(share: float) -> None:
    """The `OnShare` of those who do not ask."""


def byte_lines(source: str | Path, on_bad: OnBad, on_share: OnShare = ignore_share) -> Iterator[tuple[int, bytes]]:
    """Line numbers from 1, each with its bytes and their line end; a UTF-8 byte order mark at the start is dropped.

    A file that ends in `.gz` is decompressed; "-" is standard input. Where the stream breaks off (a cut or damaged gzip
    file, a failing disk), `on_bad` is called and the lines end. Raises InputError where the file cannot be opened.
    """
    number = 0
    with _opened(source) as raw:
        n_bytes = 0 if str(source) == STDIN else os.fstat(raw.fileno()).st_size
        stream = gzip.GzipFile(fileobj=raw) if str(source).lower().endswith(".gz") else raw
        try:
            for number, line in enumerate(stream, start=1):
                if n_bytes and number % _SHARE_EVERY == 0:
                    on_share(raw.tell() / n_bytes)
                yield number, line.removeprefix(_BOM) if number == 1 else line
        except EOFError:
            reason = "the gzip file ends too early, as if it was cut off; what is missing cannot be read"
        except (gzip.BadGzipFile, zlib.error) as error:
            reason = f"not a sound gzip file ({error}); what follows cannot be read"
        except OSError as error:
            reason = f"cannot be read ({error.strerror or error})"
        else:
            return
    on_bad(DocumentError(reason, source=label(source), line=number + 1))


@contextmanager
def _opened(source: str | Path) -> Iterator[BinaryIO]:
    """The bytes of the source as they lie on disk; standard input stays open."""
    if str(source) == STDIN:
        yield sys.stdin.buffer
        return
    try:
        opened = Path(source).open("rb")  # noqa: SIM115  # closed below; only its opening may raise an InputError
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror or error}") from error
    with opened:
        yield opened
