"""What a collection says of itself."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CollectionInfo", "LegInfo"]


@dataclass(frozen=True, slots=True)
class LegInfo:
    """One leg: its encoder's string; terms (added over segments), postings and bytes, dead ones included."""

    name: str
    encoder: str
    terms: int
    postings: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A collection's facts. `documents` are alive; `deleted` are dead ones not yet merged away; sizes are in bytes.

    bytes_index counts the segments' arrays; bytes_catalog is the size of catalog.sqlite and its log (0 in memory),
    which hold the documents' text.
    """

    path: str | None
    format: int
    documents: int
    deleted: int
    segments: int
    fields: tuple[str, ...]
    legs: tuple[LegInfo, ...]
    bytes_index: int
    bytes_catalog: int
    generation: int
