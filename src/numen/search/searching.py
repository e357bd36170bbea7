"""One search from queries to hits: the commit that it sees, the legs that it asks, and the documents of its hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numen.encode import Encoder
from numen.errors import CollectionError, InputError, OptionError, nearest
from numen.search.approximate import EXACT, approximation, check_target
from numen.search.building import text_of
from numen.search.explain import explain
from numen.search.explanation import Explanation
from numen.search.fuse import reciprocal_rank
from numen.search.hits import hits
from numen.search.keep import Outdated, keep
from numen.search.leg import rank
from numen.search.living import key_of
from numen.search.queries import Queries
from numen.search.ranking import Ranking
from numen.search.snapshot import Kept, Snapshot
from numen.search.store import Store
from numen.search.workers import workers
from numen.types import Document, Progress, Results

if TYPE_CHECKING:
    from numen.encode.bm25 import BM25

__all__ = ["Asked", "Searching"]

FUSION_DEPTH = 100
"""How deep, at least, each leg is ranked before legs are fused."""

AT_ONCE = 256
"""Queries between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a batch of queries, as `Collection.search` describes it."""

    k: int
    legs: Sequence[str] | None = None
    bm25: BM25 | None = None
    where: str | Mapping[str, Any] | None = None
    threads: int | None = 1
    approximate: float | None = None


class Searching:
    """Searches of one collection. Each sees one commit, whatever is changed meanwhile."""

    def __init__(self, store: Store, encoders: Mapping[str, Encoder], fields: Sequence[str]) -> None:
        """encoders: each leg's, by name. fields: what they see of a document."""
        self._store, self._encoders, self._fields = store, encoders, fields

    def queries(
        self, texts: Sequence[str] | None, vectors: Any, legs: Sequence[str] | None, *, single: bool = False
    ) -> Queries:
        """What a search asks of the legs that it names; InputError or OptionError for what cannot be asked."""
        if isinstance(texts, str):
            raise InputError("this takes a list of queries; use search for a single one")
        return Queries.of(texts, vectors, self._encoders, self.legs(legs), single=single)

    def answer(self, queries: Queries, asked: Asked) -> list[Results]:
        """The hits of each query, with their documents."""
        # Documents of a commit stay in the catalog until a merge removes the dead ones: then look at the newer commit.
        while True:
            snapshot, kept = self._view(asked.where)
            ranking, by_leg = self._rank(snapshot, queries, asked, kept)
            wanted = set(ranking.keys.tolist())
            stored = self._store.catalog.fetch(sorted(wanted))
            if len(stored) == len(wanted):
                break
            if self._store.snapshot() is snapshot:
                raise self._lacking()
        recall = ranking.recall
        return [
            Results(text, asked.k, tuple(hits(q, ranking, by_leg, stored)), recall is None, recall)
            for q, text in enumerate(queries.texts)
        ]

    def rank(self, queries: Queries, asked: Asked, progress: Progress | None) -> Ranking:
        """The ids and scores that `answer` gives, without fetching documents."""
        snapshot, kept = self._view(asked.where)
        if progress is None:
            return self._rank(snapshot, queries, asked, kept)[0]
        parts = []
        progress("queries", 0, len(queries))
        for at in range(0, len(queries), AT_ONCE):
            parts.append(self._rank(snapshot, queries[at : at + AT_ONCE], asked, kept)[0])
            progress("queries", min(at + AT_ONCE, len(queries)), len(queries))
        return Ranking.joined(parts)

    def explain(self, queries: Queries, id: str, asked: Asked) -> Explanation:
        """Why the document of this id has its score for the single query; InputError if it is not there."""
        names = self.legs(asked.legs)
        catalog = self._store.catalog
        while True:
            snapshot, kept = self._view(asked.where)
            key = key_of(self._store, id)
            if key is None:
                raise InputError(f"no document has the id {id!r}; explain takes the id of a hit")
            stored = catalog.fetch([key])
            if key in stored and (at := snapshot.find(key)) is not None:
                _, title, text, metadata = stored[key]
                break
            if key in stored and self._store.snapshot() is snapshot:
                raise CollectionError(f"no segment of {self._where} holds the document {id!r}; run `numen check`")
        rankings = self._rank(snapshot, queries, replace(asked, legs=names), kept)[1]
        encoders = {name: self._encoders[name] for name in names}
        seen = text_of(Document(id, text, title, metadata), self._fields)
        return explain(snapshot, at, encoders, rankings, queries, seen, asked.bm25)

    def count(self, where: str | Mapping[str, Any] | None) -> int:
        """How many living documents a filter keeps; all without one."""
        snapshot, kept = self._view(where)
        return sum(live.n_alive for live in snapshot.segments) if kept is None else sum(len(one.docs) for one in kept)

    def legs(self, legs: Sequence[str] | None) -> list[str]:
        """The legs to search, each once; OptionError for one that does not exist, or for none."""
        names = list(self._encoders) if legs is None else list(dict.fromkeys(legs))
        for name in names:
            if name not in self._encoders:
                raise OptionError(f"no leg {name!r}; {nearest(name, self._encoders)}")
        if not names:
            raise OptionError("legs is empty; name at least one")
        return names

    def _rank(
        self, snapshot: Snapshot, queries: Queries, asked: Asked, kept: Sequence[Kept] | None
    ) -> tuple[Ranking, dict[str, Ranking]]:
        """(the ranking that is asked for, each leg's own)."""
        k, bm25, target = asked.k, asked.bm25, asked.approximate
        if isinstance(k, bool) or not isinstance(k, int) or k < 0:
            raise InputError(f"k is {k!r}; it must be a whole number, 0 or more")
        names = self.legs(asked.legs)
        if bm25 is not None and all(self._encoders[name].form != "ratio" for name in names):
            raise OptionError("bm25 was given, but none of the legs searched is a BM25 leg")
        many = workers(asked.threads)
        depth = k if len(names) == 1 or k == 0 else max(k, FUSION_DEPTH)
        check_target(target)
        by_leg: dict[str, Ranking] = {}
        for name in names:
            encoder = self._encoders[name]
            how = approximation(snapshot, name, encoder, queries, depth, target) if target else EXACT
            ranking = rank(snapshot, name, encoder, queries, depth, bm25=bm25, kept=kept, threads=many, depth=how.depth)
            ranking.recall = how.recall if how.depth > 0 else None
            by_leg[name] = ranking
        return (by_leg[names[0]] if len(names) == 1 else reciprocal_rank(by_leg, k)), by_leg

    def _view(self, where: str | Mapping[str, Any] | None) -> tuple[Snapshot, tuple[Kept, ...] | None]:
        """The last commit, and what the filter keeps of it; None without a filter."""
        while True:
            snapshot = self._store.snapshot()
            if where is None:
                return snapshot, None
            try:
                return snapshot, keep(snapshot, self._store.catalog, where)
            except Outdated:
                if self._store.snapshot() is snapshot:
                    raise self._lacking() from None

    def _lacking(self) -> CollectionError:
        return CollectionError(
            f"the catalog of {self._where} lacks documents that its segments hold; run `numen check`"
        )

    @property
    def _where(self) -> str:
        return str(self._store.catalog.path or "this collection in memory")
