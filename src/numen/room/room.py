"""How much room does this dataset need? Everything that is measured, counted and proved about it, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from numen.encode.hashed import HashedEncoder
from numen.errors import InputError, OptionError, nearest
from numen.evaluate import DEFAULT, Dataset
from numen.evaluate.measure import check_measures
from numen.room.bounds import Bound, bounds
from numen.room.capacity import dimension_for
from numen.room.collisions import Collided, Collisions, colliding_pairs, count_collisions, vocabulary
from numen.room.corpus import Corpus, read_corpus
from numen.room.dense import VectorCache
from numen.room.draws import drawn_from, sample
from numen.room.exact import ranks_of
from numen.room.free import Fitted, Schedule
from numen.room.geometry import Geometry, geometry
from numen.room.growth import above_of, recall_at
from numen.room.hash_error import HashError, hash_errors
from numen.room.size import How, Size, check_dims, knee, run_of
from numen.room.sweep import DIMS, REFERENCES, system_sizes
from numen.room.sweep_dense import dense_sizes
from numen.room.sweep_largest import largest_sizes
from numen.room.verdict import Verdict, verdict
from numen.search import Collection
from numen.types import JSON, Progress, Run

__all__ = ["FAMILIES", "Room", "measure_room"]

FAMILIES = ("numen", "largest", "dense")
"""What is swept: dimensions of hashed n-grams, their largest values, and the sizes of a dense model if one is given."""

BY = "R@100"
"""What the verdict goes by: of what there is to find, how much is found."""

FREE_DIMS = (2, 4, 8, 16, 32, 64, 128)
_FREE_CELLS = 1_000_000  # queries times documents: about 10 ms a step
_FREE_STEPS = Schedule(steps=3_000)
_GROWTH = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64)
_PAIRS_OF = 2_000  # documents whose n-grams are looked at for the pairs that blur most


@dataclass(frozen=True)
class Room:
    """What was found; `to_json` is what `numen room --json` prints. sizes: references come last. growth: name ->
    (number of documents, expected measure) pairs. free: what free vectors of each dimension reach on these
    judgements."""

    dataset: str
    documents: int
    queries: int
    judgements: int
    largest: int
    by: str
    sizes: tuple[Size, ...]
    references: tuple[Size, ...]
    verdict: Verdict
    bounds: tuple[Bound, ...]
    collisions: tuple[Collisions, ...]
    pairs: tuple[Collided, ...]
    errors: tuple[HashError, ...]
    growth: Mapping[str, tuple[tuple[int, float], ...]]
    geometry: Geometry | None
    free: tuple[Fitted, ...]
    free_judged: tuple[int, int]
    notes: tuple[str, ...]
    seconds: float
    settings: Mapping[str, JSON] = field(default_factory=dict)

    def families(self) -> dict[str, list[Size]]:
        """The swept sizes by family, each from small to large."""
        out: dict[str, list[Size]] = {}
        for size in self.sizes:
            out.setdefault(size.family, []).append(size)
        return {family: sorted(sizes, key=lambda size: size.room) for family, sizes in out.items()}

    def to_json(self) -> dict[str, JSON]:
        knees = {family: knee(sizes, self.by).name for family, sizes in self.families().items()}
        return {
            "dataset": self.dataset,
            "documents": self.documents,
            "queries": self.queries,
            "judgements": self.judgements,
            "largest_answer_set": self.largest,
            "measure": self.by,
            "verdict": self.verdict.text,
            **self.verdict.to_json(),
            "sweep": [size.to_json() for size in (*self.sizes, *self.references)],
            "knees": knees,
            "bounds": [bound.to_json() for bound in self.bounds],
            "collisions": [one.to_json() for one in self.collisions],
            "colliding_pairs": [
                {"first": p.first, "second": p.second, "documents": [p.first_documents, p.second_documents]}
                for p in self.pairs
            ],
            "hash_errors": [one.to_json() for one in self.errors],
            "growth": {name: [list(point) for point in points] for name, points in self.growth.items()},
            "geometry": None if self.geometry is None else self.geometry.to_json(),
            "free": [
                {"dimensions": one.dim, "accuracy": one.accuracy, "perfect": one.perfect, "steps": one.steps}
                for one in self.free
            ],
            "free_judged": {"queries": self.free_judged[0], "documents": self.free_judged[1]},
            "notes": list(self.notes),
            "settings": dict(self.settings),
            "seconds": self.seconds,
        }


def measure_room(
    dataset: Dataset,
    *,
    dims: Sequence[int] | None = None,
    references: Sequence[str] = REFERENCES,
    families: Sequence[str] = FAMILIES,
    model: tuple[str, VectorCache] | None = None,
    by: str = BY,
    answers: int | None = None,
    free: bool = True,
    encode: int | Sequence[int] | None = None,
    k: int = 100,
    fields: Sequence[str] = ("title", "text"),
    skip_missing: bool = False,
    threads: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> Room:
    """The room of a dataset.

    dims: of numen, and of the dense model those below its own; rising. model: what it is called, and its vectors.
    answers: how many documents a query must be able to pick out, for the bounds. free: train free vectors on the
    judgements. encode: the model encodes only so many documents, all judged ones among them, the others drawn by `seed`
    (or those at these places); its figures are then estimates for all documents (numen.room.growth). The same input and
    seed give the same figures, times apart.

    Errors come before the work: unknown names and dimensions out of order are OptionErrors, a dataset that says nothing
    (one query, one document, judgements of documents that are not there) a DatasetError.
    """
    began = perf_counter()
    swept = check_dims(DIMS if dims is None else dims)
    for family in families:
        if family not in FAMILIES:
            raise OptionError(f"{family!r} is no family; {nearest(family, FAMILIES)}")
    encoders = [HashedEncoder(dim).spec for dim in swept] if "numen" in families else []
    if k < 1 or threads < 1:
        raise InputError(f"k is {k} and threads is {threads}; both must be at least 1")
    (main,) = check_measures([by])
    names = tuple(dict.fromkeys((main, *check_measures(DEFAULT))))
    corpus = read_corpus(dataset, fields, skip_missing)
    if answers is not None:
        bounds(corpus, answers)  # a number that does not fit is said before the work
    how = How(names, k, threads, seed, tuple(fields))
    sizes = list(system_sizes(corpus, encoders, "numen", how, progress))
    if "largest" in families:
        sizes += largest_sizes(corpus, how, progress=progress)
    shape, dense_above = None, None
    if model is not None and "dense" in families:
        part = _part(corpus, encode, seed)
        name, vectors = model
        documents = vectors([corpus.texts[place] for place in part], "document", progress)
        queries = vectors(list(corpus.dataset.queries.values()), "query", progress)
        sizes += dense_sizes(corpus, name, vectors.model, queries, documents, part, how, dims, progress)
        at = {place: row for row, place in enumerate(part)}
        relevant = [[at[place] for place in some] for some in corpus.relevant]
        shape = geometry(documents, [row for some in relevant for row in some], seed)
        dense_above = (name, len(part), ranks_of(queries, documents, relevant))
    others = list(system_sizes(corpus, references, "references", how, progress))
    if not sizes and not others:
        raise OptionError("nothing is left to measure: give a family, a reference or a model")
    measured = [*sizes, *others]
    ceiling = float(np.mean([min(k, len(some)) / len(some) for some in corpus.relevant])) if main == f"R@{k}" else 1.0
    chance = min(k / len(corpus.documents), 1.0) if main == f"R@{k}" else 0.0
    hashed = [size.name for size in sizes if size.family == "numen"]
    best = max(others, key=lambda size: size.measures[main]).name if others else None
    deep = {name: _deep_run(corpus, name, how) for name in (*hashed[-1:], *([best] if best else []))}
    growth = {name: _growth(corpus, above_of(corpus, run), len(corpus.documents), k) for name, run in deep.items()}
    if dense_above is not None:
        growth[dense_above[0]] = _growth(corpus, dense_above[2], dense_above[1], k)
    fitted, judged = _free(corpus, seed, progress) if free else ((), (0, 0))
    encoder = HashedEncoder(32_768)
    return Room(
        dataset=dataset.name,
        documents=len(corpus.documents),
        queries=len(corpus.dataset.queries),
        judgements=corpus.dataset.judgements,
        largest=corpus.largest,
        by=main,
        sizes=tuple(sizes),
        references=tuple(others),
        verdict=verdict(measured, main, ceiling, fitted, chance),
        bounds=tuple(bounds(corpus, answers, (hashed[-1], deep[hashed[-1]]) if hashed else None)),
        collisions=tuple(count_collisions(encoder, vocabulary(encoder, corpus.texts), seed=seed)),
        pairs=tuple(colliding_pairs(HashedEncoder(4_096), corpus.texts[:_PAIRS_OF])),
        errors=tuple(hash_errors(encoder, corpus.texts, seed=seed)),
        growth=growth,
        geometry=shape,
        free=fitted,
        free_judged=judged,
        notes=corpus.dataset.notes,
        seconds=perf_counter() - began,
        settings={"dims": list(swept), "k": k, "seed": seed, "threads": threads, "fields": list(fields)},
    )


def _part(corpus: Corpus, encode: int | Sequence[int] | None, seed: int) -> list[int]:
    """The places of the documents that the model encodes: the relevant ones, and others."""
    everything = len(corpus.documents)
    if encode is None:
        return list(range(everything))
    needed = {place for some in corpus.relevant for place in some}
    if not isinstance(encode, int):
        return sorted(needed | set(encode))
    if encode < len(needed):
        raise OptionError(
            f"encode is {encode:,}, but {len(needed):,} documents are judged relevant and must be encoded; "
            f"give {len(needed):,} or more"
        )
    draw = drawn_from(seed, "encode")
    others = [place for place in range(everything) if place not in needed]
    return sorted(needed | set(sample(others, min(encode - len(needed), len(others)), draw)))


def _deep_run(corpus: Corpus, spec: str, how: How) -> Run:
    """The run of an encoder, deep enough to know how a collection of a sixteenth would do."""
    depth = min(len(corpus.documents), 16 * how.k + corpus.largest)
    with Collection.create(None, legs={"leg": spec}, fields=how.fields) as collection:
        collection.add(corpus.documents, threads=how.threads)
        ranked = collection.rank_many(list(corpus.dataset.queries.values()), depth + 1, threads=how.threads)
        return run_of(corpus, ranked, depth)


def _growth(
    corpus: Corpus, above: Sequence[Sequence[int | None]], measured_at: int, k: int
) -> tuple[tuple[int, float], ...]:
    """(documents, recall in the first k) for collections from a sixteenth to 64 times of today's size."""
    fewest = len({place for some in corpus.relevant for place in some})
    sizes = [round(len(corpus.documents) * factor) for factor in _GROWTH]
    return tuple((size, recall_at(above, measured_at, size, k)) for size in sizes if size >= max(fewest, k))


def _free(corpus: Corpus, seed: int, progress: Progress | None) -> tuple[tuple[Fitted, ...], tuple[int, int]]:
    """What free vectors reach on the judgements, and of how many (queries, documents).

    All documents that are never relevant count as one: the best place for one of them is the best for all.
    """
    used = sorted({place for some in corpus.relevant for place in some})
    number = {place: at for at, place in enumerate(used)}
    rows = sorted({tuple(sorted(number[place] for place in some)) for some in corpus.relevant})
    documents = len(used) + (len(used) < len(corpus.documents))
    rows = [row for row in rows if len(row) < documents]
    most = max(_FREE_CELLS // documents, 1)
    if len(rows) > most:
        rows = sample(rows, most, drawn_from(seed, "free"))
    if not rows:
        return (), (0, documents)

    def told(fitted: Fitted) -> None:
        if progress is not None:
            progress("free vectors", fitted.dim, None)

    fitted = dimension_for(rows, documents, FREE_DIMS, schedule=_FREE_STEPS, seed=seed, told=told)
    return fitted, (len(rows), documents)
