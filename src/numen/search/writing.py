"""Changes: documents in, documents out, segments merged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any

from numen.encode.encoder import Encoder
from numen.encode.sparse_input import VectorReader
from numen.errors import DocumentError, OptionError
from numen.index.plan import fill
from numen.index.segment import Segment
from numen.search.batches import Batch, batches
from numen.search.building import Build
from numen.search.change import Change, changing
from numen.search.memory import Memory
from numen.search.merging import Merging
from numen.search.store import Store
from numen.types import AddReport, Document, Progress

__all__ = ["add", "compact", "delete"]

MOST_PROBLEMS = 20
"""Messages kept of documents that were skipped."""


def add(
    store: Store,
    merging: Merging,
    encoders: Mapping[str, Encoder],
    fields: Sequence[str],
    documents: Iterable[Document | Mapping[str, Any]],
    *,
    vectors: Mapping[str, VectorReader],
    skip_bad: bool,
    resume: bool,
    commit_every: int | None,
    memory: int | str | None,
    progress: Progress | None,
    threads: int,
) -> AddReport:
    """Add documents, or replace those whose id is there: one commit at the end, nothing on an error.

    vectors: for each leg of given vectors, one vector a document. commit_every: a commit after so many documents, again
    and again; an error leaves the last one. resume: leave out documents that are there already just as they are given.
    """
    if commit_every is not None and (type(commit_every) is not int or commit_every < 1):
        raise OptionError(f"commit_every is {commit_every!r}; it must be a whole number of documents, 1 or more")
    limits = Memory.of(memory)
    began = time.perf_counter()
    adding = _Adding(skip_bad, resume, progress)
    parts = _parts(batches(documents, vectors, adding.skip, commit_every), commit_every)
    first: list[tuple[Batch, bool]] = []
    with ThreadPoolExecutor(threads) as pool:
        while True:
            with changing(store) as change:
                new_build = partial(Build, encoders, fields, pool, threads, limits.build)
                adding.commit(change, chain(first, parts), new_build)
                change.tidy(partial(merging.due_now, most_bytes=limits.group))
            merging.start(change.live, limits.group)
            first = list(islice(parts, 1))
            if not first:
                return adding.report(time.perf_counter() - began)


def delete(store: Store, merging: Merging, ids: Iterable[str]) -> int:
    """Delete documents by id; returns how many were there."""
    wanted = list(dict.fromkeys(ids))
    limits = Memory.of(None)
    with changing(store) as change:
        keys = list(change.living(wanted).values())
        change.kill(keys)
        change.tidy(partial(merging.due_now, most_bytes=limits.group))
    merging.start(change.live, limits.group)
    return len(keys)


def compact(store: Store, merging: Merging, *, memory: int | str | None) -> None:
    """Rewrite the segments as few and full ones, without dead documents, and give the space back."""
    limits = Memory.of(memory)
    merging.cancel()
    with changing(store) as change:
        change.tidy(partial(fill, most_bytes=limits.group))
    store.catalog.shrink()


def _parts(given: Iterable[Batch], commit_every: int | None) -> Iterator[tuple[Batch, bool]]:
    """The batches, cut where a commit is due; with each, whether one is due after it."""
    left = commit_every or 0
    for batch in given:
        rest = batch
        while commit_every is not None and len(rest) >= left:
            yield rest[:left], True
            rest, left = rest[left:], commit_every
        if len(rest):
            yield rest, False
            left -= len(rest)


class _Adding:
    """One call of `add`, over all of its commits: what it did so far."""

    def __init__(self, skip_bad: bool, resume: bool, progress: Progress | None) -> None:
        self._skip_bad, self._resume, self._progress = skip_bad, resume, progress
        self._problems: list[str] = []
        self._first_key = 0
        self._done = self._added = self._replaced = self._repeated = self._unchanged = self._skipped = 0
        self._truncated = 0

    def skip(self, error: DocumentError) -> None:
        """Count a document that cannot be used, or raise what is wrong with it."""
        if not self._skip_bad:
            raise error
        self._skipped += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(str(error))

    def commit(self, change: Change, parts: Iterable[tuple[Batch, bool]], new_build: partial[Build]) -> None:
        """Put documents into the change, until a commit is due or there are no more."""
        self._first_key = self._first_key or int(change.catalog.setting("next_key"))
        build = new_build()
        self._tell("documents", self._done)
        for batch, due in parts:
            rest = self._to_write(change, batch)
            while rest:
                some, rest = rest[: build.room], rest[build.room :]
                key = change.catalog.take("next_key", len(some))
                change.catalog.insert(key, some.documents)
                build.append(key, some)
                if build.full:
                    change.put(self._finished(build, change))
                    build = new_build()
            self._done += len(batch)
            self._tell("documents", self._done)
            if due:
                break
        self._tell("segments", len(change.written))
        if not build.empty:
            change.put(self._finished(build, change))
            self._tell("segments", len(change.written))

    def _finished(self, build: Build, change: Change) -> Segment:
        self._truncated += build.truncated
        return build.finish(change.new_number())

    def _to_write(self, change: Change, batch: Batch) -> Batch:
        """Those of a batch that are to be written; the documents that they replace are dead now."""
        rest = batch.last_of_each_id()
        self._repeated += len(batch) - len(rest)
        living = change.living([document.id for document in rest.documents])
        if self._resume and living:
            stored = change.catalog.fetch([key for key in living.values() if key < self._first_key])
            before = {id_: (title, text, _json(metadata)) for id_, title, text, metadata in stored.values()}
            rows = [
                row
                for row, one in enumerate(rest.documents)
                if before.get(one.id) != (one.title, one.text, _json(one.metadata))
            ]
            self._unchanged += len(rest) - len(rows)
            rest = rest.select(rows)
            living = {one.id: living[one.id] for one in rest.documents if one.id in living}
        again = sum(key >= self._first_key for key in living.values())
        self._repeated += again
        self._replaced += len(living) - again
        self._added += len(rest) - len(living)
        change.kill(list(living.values()))
        return rest

    def report(self, seconds: float) -> AddReport:
        return AddReport(
            added=self._added,
            replaced=self._replaced,
            repeated=self._repeated,
            skipped=self._skipped,
            problems=tuple(self._problems),
            seconds=seconds,
            unchanged=self._unchanged,
            truncated=self._truncated,
        )

    def _tell(self, stage: str, done: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, None)


def _json(metadata: Mapping[str, Any]) -> str:
    """Metadata as it is compared: 1, 1.0 and true differ."""
    return json.dumps(dict(metadata), ensure_ascii=False)
