"""The one door: whatever the source is, documents come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from numen.errors import DocumentError, InputError
from numen.sources.documents import OnBad, raise_bad
from numen.sources.folder import SUFFIXES, read_folder
from numen.sources.jsonl import read_jsonl
from numen.sources.lines import STDIN, OnShare, ignore_share, label
from numen.sources.stdlib import standard_library
from numen.sources.tables import read_csv, read_parquet, read_tsv
from numen.types import Document

__all__ = ["STANDARD_LIBRARY", "read_source"]

STANDARD_LIBRARY = "stdlib:"
"""The source that means the docstrings of the running Python's standard library."""

_READERS: dict[str, Callable[[str | Path, OnBad, OnShare], Iterator[Document]]] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".parquet": read_parquet,
}
_CORPUS = ("corpus.jsonl", "corpus.jsonl.gz")  # what a folder in BEIR layout keeps its documents in


def read_source(
    source: str | Path, *, skip_bad: bool = False, on_bad: OnBad | None = None, on_share: OnShare = ignore_share
) -> Iterator[Document]:
    """The documents of `source`, streamed: they never have to fit in memory together.

    A `.jsonl`, `.jsonl.gz`, `.csv`, `.tsv` or `.parquet` file; a folder of text files, or one in BEIR layout (its
    `corpus.jsonl` or `corpus.jsonl.gz` is read); "-" for JSON lines on standard input; "stdlib:" for the docstrings of
    the running Python. A document that cannot be used raises a DocumentError, or with `skip_bad` is left out, after
    `on_bad`, where given, was called with that error. `on_share` is called now and then with the share of the source
    that is read, where that can be known: for files, compressed or not.

    Raises InputError: at once where the source is missing or of no known kind, at its end where it held no document.
    """
    name = str(source)
    report = (on_bad or _ignore) if skip_bad else raise_bad
    if name == STANDARD_LIBRARY:
        return _some(lambda _, __: standard_library(), name, report, on_share)
    if name == STDIN:
        return _some(partial(read_jsonl, name), label(name), report, on_share)
    path = Path(source)
    if path.is_dir():
        return _some(_folder_reader(path), name, report, on_share)
    suffixes = "".join(path.suffixes[-2:]) if path.suffix.lower() == ".gz" else path.suffix
    reader = _READERS.get(suffixes.lower())
    if not path.exists():
        raise InputError(f"{name}: no such file or folder")
    if reader is None:
        raise InputError(
            f"{name}: the ending {suffixes!r} says no format that numen reads. Legal: {', '.join(_READERS)}, "
            f'a folder of text files ({", ".join(SUFFIXES)}), "-" for JSON lines on standard input'
        )
    return _some(partial(reader, path), name, report, on_share)


def _folder_reader(folder: Path) -> Callable[[OnBad, OnShare], Iterator[Document]]:
    for name in _CORPUS:
        if (folder / name).is_file():
            return partial(read_jsonl, folder / name)
    if (folder / "catalog.sqlite").is_file():
        raise InputError(f"{folder}: this is a numen collection, not a source; name the files it was made from")
    return partial(read_folder, folder)


def _some(
    reader: Callable[[OnBad, OnShare], Iterator[Document]], name: str, on_bad: OnBad, on_share: OnShare
) -> Iterator[Document]:
    """What `reader` yields. Raises InputError at its end where it held neither a document nor an unusable one."""
    found = 0

    def counted(error: DocumentError) -> None:
        nonlocal found
        found += 1
        on_bad(error)

    for document in reader(counted, on_share):
        found += 1
        yield document
    if not found:
        raise InputError(f"{name}: holds no document{_what_counts(name)}")


def _what_counts(name: str) -> str:
    return f" (files that count end in {', '.join(SUFFIXES)})" if Path(name).is_dir() else ""


def _ignore(error: DocumentError) -> None:
    """Leaves the document out."""
