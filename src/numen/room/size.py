"""One representation at one size: what it reached, and at what cost; and where more room stops paying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from numen.errors import OptionError
from numen.evaluate import measure
from numen.evaluate.identical import without
from numen.room.bands import band
from numen.room.corpus import Corpus
from numen.types import JSON, Run

__all__ = ["WORTH", "How", "Size", "check_dims", "knee", "run_of", "sized"]

WORTH = 0.01
"""Of a measure: where no larger size has more than this to add, more room stops paying."""


@dataclass(frozen=True)
class How:
    """How all sizes are measured: the `k` best hits of each query, these measures, bands drawn by `seed`."""

    measures: tuple[str, ...]
    k: int = 100
    threads: int = 1
    seed: int = 0
    fields: tuple[str, ...] = ("title", "text")


@dataclass(frozen=True)
class Size:
    """One representation at one size.

    name: what it is called; for an encoder, its string. family: sizes of one family differ in `room` alone. room: its
    number of dimensions, kept values or bits. band: for each measure where its mean lies with 95 % confidence.
    index_bytes: of numen's index without the documents' text, or of the arrays of such a leg. latency_ms: one query by
    itself, the median; index_seconds: None where it was not built as an index. per_query: measure -> query -> value.
    leg: what a collection is given to keep it so; empty where no leg of numen does.
    """

    name: str
    family: str
    room: int
    measures: dict[str, float]
    band: dict[str, tuple[float, float]]
    index_bytes: int
    latency_ms: float
    index_seconds: float | None
    per_query: dict[str, dict[str, float]] = field(repr=False)
    leg: str = ""

    def to_json(self) -> dict[str, JSON]:
        """What `numen room --json` prints of it."""
        return {
            "encoder": self.name,
            "family": self.family,
            "leg": self.leg,
            "room": self.room,
            "measures": self.measures,
            "band": {name: list(ends) for name, ends in self.band.items()},
            "index_bytes": self.index_bytes,
            "latency_ms": self.latency_ms,
            "index_seconds": self.index_seconds,
        }


def sized(
    corpus: Corpus,
    run: Run,
    how: How,
    *,
    name: str,
    family: str,
    room: int,
    index_bytes: int,
    latency_ms: float,
    index_seconds: float | None = None,
    leg: str = "",
) -> Size:
    """The size that made this run, measured."""
    measured = measure(run, corpus.dataset.qrels, how.measures)
    bands = {one: band(values, how.seed) for one, values in measured.per_query.items()}
    return Size(
        name, family, room, measured.means, bands, index_bytes, latency_ms, index_seconds, measured.per_query, leg
    )


def run_of(corpus: Corpus, ranked: Iterable[Sequence[tuple[str, float]]], k: int) -> Run:
    """The run of rankings that are at least k + 1 deep; a query's own document is no hit."""
    pairs = zip(corpus.dataset.queries, ranked, strict=True)
    return {query: without(hits, query, k) if query in corpus.twins else list(hits[:k]) for query, hits in pairs}


def check_dims(dims: Sequence[int]) -> tuple[int, ...]:
    """The dimensions as they are; OptionError unless they rise."""
    if not dims:
        raise OptionError("no dimensions were given; for example 512,4096,32768")
    for before, after in pairwise(dims):
        if after <= before:
            raise OptionError(
                f"the dimensions {', '.join(map(str, dims))} are out of order: {after} comes after {before}; "
                f"give them rising, each once: {','.join(map(str, sorted(set(dims))))}"
            )
    if dims[0] < 1:
        raise OptionError(f"{dims[0]} is no number of dimensions; give whole numbers from 1 on")
    return tuple(dims)


def knee(sizes: Sequence[Size], measure: str, worth: float = WORTH) -> Size:
    """The smallest size of a family than which no larger one is better by more than `worth`."""
    rising = sorted(sizes, key=lambda size: size.room)
    return next(
        size
        for at, size in enumerate(rising)
        if all(larger.measures[measure] <= size.measures[measure] + worth for larger in rising[at:])
    )
