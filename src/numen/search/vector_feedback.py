"""Feedback in a leg of dense vectors: the query moves towards its first hits, and is asked again."""

from __future__ import annotations

import numpy as np

from numen.encode.dense_vectors import DenseVectors, unit
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import OptionError
from numen.search.feedback import Feedback
from numen.search.queries import DenseQueries, Queryable, vectors_of
from numen.search.ranking import Ranking
from numen.search.snapshot import Snapshot
from numen.search.vector_scores import vectors_at

__all__ = ["move"]


def move(
    snapshot: Snapshot, leg: str, encoder: VectorEncoder, queries: Queryable, first: Ranking, feedback: Feedback
) -> DenseQueries:
    """The queries as feedback makes them: original * query + added * mean of the first hits, at the query's own length.

    The query and each document are taken at length 1; `terms` and `share` mean nothing here. Vector-PRF: with "average"
    the mean of the query and of 3 documents, and with "average,documents=5,original=0.4,added=0.6" the paper's Rocchio
    (Li et al., TOIS 2023). A query without hits stays as it is. Raises OptionError for RM3, which weighs terms, and for
    representations in which documents and queries are not vectors of one space.
    """
    if feedback.method == "rm3":
        raise OptionError(
            f"leg {leg!r} is made with {encoder.spec!r} and has no terms, which rm3 weighs; use average or rocchio"
        )
    if not encoder.symmetric:
        raise OptionError(f"leg {leg!r} is made with {encoder.spec!r}: queries are no mean of documents there")
    asked = vectors_of(queries, leg, encoder)
    rows = np.array(asked.rows, np.float32)
    spans = zip(first.starts[:-1].tolist(), first.starts[1:].tolist(), strict=True)
    for q, (begin, end) in enumerate(spans):
        keys = first.keys[begin : min(end, begin + feedback.documents)]
        length = np.sqrt(rows[q].astype(np.float64) @ rows[q])
        if not len(keys) or not length:
            continue
        centre = unit(vectors_at(snapshot, leg, keys)).astype(np.float64).mean(axis=0)
        moved = feedback.original * rows[q] / length + feedback.added * centre
        size = np.sqrt(moved @ moved)
        if size > 0:
            rows[q] = moved * (length / size)
    return DenseQueries(DenseVectors(rows, asked.truncated, asked.gaussians))
