"""One system on one dataset: its run, and the time and memory it took."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

from numen.encode import parse_encoder
from numen.evaluate.dataset import Dataset
from numen.evaluate.identical import twins, without
from numen.evaluate.memory import peak_rss_bytes, reset_peak_rss
from numen.evaluate.system import System
from numen.evaluate.typos import Typos
from numen.search import Collection, warm_up
from numen.types import Document, Progress, Run

__all__ = ["Trial", "run_system"]

_SINGLE = 200  # queries asked one by one for the latency: enough for a 99th percentile that two of them stand above
_BATCH_SECONDS, _BATCHES = 0.3, 5  # the batch of all queries is timed until this much has passed, at most so often


@dataclass(frozen=True)
class Trial:
    """The run of one system and its costs; see `Result` in `experiment` for what the figures mean.

    clean: with typing errors, the run of the queries as they were; else None.
    """

    run: Run
    clean: Run | None
    documents: int
    index_seconds: float
    queries_per_second: float
    latency_ms: dict[str, float]
    index_bytes: int
    peak_rss_bytes: int
    exact: bool
    notes: tuple[str, ...]


def run_system(
    dataset: Dataset,
    system: System,
    *,
    k: int,
    threads: int,
    identical: str,
    fields: Sequence[str],
    typos: Typos | None = None,
    progress: Progress | None = None,
) -> Trial:
    """The dataset indexed in memory, and its queries, with `typos` if any, answered with their best k documents."""
    # Made once: an encoder that runs a model loads it once.
    legs = {name: parse_encoder(spec) for name, spec in system.legs.items()}
    for encoder in legs.values():
        warm_up(encoder)
    gc.collect()
    notes = []
    if not reset_peak_rss():
        notes.append("peak memory is that of the process since its start: this system does not let it be reset")
    told = None if progress is None else _named(progress, system.name)
    asked = dataset.queries if typos is None else typos.misspelt(dataset.queries)
    queries, how = list(asked.values()), system.how
    with Collection.create(None, legs=legs, fields=fields) as collection:
        reading = _Reading(dataset.documents())
        start = perf_counter()
        report = collection.add(reading, progress=told, threads=threads)
        index_seconds = perf_counter() - start - reading.seconds
        if report.repeated:
            notes.append(f"{report.repeated} documents of the corpus repeat an id; the last of each id counts")
        if missing := dataset.missing_documents(collection.__contains__):
            notes.append(
                f"{len(missing)} judged documents are not in the corpus and cannot be found; one is {missing[0]!r}"
            )
        own = twins(identical, dataset.queries, collection.get)
        if own:
            lost = sum(dataset.qrels[query].get(query, 0) > 0 for query in own)
            notes.append(
                f"identical={identical!r}: {len(own)} queries have a document of their own in the corpus, which is not "
                f"counted as a hit; {lost} of these are judged relevant to their query"
            )

        depth = k + 1 if own else k  # one more, so that k are left where one is dropped

        def run_of(ranked: Iterable[list[tuple[str, float]]]) -> Run:
            pairs = zip(dataset.queries, ranked, strict=True)
            return {query: without(hits, query, k) if query in own else hits[:k] for query, hits in pairs}

        ranked: list[list[tuple[str, float]]] = []
        seconds: list[float] = []
        while not seconds or (sum(seconds) < _BATCH_SECONDS and len(seconds) < _BATCHES):
            start = perf_counter()
            ranked = list(
                collection.rank_many(queries, depth, **how, threads=threads, progress=None if ranked else told)
            )
            seconds.append(perf_counter() - start)
        clean = None
        if typos is not None:
            clean = run_of(collection.rank_many(list(dataset.queries.values()), depth, **how, threads=threads))
        milliseconds = []
        for query in queries[:_SINGLE]:
            start = perf_counter()
            _ = collection.rank_many([query], depth, **how, threads=threads)[0]
            milliseconds.append((perf_counter() - start) * 1e3)
        return Trial(
            run=run_of(ranked),
            clean=clean,
            documents=len(collection),
            index_seconds=index_seconds,
            queries_per_second=len(queries) / median(seconds),
            latency_ms={f"p{p}": float(np.percentile(milliseconds, p)) for p in (50, 95, 99)},
            index_bytes=collection.info().bytes_index,
            peak_rss_bytes=peak_rss_bytes(),
            exact=collection.search(queries[0], 1).exact,
            notes=tuple(notes),
        )


class _Reading:
    """Documents passed on one by one; `seconds` is how long they were waited for."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.seconds = 0.0
        self._documents = iter(documents)

    def __iter__(self) -> Iterator[Document]:
        return self

    def __next__(self) -> Document:
        start = perf_counter()
        try:
            return next(self._documents)
        finally:
            self.seconds += perf_counter() - start


def _named(progress: Progress, name: str) -> Progress:
    return lambda stage, done, total: progress(f"{name}: {stage}", done, total)
