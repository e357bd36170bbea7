"""One dataset, several systems: index, rank, measure, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from numen.errors import InputError, OptionError
from numen.evaluate.dataset import Dataset
from numen.evaluate.identical import check_mode
from numen.evaluate.measure import DEFAULT, Measured, check_measures, deepest_cutoff, measure
from numen.evaluate.system import System
from numen.evaluate.trial import run_system
from numen.evaluate.typos import Typos
from numen.types import JSON, Progress, Run

__all__ = ["Evaluation", "Result", "evaluate"]


@dataclass(frozen=True)
class Result:
    """What one encoder, or system of legs, reached, and at what cost.

    `encoder` is the name of the system: of one leg without feedback, its encoder's string. `measures` are means over
    the judged queries, from 0 to 1. `index_seconds` is analysis, encoding and indexing, without the reading of the
    documents and without one-time compilation. `queries_per_second` is the median of several runs of all queries as a
    batch; `latency_ms` has the percentiles p50, p95 and p99 of single calls. `peak_rss_bytes` is the most resident
    memory that the whole process held from the first document to the last answer. `kept`: with typing errors, the share
    of each measure that is left of what the queries give as they were; else None.
    """

    encoder: str
    measures: dict[str, float]
    index_seconds: float
    documents_per_second: float
    queries_per_second: float
    latency_ms: dict[str, float]
    index_bytes: int
    peak_rss_bytes: int
    threads: int
    exact: bool
    kept: dict[str, float] | None = None


@dataclass(frozen=True)
class Evaluation:
    """The results of all systems on one dataset, in the order they were asked for; `runs` and `measured` by name.

    `documents` counts those in the index, `queries` the judged ones, `judgements` the judged pairs. `notes` say what a
    reader of the figures should know. `typos`: how queries were misspelt, None where they were not.
    """

    dataset: str
    documents: int
    queries: int
    judgements: int
    results: tuple[Result, ...]
    notes: tuple[str, ...]
    runs: dict[str, Run]
    measured: dict[str, Measured]
    typos: Typos | None = None

    def to_json(self) -> dict[str, JSON]:
        """The object that `numen eval --json` prints."""
        return {
            "dataset": self.dataset,
            "documents": self.documents,
            "queries": self.queries,
            "judgements": self.judgements,
            **({} if self.typos is None else {"typos": asdict(self.typos)}),
            "results": [_result_json(result) for result in self.results],
            "notes": list(self.notes),
        }


def evaluate(
    dataset: Dataset,
    systems: Sequence[str | Mapping[str, str] | System],
    *,
    k: int = 100,
    threads: int = 1,
    measures: Sequence[str] = DEFAULT,
    identical: str = "same",
    fields: Sequence[str] = ("title", "text"),
    typos: Typos | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """The evaluation of each system on the dataset, each in a collection in memory.

    A system is an encoder's string, legs as a dictionary or a string, or a `System`, which also says how legs are fused
    and whether there is feedback.

    The `k` best documents of each judged query make the run. `identical` is the rule for a document that is its own
    query (see `identical`); `fields` are those that are indexed; `threads` are those of both phases; `typos` misspells
    the queries. Two systems that mean the same are evaluated once. The same input gives the same run on any number of
    threads. Unknown names raise OptionError before any work is done, unfit numbers InputError; a faulty document of the
    corpus raises its DocumentError.
    """
    if k < 1 or threads < 1:
        raise InputError(f"k is {k} and threads is {threads}; both must be at least 1")
    if not systems:
        raise OptionError("no encoder was given; for example: numen:32768, bm25")
    named = {system.name: system for system in map(System.of, systems)}
    names = check_measures(measures)
    check_mode(identical)
    notes = []
    if k < (deepest := deepest_cutoff(names)):
        notes.append(f"k is {k}: measures that look deeper (as far as {deepest}) see only the first {k} hits")

    results, runs, measured, documents = [], {}, {}, 0
    for name, system in named.items():
        trial = run_system(
            dataset,
            system,
            k=k,
            threads=threads,
            identical=identical,
            fields=fields,
            typos=typos,
            progress=progress,
        )
        runs[name], documents = trial.run, trial.documents
        measured[name] = measure(trial.run, dataset.qrels, names)
        kept = None
        if trial.clean is not None:
            clean = measure(trial.clean, dataset.qrels, names).means
            kept = {one: mean / clean[one] if clean[one] else 1.0 for one, mean in measured[name].means.items()}
        results.append(
            Result(
                encoder=name,
                measures=measured[name].means,
                index_seconds=trial.index_seconds,
                documents_per_second=trial.documents / trial.index_seconds,
                queries_per_second=trial.queries_per_second,
                latency_ms=trial.latency_ms,
                index_bytes=trial.index_bytes,
                peak_rss_bytes=trial.peak_rss_bytes,
                threads=threads,
                exact=trial.exact,
                kept=kept,
            )
        )
        notes.extend(trial.notes)
    return Evaluation(
        dataset=dataset.name,
        documents=documents,
        queries=len(dataset.queries),
        judgements=dataset.judgements,
        results=tuple(results),
        notes=(*dataset.notes, *dict.fromkeys(notes)),
        runs=runs,
        measured=measured,
        typos=typos,
    )


def _result_json(result: Result) -> dict[str, JSON]:
    """The result; what typing errors left of it only where there were any."""
    return {name: value for name, value in asdict(result).items() if (name, value) != ("kept", None)}
