"""What can go wrong, as a tree. An error says what was given, what is allowed, and how to mend it.

NumenError
├── InputError            what the caller passed cannot be used (also a ValueError)
│   ├── DocumentError     one document of the input: names the source, the place and what was found
│   ├── OptionError       an unknown or unfit option, key or name: names the nearest legal one
│   ├── ModelError        a model that is not there, is not whole, or is of another kind
│   └── DatasetError      a judged collection that cannot be used as one
├── CollectionError       a collection on disk
│   ├── NotACollection    the folder holds none
│   ├── AlreadyExists     the folder holds one, or something else
│   ├── FormatError       written by a newer numen, or unreadable
│   ├── EncoderMismatch   opened with another encoder than it was made with
│   ├── DamagedError      a file that is missing, short or does not match its checksum
│   ├── ReadOnlyError     the folder cannot be written
│   └── WriterBusy        another writer holds the collection
└── MissingExtra          an optional package is not installed: names the extra
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "AlreadyExists",
    "CollectionError",
    "DamagedError",
    "DatasetError",
    "DocumentError",
    "EncoderMismatch",
    "FormatError",
    "InputError",
    "MissingExtra",
    "ModelError",
    "NotACollection",
    "NumenError",
    "OptionError",
    "ReadOnlyError",
    "WriterBusy",
    "nearest",
]


class NumenError(Exception):
    """The root: everything numen raises on purpose."""


class InputError(NumenError, ValueError):
    """What the caller passed cannot be used."""


class DocumentError(InputError):
    """One document of the input cannot be used.

    `source` and `line` say where it stands (empty and 0 when the documents came from Python).
    """

    def __init__(self, message: str, *, source: str = "", line: int = 0) -> None:
        self.source, self.line = source, line
        place = f"{source}, line {line}: " if source and line else f"{source}: " if source else ""
        super().__init__(place + message)


class OptionError(InputError):
    """An option, key or name that does not exist or does not fit."""


class ModelError(InputError):
    """A model that is not there, cannot be loaded, or does not make what is asked of it."""


class DatasetError(InputError):
    """A judged collection that cannot be used as one."""


class CollectionError(NumenError):
    """A collection on disk that cannot be used as asked."""


class NotACollection(CollectionError):
    """The folder holds no collection."""


class AlreadyExists(CollectionError):
    """The folder is taken."""


class FormatError(CollectionError):
    """The collection's format is newer than this numen, or is none."""


class EncoderMismatch(CollectionError):
    """The collection was made with another encoder; the message names both."""


class DamagedError(CollectionError):
    """A file of the collection is missing, short, or does not match its checksum; the message names it."""


class ReadOnlyError(CollectionError):
    """The folder cannot be written."""


class WriterBusy(CollectionError):
    """Another writer holds the collection."""


class MissingExtra(NumenError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{purpose} needs the package {package}: pip install 'numen[{extra}]'")


def nearest(name: str, legal: Iterable[str]) -> str:
    """A half-sentence that names the closest legal name and all of them: "did you mean 'b'? Legal: a, b."."""
    names = sorted(legal)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}Legal: {', '.join(names)}."
