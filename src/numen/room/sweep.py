"""Quality against room, for encoders: each is built as a collection in memory, searched and measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from numen.encode import parse_encoder
from numen.encode.hashed import HashedEncoder
from numen.evaluate import System
from numen.evaluate.trial import run_system
from numen.room.corpus import Corpus
from numen.room.size import How, Size, sized
from numen.types import Progress

__all__ = ["DIMS", "REFERENCES", "system_sizes"]

DIMS = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
"""Dimensions of numen that are looked at if nothing else is said."""

REFERENCES = ("bm25", "bm25:english", "auto")
"""What stands beside them as lines: representations that take as much room as the text has words."""


def system_sizes(
    corpus: Corpus, encoders: Sequence[str], family: str, how: How, progress: Progress | None = None
) -> Iterator[Size]:
    """The size of each encoder; its room is its dimensions, 0 for one that has as many as there are terms."""
    for spec in encoders:
        system = System.of(spec)
        trial = run_system(
            corpus.dataset,
            system,
            k=how.k,
            threads=how.threads,
            identical="same",
            fields=how.fields,
            progress=progress,
        )
        encoder = parse_encoder(spec)
        yield sized(
            corpus,
            trial.run,
            how,
            name=system.name,
            family=family,
            room=encoder.dim if isinstance(encoder, HashedEncoder) else 0,
            index_bytes=trial.index_bytes,
            latency_ms=trial.latency_ms["p50"],
            index_seconds=trial.index_seconds,
            leg=encoder.spec,
        )
