"""Judged queries in two parts: some to choose by, the others to report on."""

from __future__ import annotations

import random
from dataclasses import replace

from numen.errors import DatasetError, OptionError
from numen.evaluate.dataset import Dataset

__all__ = ["apart", "halves"]


def halves(dataset: Dataset, share: float = 0.5, seed: int = 0) -> tuple[Dataset, Dataset]:
    """(train, held out): the queries of a dataset drawn apart by `seed`, `share` of them for training.

    Each part keeps the order of the queries; at least one is in each. DatasetError where there is only one query.
    """
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise OptionError(f"the share of training queries is {share!r}; it must be above 0 and below 1")
    if len(dataset.queries) < 2:
        raise DatasetError(f"{dataset.name} has one judged query; to train and to report takes at least two")
    draw = random.Random(f"{seed}").random
    drawn = sorted(dataset.queries, key={query: draw() for query in dataset.queries}.__getitem__)
    n = min(max(round(share * len(drawn)), 1), len(drawn) - 1)
    chosen = set(drawn[:n])
    return _part(dataset, chosen), _part(dataset, set(drawn[n:]))


def apart(train: Dataset, held_out: Dataset) -> Dataset:
    """The training queries without those that are held out, by id or by text; DatasetError if none is left."""
    asked = {" ".join(text.casefold().split()) for text in held_out.queries.values()}
    chosen = {
        query
        for query, text in train.queries.items()
        if query not in held_out.queries and " ".join(text.casefold().split()) not in asked
    }
    if not chosen:
        raise DatasetError(f"{train.name}: all training queries are among those of {held_out.name}; give other ones")
    return _part(train, chosen)


def _part(dataset: Dataset, chosen: set[str]) -> Dataset:
    return replace(
        dataset,
        queries={query: text for query, text in dataset.queries.items() if query in chosen},
        qrels={query: grades for query, grades in dataset.qrels.items() if query in chosen},
    )
