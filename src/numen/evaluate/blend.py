"""A blend of legs learned on some judged queries, and what it is worth on others.

LambdaMART grows trees whose gradients are weighed by how much nDCG a swap of two documents would change. How many are
grown is chosen on a part of the training queries, by nDCG at 10; then all of them are learned from. What is reported
comes from held-out queries alone, against the same legs fused as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.errors import DatasetError, InputError, OptionError
from numen.evaluate.compare import Comparison, compare
from numen.evaluate.dataset import Dataset
from numen.evaluate.halves import halves
from numen.evaluate.measure import DEFAULT, check_measures, measure
from numen.evaluate.system import System
from numen.evaluate.tune import SURE
from numen.search import Collection
from numen.search.blend import DEPTH, Blend, lightgbm
from numen.search.blend_features import Candidates, candidates_of, feature_names
from numen.types import JSON, Progress

__all__ = ["Blended", "learn_blend"]

MOST_TREES = 300
LEAST_QUERIES = 10
"""With fewer training queries there is nothing to choose the number of trees by."""

CHOOSING = 0.3
"""The share of training queries that the number of trees is chosen on."""

LARGEST_GRADE = 30
"""LightGBM gains 2^grade - 1, for grades up to this."""

SETTINGS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "lambda_l2": 1.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambdarank_truncation_level": 20,
    "metric": "ndcg",
    "eval_at": [10],
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""Small trees, of few judged queries; the same input and seed give the same trees on one machine."""


@dataclass(frozen=True)
class Blended:
    """What was learned, and what it is worth on the held-out queries. comparisons: the blend (b) against the legs fused
    as `system` has them (a). trees: how many were grown."""

    dataset: str
    system: System
    train_queries: int
    held_out_queries: int
    trees: int
    blend: Blend
    comparisons: tuple[Comparison, ...]

    @property
    def better(self) -> bool:
        """Whether the blend is better on the held-out queries, with p < SURE, by the first measure."""
        return self.comparisons[0].difference > 0 and self.comparisons[0].p < SURE

    def to_json(self) -> dict[str, JSON]:
        """The object that `numen tune --blend FILE --json` prints under "blend"."""
        return {
            "dataset": self.dataset,
            "fused": self.system.to_json(),
            "train_queries": self.train_queries,
            "held_out_queries": self.held_out_queries,
            "trees": self.trees,
            "better": self.better,
            "depth": self.blend.depth,
            "importances": {name: round(share, 4) for name, share in self.blend.importances().items()},
            "comparisons": [asdict(one) for one in self.comparisons],
        }


def learn_blend(
    train: Dataset,
    held_out: Dataset,
    system: System,
    *,
    by: str = DEFAULT[0],
    measures: Sequence[str] = DEFAULT,
    k: int = 100,
    depth: int = DEPTH,
    fields: Sequence[str] = ("title", "text"),
    seed: int = 0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Blended:
    """A blend of the system's legs, learned on the queries of `train` and compared with its fusion on `held_out`.

    Both are of one collection, whose documents are those of `held_out`, and share no query (see `halves`). by: the
    measure that says whether it is better, reported first; the number of trees is chosen by nDCG at 10 whatever it is.
    InputError where queries are shared; OptionError for a single leg; DatasetError where training shows nothing;
    MissingExtra without LightGBM.
    """
    lightgbm()
    if shared := train.queries.keys() & held_out.queries.keys():
        raise InputError(f"{len(shared)} queries are in both parts, one is {min(shared)!r}; take them out of one")
    if len(system.legs) < 2:
        raise OptionError("a blend takes two legs or more, as in --legs 'words=auto,dense=dense:MODEL'")
    if len(train.queries) < LEAST_QUERIES:
        raise DatasetError(f"{len(train.queries)} training queries; a blend takes {LEAST_QUERIES} or more")
    names = check_measures(list(dict.fromkeys((by, *measures))))
    legs = dict(system.legs)
    with Collection.create(None, legs=legs, fields=fields) as collection:
        collection.add(held_out.documents(), progress=progress, threads=threads)
        known = candidates_of(collection, list(train.queries.values()), list(legs), depth, threads=threads)
        blend, trees = _learned(train, known, legs, depth, seed, threads)
        asked = list(held_out.queries.values())
        rankings = {
            "fused": collection.rank_many(asked, k, **system.how, threads=threads),
            "blend": blend.rank_many(collection, asked, k, threads=threads),
        }
    measured = {
        name: measure(dict(zip(held_out.queries, ranking, strict=True)), held_out.qrels, names)
        for name, ranking in rankings.items()
    }
    comparisons = compare(measured["fused"], measured["blend"], seed)
    return Blended(held_out.name, system, len(train.queries), len(held_out.queries), trees, blend, tuple(comparisons))


def _learned(
    train: Dataset, known: Candidates, legs: dict[str, str], depth: int, seed: int, threads: int
) -> tuple[Blend, int]:
    """(the blend, its number of trees)."""
    library = lightgbm()
    grades = _grades(train, known)
    if not grades.any():
        raise DatasetError(
            f"no leg finds a relevant document of {train.name} among its first {depth}: nothing to learn"
        )
    settings = {**SETTINGS, "seed": seed, "num_threads": threads}
    some, others = halves(train, 1 - CHOOSING, seed)
    curve: dict[str, Any] = {}
    learning = _rows(library, train, known, grades, some, legs)
    library.train(
        settings,
        learning,
        MOST_TREES,
        valid_sets=[_rows(library, train, known, grades, others, legs, learning)],
        valid_names=["others"],
        callbacks=[library.record_evaluation(curve)],
    )
    trees = int(np.argmax(curve["others"]["ndcg@10"])) + 1
    made = library.train(settings, _rows(library, train, known, grades, train, legs), trees)
    return Blend(legs, depth, made.model_to_string()), trees


def _grades(train: Dataset, known: Candidates) -> NDArray[np.int64]:
    """int64 (n candidates): how relevant each is to its query, 0 where nobody judged it."""
    out = np.zeros(len(known.ids), np.int64)
    for q, query in enumerate(train.queries):
        judged = train.qrels.get(query, {})
        for at in range(int(known.starts[q]), int(known.starts[q + 1])):
            out[at] = min(max(judged.get(known.ids[at], 0), 0), LARGEST_GRADE)
    return out


def _rows(
    library: Any,
    train: Dataset,
    known: Candidates,
    grades: NDArray[np.int64],
    part: Dataset,
    legs: dict[str, str],
    beside: Any = None,
) -> Any:
    """A LightGBM dataset of the queries of `part`, one group each; binned as `beside`."""
    chosen = [q for q, query in enumerate(train.queries) if query in part.queries]
    spans = [(int(known.starts[q]), int(known.starts[q + 1])) for q in chosen]
    rows = np.concatenate([np.arange(begin, end) for begin, end in spans])
    groups = [end - begin for begin, end in spans if end > begin]
    names = [name.replace(" ", "_") for name in feature_names(list(legs))]
    return library.Dataset(
        known.features[rows], grades[rows], group=groups, feature_name=names, reference=beside, free_raw_data=False
    )
