"""Documents from a folder of text files: one document a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from numen.errors import DocumentError
from numen.sources.documents import OnBad, document_from, raise_bad
from numen.sources.lines import OnShare, ignore_share
from numen.types import Document

__all__ = ["SUFFIXES", "read_folder"]

_MARKDOWN = frozenset({".md", ".markdown"})
SUFFIXES = (".txt", ".md", ".markdown", ".rst")
"""The files that count, in lower or upper case."""

_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$")
_RST_LINE = re.compile(r"([=\-~`'^\"*+#<>.:_])\1{2,}\s*$")


def read_folder(folder: str | Path, on_bad: OnBad = raise_bad, on_share: OnShare = ignore_share) -> Iterator[Document]:
    """A document of each text file under `folder`, sorted by path; hidden files and folders are passed over.

    The id is the path below `folder` with "/" between its parts, the title the first heading of a Markdown or
    reStructuredText file or else the file's name, the text the whole content. `on_bad` is called for a file that
    cannot be read or is not UTF-8, `on_share` never: how many files there are is known only at the end. Links to
    folders are not followed: they can run in circles.
    """
    root = Path(folder)
    for path in _walk(root, on_bad):
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            on_bad(DocumentError(f"cannot be read: {error.strerror or error}", source=str(path)))
            continue
        except UnicodeDecodeError as error:
            found = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
            on_bad(DocumentError(f"invalid UTF-8: {found}; save the file as UTF-8", source=str(path)))
            continue
        name = path.relative_to(root).as_posix()
        try:
            document = document_from(
                {"id": name, "title": _heading(text, path.suffix.lower()) or path.name, "text": text}, source=str(path)
            )
        except DocumentError as error:  # a file name that is not UTF-8
            on_bad(error)
        else:
            yield document


def _walk(root: Path, on_bad: OnBad) -> Iterator[Path]:
    """The text files under `root`, those of a folder before those of its folders, each level sorted by name."""

    def unreadable(error: OSError) -> None:
        on_bad(DocumentError(f"cannot be read: {error.strerror or error}", source=str(error.filename)))

    for folder, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder) / name


def _heading(text: str, suffix: str) -> str:
    """The first heading of a Markdown or reStructuredText file, "" where it has none."""
    if suffix in _MARKDOWN:
        return _markdown_heading(text)
    return _rst_heading(text) if suffix == ".rst" else ""


def _markdown_heading(text: str) -> str:
    fence, before = "", ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]  # inside a fenced block a line with "#" is code
        elif not fence:
            if (heading := _HEADING.match(line)) and heading[1]:
                return heading[1]
            if before and re.fullmatch(r" {0,3}=+\s*", line):
                return before
            before = line.strip()
    return ""


def _rst_heading(text: str) -> str:
    before = ""
    for line in text.splitlines():
        if before and not _RST_LINE.match(before) and _RST_LINE.match(line):
            return before.strip()
        before = line if line.strip() else ""
    return ""
