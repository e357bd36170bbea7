"""The words of the field as types: what a user gives, what a user gets. One word per thing, everywhere.

Nothing here imports numpy: `import numen` stays light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, overload

__all__ = ["JSON", "AddReport", "Document", "Hit", "LegHit", "Progress", "Qrels", "Results", "Run"]

JSON: TypeAlias = Any
"""What `json` reads and writes: None, bool, int, float, str, lists and string-keyed dicts of these."""

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""`progress(stage, done, total)`: units done so far in a named stage; `total` is None while unknown."""

Qrels: TypeAlias = dict[str, dict[str, int]]
"""Judgements: query id -> document id -> grade (0 and below: judged not relevant)."""

Run: TypeAlias = dict[str, list[tuple[str, float]]]
"""Ranked answers: query id -> (document id, score), best first."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document: `id` is the user's, unique in a collection; `metadata` is a JSON object."""

    id: str
    text: str
    title: str = ""
    metadata: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegHit:
    """Where one leg placed a hit: rank from 1, and that leg's own score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: rank from 1; `legs` has the rank and score in each leg that found it."""

    id: str
    score: float
    rank: int
    title: str
    text: str
    metadata: Mapping[str, JSON]
    legs: Mapping[str, LegHit]


@dataclass(frozen=True, slots=True)
class Results(Sequence[Hit]):
    """The hits of one query, by score, then by document id.

    exact is False only where approximation was asked for; recall is then which part of the k best was found on a
    sample of queries. truncated: the legs whose model read only the beginning of the query. variance: of each Gaussian
    leg, how long the query's vector of variances is (docs/REPRESENTATIONS.md). documents: how many took part: those
    that the filter keeps.
    """

    query: str
    k: int
    hits: tuple[Hit, ...]
    exact: bool = True
    recall: float | None = None
    truncated: tuple[str, ...] = ()
    variance: Mapping[str, float] = field(default_factory=dict)
    documents: int = 0

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.hits[index]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


@dataclass(frozen=True, slots=True)
class AddReport:
    """What one `add` did: `added` counts documents new to the collection, `replaced` those whose id was there
    before, `repeated` those that a later document of the same call took the place of (the last one wins),
    `skipped` the unusable ones (only with `skip_bad=True`), with the first messages in `problems`, `unchanged` those
    that were there already just as given (only with `resume=True`), `truncated` the texts that were longer than a leg's
    model reads (each once a leg): their end is not in that leg."""

    added: int
    replaced: int
    repeated: int
    skipped: int
    problems: tuple[str, ...]
    seconds: float
    unchanged: int = 0
    truncated: int = 0
