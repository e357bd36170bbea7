"""What is found as the collection grows or shrinks, from where the answers stand today.

If today a of N other documents stand before an answer, then of a random part of them, each kept with probability p, a
number drawn from the binomial distribution Bin(a, p) does: figures for smaller collections follow without building
them. For larger ones a new document is taken to stand before the answer as often as today's do, (a + 1/2) / (N + 1),
which adds a Poisson number. After the experiment of Reimers and Gurevych, ACL 2021, in which the pool grows and the
answers stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError
from numen.room.corpus import Corpus
from numen.types import Run

__all__ = ["ASSUMPTION", "above_of", "grown_run", "recall_at"]

ASSUMPTION = (
    "Assumes that documents to come are like those that are there, and that none of them is an answer; what is smaller "
    "than today's collection follows exactly, what is larger is an extrapolation."
)


def above_of(corpus: Corpus, run: Run) -> list[list[int | None]]:
    """For each query and each of its relevant documents, best first, how many others stand before it.

    None where the run does not reach down to it.
    """
    ids = corpus.ids
    out: list[list[int | None]] = []
    for hits, some in zip(run.values(), corpus.relevant, strict=True):
        wanted = {ids[place] for place in some}
        found: list[int | None] = []
        for rank, (document, _) in enumerate(hits):
            if document in wanted:
                found.append(rank - len(found))
        out.append(found + [None] * (len(wanted) - len(found)))
    return out


def recall_at(above: Sequence[Sequence[int | None]], documents: int, size: int, k: int = 100) -> float:
    """The expected recall in the first k, the mean over queries, if the collection had `size` documents.

    above: as `above_of` gives it at a collection of `documents`; None counts as not found.
    """
    if size < 1 or documents < 1 or k < 1:
        raise InputError(f"documents {documents}, size {size} and k {k} must each be at least 1")
    factor = size / documents
    total = 0.0
    for some in above:
        found = [(order, others) for order, others in enumerate(some) if others is not None]
        if not found:
            continue
        orders, others = (np.array(column, float) for column in zip(*found, strict=True))
        room = k - 1 - orders  # at most so many others may stand before it
        if factor <= 1:
            chance = _binomial(others, factor, room)
        else:
            chance = _poisson((others + 0.5) / (documents + 1) * (size - documents), room - others)
        total += float(chance.sum()) / len(some)
    return total / len(above)


def grown_run(corpus: Corpus, above: Sequence[Sequence[int]], measured_at: int, k: int, seed: int = 0) -> Run:
    """A run as it would look among all documents of the corpus, from ranks among `measured_at` of them.

    Each answer stands behind as many others as one draw of the Poisson distribution says; these others are called by
    numbers, and are no documents.
    """
    random = np.random.default_rng(seed)
    left = len(corpus.documents) - measured_at
    run: Run = {}
    for (query, grades), some in zip(corpus.dataset.qrels.items(), above, strict=True):
        ids = [document for document, grade in grades.items() if grade > 0]
        mean = (np.array(some, float) + 0.5) / (measured_at + 1) * left
        before = np.array(some) + (random.poisson(mean) if left else 0)
        order = np.lexsort((np.array(some), before))
        hits: list[str] = []
        others = 0
        for at in order.tolist():
            while others < before[at] and len(hits) < k:
                hits.append(f"\0{others}")
                others += 1
            if len(hits) >= k:
                break
            hits.append(ids[at])
        run[query] = [(document, -float(rank)) for rank, document in enumerate(hits)]
    return run


def _binomial(n: NDArray[np.float64], p: float, most: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Bin(n, p) <= most), elementwise; 0 where most is below 0."""
    if p == 1:
        return np.where(n <= most, 1.0, 0.0)
    log_term = n * np.log1p(-p)
    total = np.where(most >= 0, np.exp(log_term), 0.0)
    for j in range(int(max(most.max(initial=0), 0))):
        left = n - j
        log_term = np.where(left > 0, log_term + np.log(np.maximum(left, 1) / (j + 1) * p / (1 - p)), -np.inf)
        total += np.where(j + 1 <= most, np.exp(log_term), 0.0)
    return np.minimum(total, 1.0)


def _poisson(mean: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Poisson(mean) <= most), elementwise; 0 where most is below 0."""
    log_term = -mean
    total = np.where(most >= 0, np.exp(log_term), 0.0)
    for j in range(int(max(most.max(initial=0), 0))):
        log_term = log_term + np.log(mean / (j + 1))
        total += np.where(j + 1 <= most, np.exp(log_term), 0.0)
    return np.minimum(total, 1.0)
