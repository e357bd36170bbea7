"""What a collection says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from numen.encode.encoder import Encoder
from numen.index.schema import FILE_NAME, FORMAT
from numen.search.snapshot import Snapshot

__all__ = ["CollectionInfo", "LegInfo", "collected"]


@dataclass(frozen=True, slots=True)
class LegInfo:
    """One leg: its encoder's string; terms (added over segments), postings and bytes, dead ones included.

    Of a leg of dense vectors, terms are its dimensions and postings its vectors.
    """

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


def collected(
    snapshot: Snapshot, path: Path | None, encoders: Mapping[str, Encoder], fields: tuple[str, ...]
) -> CollectionInfo:
    """The facts of a snapshot of the collection at `path` (None in memory)."""
    legs = []
    for name, encoder in encoders.items():
        segments = [live.segment for live in snapshot.segments]
        size = sum(array.nbytes for segment in segments for array in segment.arrays_of(name).values())
        parts = [segment.legs[name] for segment in segments if name in segment.legs]
        flats = [segment.flats[name] for segment in segments if name in segment.flats]
        terms = sum(len(part.keys) for part in parts) or max((flat.dim for flat in flats), default=0)
        postings = sum(part.postings for part in parts) + sum(flat.n_docs for flat in flats)
        legs.append(LegInfo(name, encoder.spec, terms, postings, size))
    arrays = [array for live in snapshot.segments for array in live.segment.arrays().values()]
    return CollectionInfo(
        path=None if path is None else str(path),
        format=FORMAT,
        documents=sum(live.n_alive for live in snapshot.segments),
        deleted=sum(len(live.dead) for live in snapshot.segments),
        segments=len(snapshot.segments),
        fields=fields,
        legs=tuple(legs),
        bytes_index=sum(array.nbytes for array in arrays),
        bytes_catalog=0 if path is None else sum(file.stat().st_size for file in path.glob(f"{FILE_NAME}*")),
        generation=snapshot.generation,
    )
