"""Two searches beside each other: the time of a batch, of single queries, and whether they found the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.search.ranking import Ranking

__all__ = ["Found", "agreement", "as_arrays", "latencies", "recall"]

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""(documents, scores), each (n_queries, k), best first; document -1 and score 0 where there are fewer hits."""

TOLERANCE = 1e-5
"""How far two float32 sums of the same parts in different orders may lie apart, relative."""


def as_arrays(ranking: Ranking, k: int) -> Found:
    """A ranking of documents whose ids are numbers, as arrays."""
    counts = np.diff(ranking.starts)
    taken = np.arange(k) < counts[:, None]
    docs = np.full(taken.shape, -1, np.int64)
    scores = np.zeros(taken.shape, np.float32)
    docs[taken] = [int(id) for id in ranking.ids]
    scores[taken] = ranking.scores
    return docs, scores


def agreement(found: Found, exact: Found) -> dict[str, Any]:
    """How many queries have other hits than the exact ones, ties aside, and how far scores lie apart at most.

    A query agrees when the scores are the same rank by rank (within TOLERANCE), and every document that only one side
    has stands at the last score, where a tie or a rounding decides.
    """
    docs, scores = found
    exact_docs, exact_scores = exact
    apart = np.abs(scores - exact_scores) / np.maximum(exact_scores, 1e-30)
    apart[(scores == 0) & (exact_scores == 0)] = 0
    wrong = (apart > TOLERANCE).any(axis=1)
    for query in np.flatnonzero(~wrong):
        hits = exact_scores[query] > 0
        if not hits.any():
            continue
        last = exact_scores[query][hits].min() * (1 + 2 * TOLERANCE)
        for mine, score, others in (
            (docs[query], scores[query], exact_docs[query]),
            (exact_docs[query], exact_scores[query], docs[query]),
        ):
            alone = ~np.isin(mine[hits], others[hits])
            wrong[query] |= bool((score[hits][alone] > last).any())
    return {"queries": len(docs), "differ": int(wrong.sum()), "largest_relative_score_difference": float(apart.max())}


def recall(found: Found, exact: Found) -> float:
    """The mean over queries of the part of the exact hits that were found; queries without a hit do not count."""
    parts = []
    for mine, theirs, scores in zip(found[0], *exact, strict=True):
        wanted = theirs[scores > 0]
        if len(wanted):
            parts.append(float(np.isin(wanted, mine).mean()))
    return float(np.mean(parts))


def latencies(
    searches: Mapping[str, Callable[[int], object]], n_queries: int, rounds: int
) -> dict[str, dict[str, float]]:
    """Milliseconds of single queries by search: p50, p95, p99, and p99_over_p50.

    In each round every search answers all queries, one at a time; the searches take turns. What counts of a query is
    the median of its rounds, so that the tail is that of slow queries and not of a busy machine.
    """
    times = {name: np.empty((rounds, n_queries)) for name in searches}
    for turn in range(rounds):
        for name, search in searches.items():
            row = times[name][turn]
            for query in range(n_queries):
                began = time.perf_counter()
                search(query)
                row[query] = time.perf_counter() - began
    out = {}
    for name, rows in times.items():
        p50, p95, p99 = (float(p) * 1000 for p in np.percentile(np.median(rows, axis=0), (50, 95, 99)))
        out[name] = {"p50": p50, "p95": p95, "p99": p99, "p99_over_p50": p99 / p50}
    return out
