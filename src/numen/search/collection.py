"""What users hold: open, add, delete, search."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from numen.encode import Encoder
from numen.errors import CollectionError, InputError, ReadOnlyError
from numen.search import writing
from numen.search.checking import problems
from numen.search.explanation import Explanation
from numen.search.feedback import Feedback
from numen.search.fields import FieldInfo
from numen.search.fuse import Fusion
from numen.search.given import document_readers
from numen.search.highlight import highlights
from numen.search.info import CollectionInfo, collected
from numen.search.living import key_of
from numen.search.merging import Merging
from numen.search.opening import FIELDS, create_parts, open_parts
from numen.search.prepare import prepare
from numen.search.ranking import Ranking
from numen.search.repair import repair
from numen.search.rerank import Rerank
from numen.search.searching import Asked, Searching
from numen.search.snapshot import Snapshot
from numen.search.snippet import Snippet, snippet
from numen.search.store import Store
from numen.search.workers import workers
from numen.types import AddReport, Document, Progress, Results

if TYPE_CHECKING:
    from numen.encode.bm25 import BM25

__all__ = ["Collection"]


class Collection:
    """Documents, searchable in one or several representations, on disk or in memory.

    Any number of threads may search; one may write at a time (another gets WriterBusy). Every search sees one commit.
    """

    def __init__(self, store: Store, encoders: Mapping[str, Encoder], fields: Sequence[str], read_only: bool) -> None:
        """Use `create` or `open`."""
        self._store = store
        self._merging = Merging(store)
        self._encoders = dict(encoders)
        store.prepare = partial(prepare, encoders=self._encoders)
        self._fields = tuple(fields)
        self._searching = Searching(store, self._encoders, self._fields)
        self._read_only = read_only
        self._closed = False

    @classmethod
    def create(
        cls,
        path: str | Path | None = None,
        *,
        legs: Mapping[str, str | Encoder] | None = None,
        fields: Sequence[str] = FIELDS,
    ) -> Collection:
        """A new collection in the folder `path` (made if need be), or in memory.

        legs: name -> encoder; without it one leg, {"words": "auto"}. fields: what encoders see of a document, in this
        order, one space between; ("text",) leaves titles out. Raises AlreadyExists if the folder holds anything,
        ReadOnlyError if it cannot be written, OptionError for an unfit leg or field.
        """
        return cls(*create_parts(path, legs, fields), read_only=False)

    @classmethod
    def open(
        cls, path: str | Path, *, legs: Mapping[str, str | Encoder] | None = None, read_only: bool = False
    ) -> Collection:
        """The collection in the folder `path`.

        legs: what the caller takes it to hold; EncoderMismatch, naming both encoders, if it was made with others.
        Raises NotACollection, FormatError (made by a newer numen) or DamagedError (a catalog that cannot be read; a
        damaged segment shows at the first search, and in `check`).
        """
        return cls(*open_parts(path, legs, read_only=read_only), read_only=read_only)

    @staticmethod
    def repair(
        path: str | Path, *, legs: Mapping[str, str | Encoder] | None = None, fields: Sequence[str] | None = None
    ) -> list[str]:
        """Make the collection in the folder `path` sound; what was wrong and what became of it, a sentence each.

        The index is made again from the stored texts where it is damaged; documents whose text, metadata or given
        vector cannot be read are dropped and named. A damaged catalog is replaced by what can be read of it and kept
        beside. legs, fields: as the collection was made, for a catalog that does not say it any more. DamagedError
        where nothing can be saved.
        """
        return repair(path, legs=legs, fields=fields)

    def close(self) -> None:
        """Let go of the files, once merges that are due are made; a closed collection refuses everything else."""
        if not self._closed:
            self._merging.wait()
        self._closed = True
        self._store.catalog.close()

    def __enter__(self) -> Collection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._merging.cancel()
        self.close()

    def __repr__(self) -> str:
        where = self._store.catalog.path or "in memory"
        legs = ", ".join(f"{name}={encoder.spec}" for name, encoder in self._encoders.items())
        return f"<Collection {where}: {legs}>"

    @property
    def legs(self) -> dict[str, Encoder]:
        """Each leg's encoder, by name."""
        return dict(self._encoders)

    # Changes ---------------------------------------------------------------------------------------------------------

    def add(
        self,
        documents: Iterable[Document | Mapping[str, Any]],
        *,
        vectors: Any = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
        threads: int | None = None,
        memory: int | str | None = None,
        commit_every: int | None = None,
        resume: bool = False,
    ) -> AddReport:
        """Add documents; one whose id is there already is replaced. One commit: all of them, or on an error none.

        documents: Document values, or mappings with "id" or "_id", "text", optionally "title" and "metadata" (other
        keys become metadata). Read as a stream: it need not fit in memory. An id given twice: the last one wins, and
        the report counts it. vectors: for a `given` leg, one sparse vector a document: a scipy.sparse CSR matrix, a
        tuple (indptr, indices, values), or an iterable of {index or term: weight}; for several such legs a dictionary
        of these by leg (docs/PYTHON.md). skip_bad: leave unusable documents, and those with an unusable vector, out and
        report them, instead of a DocumentError. threads: for counting terms; None for one a core. The index does not
        depend on it.

        memory: what building may take, in bytes or as "512MB" or "2GB"; None for 1 GB. Less makes smaller segments.
        commit_every: commit after so many documents, again and again, instead of once; an error then leaves the last
        commit. resume: leave out documents that are there already with the same title, text and metadata, so that an
        `add` that was killed goes on where it was (vectors are not compared); the report counts them as unchanged.
        """
        self._check_writable()
        if isinstance(documents, Mapping | Document | str):
            raise InputError("add takes an iterable of documents; put a single one in a list: add([document])")
        return writing.add(
            self._store,
            self._merging,
            self._encoders,
            self._fields,
            documents,
            vectors=document_readers(vectors, self._encoders),
            skip_bad=skip_bad,
            resume=resume,
            commit_every=commit_every,
            memory=memory,
            progress=progress,
            threads=workers(threads),
        )

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents by id; returns how many were there. One commit."""
        self._check_writable()
        if isinstance(ids, str):
            raise InputError(f"delete takes an iterable of ids; put a single one in a list: delete([{ids!r}])")
        return writing.delete(self._store, self._merging, ids)

    def compact(self, *, memory: int | str | None = None) -> None:
        """Rewrite the index as few, full segments without deleted documents, and give the space back. One commit.

        memory: what merging may take, as for `add`; segments that do not fit together stay apart.
        """
        self._check_writable()
        writing.compact(self._store, self._merging, memory=memory)

    # Search ----------------------------------------------------------------------------------------------------------

    def search(
        self,
        query: str | None = None,
        k: int = 10,
        *,
        vectors: Any = None,
        legs: Sequence[str] | None = None,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
        bm25: BM25 | None = None,
        where: str | Mapping[str, Any] | None = None,
        approximate: float | None = None,
        rerank: str | Rerank | None = None,
    ) -> Results:
        """The k best documents for `query`: exact, by score, then by id; fewer if fewer match.

        legs: which legs take part; all by default. fuse: how several are fused: "rrf", "minmax" or "zscore", with
        weights as in "minmax,words=0.7,grams=0.3" (numen.search.fuse); if not given, "minmax" where one of them is of
        dense or token vectors, else "rrf". feedback: "rm3", "rocchio" or "average": the
        terms of the first hits join the query, and it is asked again (numen.search.feedback). bm25: other BM25
        parameters than the legs' own, for this search. where: a filter over metadata, as a string or a dictionary
        (docs/PYTHON.md); only documents that it keeps take part, in every leg, with the scores they have without it.
        vectors: for a `given` leg, the query's vector, as {index or term: weight} or as `add` takes a single one; for
        several such legs a dictionary of these by leg. None for `query` is an empty text.
        approximate: a recall to reach, such as 0.95: legs of float32 vectors then read a part of the query, legs of
        token vectors score only some documents, and the result says so, and what recall was measured on a sample;
        scores of hits stay exact. Other legs are exact.
        rerank: a cross-encoder, "MODEL" or "MODEL,documents=100", that scores the first hits again, 50 if not said; its
        score is then the hit's (numen.search.rerank). It is left out of `explain`, which explains what it was given.
        """
        searching = self._open_searching()
        queries = searching.queries(None if query is None else [query], vectors, legs, single=True)
        asked = Asked(k, legs, bm25, where, fuse=fuse, feedback=feedback, approximate=approximate, rerank=rerank)
        return searching.answer(queries, asked)[0]

    def search_many(
        self,
        queries: Sequence[str] | None = None,
        k: int = 10,
        *,
        vectors: Any = None,
        legs: Sequence[str] | None = None,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
        bm25: BM25 | None = None,
        where: str | Mapping[str, Any] | None = None,
        approximate: float | None = None,
        rerank: str | Rerank | None = None,
        threads: int | None = None,
    ) -> list[Results]:
        """`search` for each query, sharing the work. vectors: as `add` takes them. threads: None for one a core."""
        searching = self._open_searching()
        asked = Asked(k, legs, bm25, where, threads, fuse, feedback, approximate, rerank)
        return searching.answer(searching.queries(queries, vectors, legs), asked)

    def rank_many(
        self,
        queries: Sequence[str] | None = None,
        k: int = 10,
        *,
        vectors: Any = None,
        legs: Sequence[str] | None = None,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
        bm25: BM25 | None = None,
        where: str | Mapping[str, Any] | None = None,
        approximate: float | None = None,
        rerank: str | Rerank | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Ranking:
        """(document id, score) pairs for each query, as `search_many` ranks them, without fetching documents."""
        searching = self._open_searching()
        asked = Asked(k, legs, bm25, where, threads, fuse, feedback, approximate, rerank)
        return searching.rank(searching.queries(queries, vectors, legs), asked, progress)

    def explain(
        self,
        query: str | None,
        id: str,
        k: int = 10,
        *,
        vectors: Any = None,
        legs: Sequence[str] | None = None,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
        bm25: BM25 | None = None,
        where: str | Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Why the document of this id has its score in `search(query, k)` with the same options.

        The score is that of the hit, to the last bit; the contributions of each leg's parts and its constant add up to
        the leg's score, and what the legs gave to the fused score. A document that is no hit is explained all the same.
        Raises InputError if the id is not there.
        """
        searching = self._open_searching()
        queries = searching.queries(None if query is None else [query], vectors, legs, single=True)
        return searching.explain(queries, [id], Asked(k, legs, bm25, where, fuse=fuse, feedback=feedback))[0]

    def explain_many(
        self,
        query: str | None,
        ids: Sequence[str],
        k: int = 10,
        *,
        vectors: Any = None,
        legs: Sequence[str] | None = None,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
        bm25: BM25 | None = None,
        where: str | Mapping[str, Any] | None = None,
    ) -> list[Explanation]:
        """`explain` for several documents, for which the query is answered once."""
        if isinstance(ids, str):
            raise InputError(f"explain_many takes a list of ids; put a single one in a list: [{ids!r}]")
        searching = self._open_searching()
        queries = searching.queries(None if query is None else [query], vectors, legs, single=True)
        return searching.explain(queries, ids, Asked(k, legs, bm25, where, fuse=fuse, feedback=feedback))

    def highlights(self, query: str, text: str, *, legs: Sequence[str] | None = None) -> list[tuple[int, int]]:
        """Character spans of `text` that words of the query match in any of the legs, ascending and disjoint."""
        return highlights([self._encoders[name] for name in self._searching.legs(legs)], query, text)

    def snippet(self, query: str, text: str, length: int = 200, *, legs: Sequence[str] | None = None) -> Snippet:
        """About `length` characters of `text` from where the most words match the query, with their spans.

        `print(collection.snippet(query, hit.text).marked())` shows why a hit was found.
        """
        if isinstance(length, bool) or not isinstance(length, int) or length < 1:
            raise InputError(f"length is {length!r}; it must be a whole number of characters, 1 or more")
        return snippet(text, self.highlights(query, text, legs=legs), length)

    # Documents and facts ---------------------------------------------------------------------------------------------

    def get(self, id: str) -> Document | None:
        """The living document of this id, or None."""
        self._check_open()
        while (key := key_of(self._store, id)) is not None:
            stored = self._store.catalog.fetch([key])
            if key in stored:  # else it was deleted and merged away in between
                id_, title, text, metadata = stored[key]
                return Document(id_, text, title, metadata)
        return None

    def documents(self) -> Generator[Document]:
        """Every living document, in the order of adding."""
        self._check_open()
        for _, (id_, title, text, metadata) in self._store.catalog.documents():
            yield Document(id_, text, title, metadata)

    def count(self, where: str | Mapping[str, Any] | None = None) -> int:
        """How many living documents a filter keeps; all without one."""
        return self._open_searching().count(where)

    def __len__(self) -> int:
        return sum(live.n_alive for live in self._snapshot().segments)

    def __contains__(self, id: object) -> bool:
        self._check_open()
        return isinstance(id, str) and key_of(self._store, id) is not None

    def metadata_fields(self, values: int = 20) -> tuple[FieldInfo, ...]:
        """The fields of the documents' metadata, those that most have first; of each the commonest `values`."""
        return self._open_searching().fields(values)

    def info(self) -> CollectionInfo:
        """Counts and sizes."""
        return collected(self._snapshot(), self._store.catalog.path, self._encoders, self._fields)

    def check(self) -> list[str]:
        """What is wrong with the collection, every byte read: one sentence each, none if it is sound."""
        self._check_open()
        return problems(self._store, self._encoders)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _open_searching(self) -> Searching:
        self._check_open()
        return self._searching

    def _snapshot(self) -> Snapshot:
        self._check_open()
        return self._store.snapshot()

    def _check_open(self) -> None:
        if self._closed:
            raise CollectionError("this collection is closed; open it again")

    def _check_writable(self) -> None:
        self._check_open()
        if self._read_only:
            raise ReadOnlyError(f"{self!r} was opened with read_only=True")
