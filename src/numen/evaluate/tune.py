"""Parameters chosen on some judged queries, and what they are worth on others.

One kind of parameter at a time is tried over a grid, the best on the training queries is kept, and the next kind is
tried with it: BM25's k1 and b, then how legs are fused and with what weights, then feedback. A choice among some dozen
settings fits its training queries a little too well; so what is reported comes from the held-out queries alone, with
the two-sided paired randomisation test (numen.evaluate.compare).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from numen.encode import parse_encoder
from numen.encode.bm25 import BM25
from numen.errors import InputError
from numen.evaluate.compare import Comparison, compare
from numen.evaluate.dataset import Dataset
from numen.evaluate.identical import twins, without
from numen.evaluate.measure import DEFAULT, Measured, check_measures, measure
from numen.evaluate.system import System
from numen.search import Collection, Feedback, Fusion
from numen.search.expand import takes_feedback
from numen.search.fuse import METHODS
from numen.types import JSON, Progress

__all__ = ["SURE", "Tried", "Tuning", "tune"]

K1S = (0.4, 0.8, 1.2, 1.6, 2.0, 2.8)
BS = (0.2, 0.4, 0.6, 0.75, 0.9)
WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""What a leg may weigh beside the first one's 1."""

FEEDBACKS = (
    "rocchio,documents=3,terms=100,added=0.3",
    "rocchio,documents=4,terms=all,added=0.2",
    "average,documents=3,original=1,added=0.4,share=0.1",
    "rm3,documents=5,terms=30,original=0.7",
    "rm3,original=0.7",
    "rm3",
    "rocchio",
    "average",
)
"""From gentle to bold: of settings that do equally well the first is chosen."""

SURE = 0.05
"""A p-value below this counts as sure."""


@dataclass(frozen=True)
class Tried:
    """One setting and the mean of the measure that it reached on the training queries."""

    system: System
    value: float


@dataclass(frozen=True)
class Tuning:
    """What was chosen, and what it is worth.

    start, chosen: with their training means. tried: every setting, in order. comparisons: chosen (b) against start (a)
    on the held-out queries, for each measure, the one that was chosen by first.
    """

    dataset: str
    measure: str
    train_queries: int
    held_out_queries: int
    start: Tried
    chosen: Tried
    tried: tuple[Tried, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def better(self) -> bool:
        """Whether the chosen setting is better on the held-out queries, with p < SURE, by what it was chosen by."""
        return self.comparisons[0].difference > 0 and self.comparisons[0].p < SURE

    def to_json(self) -> dict[str, JSON]:
        """The object that `numen tune --json` prints."""
        return {
            "dataset": self.dataset,
            "measure": self.measure,
            "train": {"queries": self.train_queries, "start": self.start.value, "chosen": self.chosen.value},
            "held_out": {
                "queries": self.held_out_queries,
                "test": "paired randomisation, two-sided, 10,000 permutations",
                "better": self.better,
                "comparisons": [asdict(comparison) for comparison in self.comparisons],
            },
            "start": self.start.system.to_json(),
            "chosen": self.chosen.system.to_json(),
            "tried": [{"system": one.system.name, "value": one.value} for one in self.tried],
        }


def tune(
    train: Dataset,
    held_out: Dataset,
    system: System,
    *,
    by: str = DEFAULT[0],
    measures: Sequence[str] = DEFAULT,
    k: int = 100,
    identical: str = "same",
    fields: Sequence[str] = ("title", "text"),
    seed: int = 0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Tuning:
    """The parameters of `system` that do best by the measure `by` on the queries of `train`, judged on `held_out`.

    Both are of one collection, whose documents are those of `held_out`, and share no query (see `halves`). measures:
    reported beside `by`. Of settings that are equally good the first tried is chosen; the same input and seed give the
    same choice. InputError where the two share queries.
    """
    if shared := train.queries.keys() & held_out.queries.keys():
        raise InputError(f"{len(shared)} queries are in both parts, one is {min(shared)!r}; take them out of one")
    if k < 1 or threads < 1:
        raise InputError(f"k is {k} and threads is {threads}; both must be at least 1")
    (name,) = check_measures([by])
    names = list(dict.fromkeys((name, *check_measures(measures))))
    with Collection.create(None, legs=system.legs, fields=fields) as collection:
        collection.add(held_out.documents(), progress=progress, threads=threads)

        def measured(one: System, on: Dataset, wanted: Sequence[str]) -> Measured:
            own = twins(identical, on.queries, collection.get)
            ranked = collection.rank_many(list(on.queries.values()), k + 1 if own else k, **one.how, threads=threads)
            pairs = zip(on.queries, ranked, strict=True)
            run = {query: without(hits, query, k) if query in own else hits[:k] for query, hits in pairs}
            return measure(run, on.qrels, wanted)

        start = best = Tried(system, measured(system, train, [name]).means[name])
        tried = [start]
        for settings in (_bm25s, _fusions, _feedbacks):
            for one in settings(best.system):
                if any(one == known.system for known in tried):
                    continue
                tried.append(Tried(one, measured(one, train, [name]).means[name]))
                if progress is not None:
                    progress("settings", len(tried), None)
                best = max(best, tried[-1], key=lambda known: known.value)
        comparisons = compare(measured(system, held_out, names), measured(best.system, held_out, names), seed)
    return Tuning(
        held_out.name,
        name,
        len(train.queries),
        len(held_out.queries),
        start,
        best,
        tuple(tried),
        tuple(comparisons),
    )


def _bm25s(system: System) -> Iterator[System]:
    """The system with other k1 and b, where it has a BM25 leg; formula and delta stay those of the first."""
    own = [
        bm25 for spec in system.legs.values() if isinstance(bm25 := getattr(parse_encoder(spec), "bm25", None), BM25)
    ]
    for k1 in K1S if own else ():
        for b in BS:
            yield replace(system, bm25=replace(own[0], k1=k1, b=b))


def _fusions(system: System) -> Iterator[System]:
    """Several legs fused in each way, with each weight of one leg at a time beside 1 of the others."""
    _, *others = system.legs
    for method in METHODS if others else ():
        yield replace(system, fusion=Fusion(method))
        for leg in others:
            for weight in WEIGHTS:
                yield replace(system, fusion=Fusion(method, {leg: weight}))


def _feedbacks(system: System) -> Iterable[System]:
    """The system with each kind of feedback, where its legs take any."""
    if not all(takes_feedback(parse_encoder(spec)) for spec in system.legs.values()):
        return []
    return [replace(system, feedback=Feedback.of(spec)) for spec in FEEDBACKS]
