"""Several legs' rankings into one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numen.search.ranking import Ranking

__all__ = ["RRF_CONSTANT", "reciprocal_rank"]

RRF_CONSTANT = 60
"""k of reciprocal rank fusion as its authors set it (Cormack, Clarke, Buettcher, SIGIR 2009)."""


def reciprocal_rank(rankings: Mapping[str, Ranking], k: int) -> Ranking:
    """The k best of each query by the sum over legs of 1 / (60 + rank), ties by id.

    Each leg's ranking must hold the same queries. A document that a leg did not return gets nothing from it.
    """
    legs = list(rankings.values())
    starts = [0]
    ids: list[str] = []
    scores: list[float] = []
    keys: list[int] = []
    for q in range(len(legs[0])):
        total: dict[str, float] = {}
        key_of: dict[str, int] = {}
        for leg in legs:
            begin, end = leg.starts[q], leg.starts[q + 1]
            for rank, (id_, key) in enumerate(zip(leg.ids[begin:end], leg.keys[begin:end].tolist(), strict=True), 1):
                total[id_] = total.get(id_, 0.0) + 1.0 / (RRF_CONSTANT + rank)
                key_of[id_] = key
        best = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:k]
        ids += [id_ for id_, _ in best]
        scores += [score for _, score in best]
        keys += [key_of[id_] for id_, _ in best]
        starts.append(len(ids))
    column = np.empty(len(ids), object)
    column[:] = ids
    recalls = [leg.recall for leg in legs if leg.recall is not None]
    return Ranking(
        np.array(starts, np.int64),
        column,
        np.array(scores, np.float32),
        np.array(keys, np.int64),
        min(recalls, default=None),
    )
