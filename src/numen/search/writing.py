"""Changes: documents in, documents out, segments merged; each call one commit, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.encoder import Counter, Encoder
from numen.errors import DocumentError
from numen.index.build import LegBuilder
from numen.index.catalog import Catalog, SegmentEntry
from numen.index.inverted import MAX_DOCUMENTS
from numen.index.merge import choose, merge
from numen.index.rows import Rows
from numen.index.segment import LiveSegment, Segment
from numen.search.store import Store
from numen.types import AddReport, Document, Progress

__all__ = ["add", "compact", "delete", "text_of"]

BATCH_DOCUMENTS = 1_000
BATCH_CHARACTERS = 4 << 20
"""Documents held as Python objects at a time, whichever bound comes first."""

MOST_POSTINGS = 1 << 26
"""A segment is closed when it has this many postings in any leg: about 350 MB while it is being built."""

MOST_PROBLEMS = 20
"""Messages kept of documents that were skipped."""


def add(
    store: Store,
    encoders: Mapping[str, Encoder],
    fields: Sequence[str],
    documents: Iterable[Document | Mapping[str, Any]],
    *,
    skip_bad: bool,
    progress: Progress | None,
    threads: int,
) -> AddReport:
    """Add documents, or replace those whose id is there; one commit at the end, nothing on an error."""
    began = time.perf_counter()
    problems: list[str] = []
    counts = {"taken": 0, "repeated": 0, "replaced": 0, "skipped": 0}

    def skip(error: DocumentError) -> None:
        if not skip_bad:
            raise error
        counts["skipped"] += 1
        if len(problems) < MOST_PROBLEMS:
            problems.append(str(error))

    def tell(stage: str, done: int) -> None:
        if progress is not None:
            progress(stage, done, None)

    with ThreadPoolExecutor(threads) as pool, _changing(store) as change:
        first_key = change.catalog.setting("next_key")
        build = _Build(encoders, fields, pool, threads)
        done = 0
        tell("documents", 0)
        for batch in _batches(documents, skip):
            last = {document.id: document for document in batch}
            counts["repeated"] += len(batch) - len(last)
            rest = list(last.values())
            living = change.catalog.living(list(last))
            replaced = [key for _, key in living]
            again = sum(key >= first_key for key in replaced)
            counts["repeated"] += again
            counts["replaced"] += len(replaced) - again
            change.kill(replaced)
            while rest:
                some, rest = rest[: MAX_DOCUMENTS - build.n_docs], rest[MAX_DOCUMENTS - build.n_docs :]
                key = change.catalog.take("next_key", len(some))
                change.catalog.insert(key, some)
                build.append(key, some)
                if build.full:
                    change.put(build.finish(change.new_number()))
                    build = _Build(encoders, fields, pool, threads)
            done += len(batch)
            counts["taken"] += len(last)
            tell("documents", done)
        tell("segments", len(change.written))
        if build.n_docs:
            change.put(build.finish(change.new_number()))
            tell("segments", len(change.written))
        change.tidy(choose)
    added = counts["taken"] - counts["replaced"] - (counts["repeated"] - (done - counts["taken"]))
    return AddReport(
        added=added,
        replaced=counts["replaced"],
        repeated=counts["repeated"],
        skipped=counts["skipped"],
        problems=tuple(problems),
        seconds=time.perf_counter() - began,
    )


def delete(store: Store, ids: Iterable[str]) -> int:
    """Delete documents by id; returns how many were there."""
    wanted = list(dict.fromkeys(ids))
    with _changing(store) as change:
        keys = [key for _, key in change.catalog.living(wanted)]
        change.kill(keys)
        change.tidy(choose)
    return len(keys)


def compact(store: Store) -> None:
    """Rewrite the segments as few and full ones, without dead documents, and give the space back."""
    with _changing(store) as change:
        change.tidy(_all_groups)
    store.catalog.shrink()


def _all_groups(segments: Sequence[LiveSegment]) -> list[list[int]]:
    """Groups that leave as few segments as filling them in order allows; full ones without dead documents stay."""
    groups: list[list[int]] = []
    group: list[int] = []
    total = 0
    for place, live in enumerate(segments):
        if total + live.n_alive > MAX_DOCUMENTS:
            groups.append(group)
            group, total = [], 0
        group.append(place)
        total += live.n_alive
    groups.append(group)
    return [group for group in groups if len(group) > 1 or any(len(segments[place].dead) for place in group)]


class _Build:
    """The segment being built: a counter and a builder a leg."""

    def __init__(self, encoders: Mapping[str, Encoder], fields: Sequence[str], pool: Executor, threads: int) -> None:
        self._legs = {name: (encoder.counter(), LegBuilder(log=encoder.log)) for name, encoder in encoders.items()}
        self._pool, self._threads = pool, threads
        self._fields = fields
        self._ids: list[str] = []
        self._keys: list[NDArray[np.int64]] = []

    @property
    def n_docs(self) -> int:
        return len(self._ids)

    @property
    def full(self) -> bool:
        most = max(builder.postings for _, builder in self._legs.values())
        return self.n_docs >= MAX_DOCUMENTS or most >= MOST_POSTINGS

    def append(self, first_key: int, documents: Sequence[Document]) -> None:
        texts = [text_of(document, self._fields) for document in documents]
        # Legs count at the same time, and a leg without a vocabulary counts parts of the batch at the same time.
        for builder, parts in [(builder, self._count(counter, texts)) for counter, builder in self._legs.values()]:
            for part in parts:
                builder.append(part.result())
        self._ids.extend(document.id for document in documents)
        self._keys.append(np.arange(first_key, first_key + len(documents)))

    def _count(self, counter: Counter, texts: Sequence[str]) -> list[Future[Rows]]:
        counters = counter.split(self._threads)
        cuts = [len(texts) * i // len(counters) for i in range(len(counters) + 1)]
        return [self._pool.submit(one.count, texts[a:b]) for one, (a, b) in zip(counters, pairwise(cuts), strict=True)]

    def finish(self, number: int) -> Segment:
        legs = {name: builder.finish(counter.vocabulary()) for name, (counter, builder) in self._legs.items()}
        return Segment.of(number, np.concatenate(self._keys), self._ids, legs)


@contextmanager
def _changing(store: Store) -> Iterator[_Change]:
    """A change, committed at the end of the block; on an error nothing of it stays.

    Segments are removed only while the catalog surely does not name them: those of a change that failed before its
    commit is tried, under the lock that keeps another writer from using their numbers again; and those merged away
    after the commit. What an interrupt at another moment leaves is removed by the next change.
    """
    with store.catalog.writing() as catalog:
        store.drop_strangers(catalog)
        change = _Change(store, catalog)
        try:
            yield change
        except BaseException:
            store.drop(change.written)
            raise
    store.drop(change.obsolete)


class _Change:
    """One commit in the making: new segments, newly dead documents, merges.

    written, obsolete: the numbers of the segments that it wrote, and of those that it merged away.
    """

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self.catalog = catalog
        self.written: list[int] = []
        self.obsolete: list[int] = []
        self._store = store
        self._before = store.snapshot().segments
        self._killed: list[int] = []
        self._new: list[Segment] = []
        self._merged: list[Segment] = []

    def new_number(self) -> int:
        return self.catalog.take("next_segment", 1)

    def kill(self, keys: Sequence[int]) -> None:
        """Mark documents as dead in the catalog, and in their segments when the change is tidied up."""
        if keys:
            self.catalog.kill(keys)
            self._killed.extend(keys)

    def put(self, segment: Segment) -> None:
        """Write a new segment and enter it."""
        self.written.append(segment.number)
        checksum = self._store.write(segment)
        self.catalog.add_segment(SegmentEntry(segment.number, segment.n_docs, checksum, np.empty(0, np.uint16)))
        self._new.append(segment)

    def tidy(self, plan: Callable[[Sequence[LiveSegment]], list[list[int]]]) -> None:
        """Settle which documents of which segments are dead, then merge what `plan` finds worth merging."""
        live = [*self._before, *(LiveSegment(new, np.empty(0, np.uint16)) for new in self._new)]
        live = self._with_killed(live)
        while groups := plan(live):
            for group in groups:
                self._replace([live[place] for place in group])
            merged = {place for group in groups for place in group}
            live = [one for place, one in enumerate(live) if place not in merged]
            live += [LiveSegment(new, np.empty(0, np.uint16)) for new in self._merged]
            self._merged = []
            live.sort(key=lambda one: int(one.segment.doc_keys[0]))

    def _with_killed(self, live: Sequence[LiveSegment]) -> list[LiveSegment]:
        if not self._killed:
            return list(live)
        killed = np.array(sorted(self._killed), np.int64)
        out = []
        for one in live:
            keys = one.segment.doc_keys
            at = np.minimum(np.searchsorted(keys, killed), len(keys) - 1)
            here = at[keys[at] == killed]
            if len(here):
                dead = np.union1d(one.dead, here.astype(np.uint16))
                self.catalog.set_dead(one.segment.number, dead)
                one = LiveSegment(one.segment, dead)
            out.append(one)
        return out

    def _replace(self, group: Sequence[LiveSegment]) -> None:
        segment = merge(self.new_number(), group)
        for one in group:
            self.catalog.purge(one.segment.doc_keys[one.dead].tolist())
        numbers = [one.segment.number for one in group]
        self.catalog.remove_segments(numbers)
        self.obsolete.extend(numbers)
        if segment is not None:
            self.put(segment)
            self._merged.append(segment)


def text_of(document: Document, fields: Sequence[str]) -> str:
    """What encoders see of a document: its fields that are not empty, one space between."""
    return " ".join(part for part in (getattr(document, name) for name in fields) if part)


def _batches(
    documents: Iterable[Document | Mapping[str, Any]], skip: Callable[[DocumentError], None]
) -> Iterator[list[Document]]:
    """The documents, checked, a batch at a time."""
    from numen.sources import checked_document, document_from

    batch: list[Document] = []
    size = 0
    for position, one in enumerate(documents, 1):
        source = f"document {position} of the input"
        try:
            document = (
                checked_document(one, source=source) if isinstance(one, Document) else document_from(one, source=source)
            )
        except DocumentError as error:
            skip(error)
            continue
        batch.append(document)
        size += len(document.text) + len(document.title)
        if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
