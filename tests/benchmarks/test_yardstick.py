"""The yardstick finds what a dense product finds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray


def rows(rng: np.random.Generator, n: int, n_terms: int, levels: int) -> NDArray[np.float32]:
    """A sparse matrix, dense; `levels` small numbers as values, so that sums are exact and ties are many."""
    values = rng.integers(1, levels + 1, (n, n_terms)).astype(np.float32)
    return np.where(rng.random((n, n_terms)) < 0.2, values, np.float32(0))


def csr(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    at, terms = np.nonzero(matrix)
    starts = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(matrix)))]).astype(np.int64)
    return starts, terms.astype(np.uint32), matrix[at, terms]


@pytest.mark.parametrize("k", [1, 3, 10, 100])
def test_the_best_k_by_score_then_by_document(k: int) -> None:
    from yardstick import Yardstick

    rng = np.random.default_rng(1)
    documents, queries = rows(rng, 60, 40, 3), rows(rng, 25, 40, 3)
    queries[3] = 0
    docs, scores = Yardstick.of(*csr(documents), 40).search(*csr(queries), k)
    product = queries @ documents.T
    for query, all_scores in enumerate(product):
        best = np.lexsort((np.arange(60), -all_scores))
        best = best[all_scores[best] > 0][:k]
        assert docs[query][: len(best)].tolist() == best.tolist()
        assert scores[query][: len(best)].tolist() == all_scores[best].tolist()
        assert not scores[query][len(best) :].any()


def test_one_query_at_a_time_is_the_batch() -> None:
    from vectors import Rows
    from yardstick import Yardstick

    rng = np.random.default_rng(2)
    lists = Yardstick.of(*csr(rows(rng, 60, 40, 3)), 40)
    queries = Rows(*csr(rows(rng, 9, 40, 3)))
    together = lists.search(queries.indptr, queries.indices, queries.data, 5)
    for at, row in enumerate(queries.each):
        docs, scores = lists.search(row.indptr, row.indices, row.data, 5)
        assert (docs[0].tolist(), scores[0].tolist()) == (together[0][at].tolist(), together[1][at].tolist())
