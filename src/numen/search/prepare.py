"""What a first search would derive of a new commit, derived before it can be searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from numen.encode import Encoder
from numen.encode.auto import AutoEncoder
from numen.index.trailed import Trailed
from numen.search.snapshot import Snapshot
from numen.search.vocabularies import vocabularies

__all__ = ["prepare"]


def prepare(snapshot: Snapshot, before: Snapshot, encoders: Mapping[str, Encoder]) -> None:
    """Derive for `snapshot` what searches had derived of the commit before, so that the one who writes pays for it."""
    for live in snapshot.segments:
        live.segment.docs_of(live.segment.doc_keys[:1])
    for leg, bm25 in before.tabled.items():
        encoder = encoders[leg]
        snapshot.table(leg, encoder, bm25)
        if isinstance(encoder, AutoEncoder):
            for words in vocabularies(snapshot, leg):
                words.build()
            for live in snapshot.segments:
                part = cast(Trailed, live.segment.legs[leg])
                _ = part.by_hash, part.trail_starts, live.dead_mask
