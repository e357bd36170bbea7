"""One search from queries to hits: the commit that it sees, the legs that it asks, and the documents of its hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from numen.encode import Encoder
from numen.errors import CollectionError, InputError, OptionError, nearest
from numen.index.document_rows import Stored
from numen.search.answer import Request, answer
from numen.search.approximate import check_target
from numen.search.building import text_of
from numen.search.explain import explain
from numen.search.explanation import Explanation
from numen.search.feedback import Feedback
from numen.search.fields import FieldInfo, field_infos
from numen.search.fuse import Fusion, usual
from numen.search.hits import hits
from numen.search.keep import Outdated, keep
from numen.search.living import key_of
from numen.search.queries import Queries
from numen.search.ranking import Ranking
from numen.search.rerank import Rerank
from numen.search.snapshot import Kept, Snapshot
from numen.search.store import Store
from numen.search.workers import workers
from numen.types import Document, Progress, Results

if TYPE_CHECKING:
    from numen.encode.bm25 import BM25

__all__ = ["Asked", "Searching"]

T = TypeVar("T")

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
    fuse: str | Fusion | None = None
    feedback: str | Feedback | None = None
    approximate: float | None = None
    rerank: str | Rerank | None = None


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
        request = self._request(asked)

        def work(snapshot: Snapshot, kept: Sequence[Kept] | None) -> list[Results]:
            found = answer(snapshot, self._encoders, queries, request, kept, self._texts)
            ranking, recall = found.ranking, found.ranking.recall
            stored = self._stored(sorted(set(ranking.keys.tolist())))
            documents = _documents(snapshot, kept)
            return [
                Results(
                    text,
                    request.k,
                    tuple(hits(q, ranking, found.by_leg, stored)),
                    recall is None,
                    recall,
                    queries.truncated(q),
                    queries.variance(q),
                    documents,
                )
                for q, text in enumerate(queries.texts)
            ]

        return self._of_one_commit(asked.where, work)

    def rank(self, queries: Queries, asked: Asked, progress: Progress | None) -> Ranking:
        """The ids and scores that `answer` gives, without fetching documents of hits."""
        request = self._request(asked)
        step = AT_ONCE if progress is not None else max(len(queries), 1)

        def work(snapshot: Snapshot, kept: Sequence[Kept] | None) -> Ranking:
            parts = []
            if progress is not None:
                progress("queries", 0, len(queries))
            for at in range(0, max(len(queries), 1), step):
                some = queries[at : at + step]
                parts.append(answer(snapshot, self._encoders, some, request, kept, self._texts).ranking)
                if progress is not None:
                    progress("queries", at + len(some), len(queries))
            return Ranking.joined(parts)

        return self._of_one_commit(asked.where, work)

    def explain(self, queries: Queries, ids: Sequence[str], asked: Asked) -> list[Explanation]:
        """Why each of these documents has its score for the single query; InputError if one is not there."""
        request = self._request(asked)

        def work(snapshot: Snapshot, kept: Sequence[Kept] | None) -> list[Explanation]:
            keys = [self._key(id) for id in ids]
            texts = self._texts(sorted(set(keys)))
            found = answer(snapshot, self._encoders, queries, request, kept, self._texts)
            out = []
            for key in keys:
                if (at := snapshot.find(key)) is None:
                    raise Outdated
                out.append(explain(snapshot, at, self._encoders, found, queries, texts[key], request, kept))
            return out

        return self._of_one_commit(asked.where, work)

    def fields(self, values: int) -> tuple[FieldInfo, ...]:
        """What the metadata of the last commit's documents holds."""
        return self._of_one_commit(None, lambda snapshot, _: field_infos(snapshot, self._store.catalog, values))

    def _key(self, id: str) -> int:
        key = key_of(self._store, id)
        if key is None:
            raise InputError(f"no document has the id {id!r}; explain takes the id of a hit")
        return key

    def count(self, where: str | Mapping[str, Any] | None) -> int:
        """How many living documents a filter keeps; all without one."""
        return _documents(*self._view(where))

    def legs(self, legs: Sequence[str] | None) -> list[str]:
        """The legs to search, each once; OptionError for one that does not exist, or for none."""
        names = list(self._encoders) if legs is None else list(dict.fromkeys(legs))
        for name in names:
            if name not in self._encoders:
                raise OptionError(f"no leg {name!r}; {nearest(name, self._encoders)}")
        if not names:
            raise OptionError("legs is empty; name at least one")
        return names

    def _request(self, asked: Asked) -> Request:
        """What is asked, checked."""
        if isinstance(asked.k, bool) or not isinstance(asked.k, int) or asked.k < 0:
            raise InputError(f"k is {asked.k!r}; it must be a whole number, 0 or more")
        names = self.legs(asked.legs)
        if asked.bm25 is not None and all(self._encoders[name].form != "ratio" for name in names):
            raise OptionError("bm25 was given, but none of the legs searched is a BM25 leg")
        check_target(asked.approximate)
        how = usual(self._encoders[name] for name in names) if asked.fuse is None else asked.fuse
        fusion, feedback = Fusion.of(how, names), Feedback.of(asked.feedback)
        again = Rerank.of(asked.rerank)
        return Request(asked.k, names, fusion, feedback, asked.bm25, asked.approximate, workers(asked.threads), again)

    def _of_one_commit(
        self, where: str | Mapping[str, Any] | None, work: Callable[[Snapshot, Sequence[Kept] | None], T]
    ) -> T:
        """What `work` makes of the last commit, and of the next one where it meets documents that are gone by now.

        Documents of a commit stay in the catalog until a merge removes the dead ones.
        """
        while True:
            snapshot, kept = self._view(where)
            try:
                return work(snapshot, kept)
            except Outdated:
                if self._store.snapshot() is snapshot:
                    raise self._lacking() from None

    def _stored(self, keys: Sequence[int]) -> dict[int, Stored]:
        """The stored documents of these keys; Outdated where one is gone."""
        stored = self._store.catalog.fetch(keys)
        if len(stored) < len(keys):
            raise Outdated
        return stored

    def _texts(self, keys: Sequence[int]) -> dict[int, str]:
        """What encoders see of the documents of these keys; Outdated where one is gone."""
        found = self._stored(keys)
        return {
            key: text_of(Document(id_, text, title, metadata), self._fields)
            for key, (id_, title, text, metadata) in found.items()
        }

    def _view(self, where: str | Mapping[str, Any] | None) -> tuple[Snapshot, tuple[Kept, ...] | None]:
        """The last commit, and what the filter keeps of it; None without a filter."""
        while True:
            snapshot = self._store.snapshot()
            snapshot.searched = True
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


def _documents(snapshot: Snapshot, kept: Sequence[Kept] | None) -> int:
    """How many living documents a filter keeps; all without one."""
    return sum(live.n_alive for live in snapshot.segments) if kept is None else sum(len(one.docs) for one in kept)
