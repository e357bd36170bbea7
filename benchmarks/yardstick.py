"""The yardstick: exact top-k by the plain loop that adds up everything, over inverted lists as they are.

uint32 document numbers, float32 values, int64 offsets; nothing compressed, nothing pruned. Any cleverer search has to
beat it. A query sets one float32 a document to zero, adds weight * value for each posting of each of its terms, and
finds the k best in one scan that keeps them sorted (at k = 10 a query inserts a hundred times: a heap saves nothing).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Yardstick"]

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _search(starts, docs, values, query_starts, terms, weights, scores, best_docs, best_scores):  # type: ignore[no-untyped-def]
    """Fills best_docs and best_scores (n_queries, k): by score, then by document; score 0 where there is no hit."""
    k = best_docs.shape[1]
    for q in range(len(query_starts) - 1):
        scores[:] = 0
        for i in range(query_starts[q], query_starts[q + 1]):
            weight, term = weights[i], terms[i]
            for p in range(np.uint64(starts[term]), np.uint64(starts[term + 1])):
                scores[docs[p]] += weight * values[p]
        top, who = best_scores[q], best_docs[q]
        top[:] = 0
        floor = np.float32(0)
        for d in range(np.uint64(len(scores))):
            if scores[d] > floor:
                at = k - 1
                while at > 0 and top[at - 1] < scores[d]:
                    top[at], who[at] = top[at - 1], who[at - 1]
                    at -= 1
                top[at], who[at] = scores[d], d
                floor = top[k - 1]


@_compiled
def _invert(starts, terms, values, n_terms):  # type: ignore[no-untyped-def]
    """(starts int64 (n_terms + 1), docs uint32, values float32): rows as lists by term, documents ascending."""
    at = np.zeros(n_terms + 2, np.int64)
    for term in terms:
        at[term + 2] += 1
    for term in range(2, n_terms + 2):
        at[term] += at[term - 1]
    docs, out = np.empty(len(terms), np.uint32), np.empty(len(terms), np.float32)
    for d in range(len(starts) - 1):
        for p in range(np.uint64(starts[d]), np.uint64(starts[d + 1])):
            to = at[terms[p] + 1]
            docs[to], out[to] = d, values[p]
            at[terms[p] + 1] = to + 1
    return at[: n_terms + 1], docs, out


@dataclass(frozen=True)
class Yardstick:
    """Inverted lists of `n_docs` documents: term t has [starts[t], starts[t + 1]) of docs and values."""

    starts: NDArray[np.int64]
    docs: NDArray[np.uint32]
    values: NDArray[np.float32]
    n_docs: int
    scores: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", np.zeros(self.n_docs, np.float32))

    @classmethod
    def of(
        cls, starts: NDArray[np.int64], terms: NDArray[np.uint32], values: NDArray[np.float32], n_terms: int
    ) -> Yardstick:
        """The lists of CSR rows: document d has [starts[d], starts[d + 1]) of terms (below n_terms) and values."""
        by_term, docs, by_doc = _invert(np.asarray(starts), np.asarray(terms), np.asarray(values), n_terms)
        return cls(by_term, docs, by_doc, len(starts) - 1)

    @property
    def bytes(self) -> int:
        """What the lists take in memory."""
        return self.starts.nbytes + self.docs.nbytes + self.values.nbytes

    def search(
        self, starts: NDArray[np.int64], terms: NDArray[np.uint32], weights: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """(documents, scores), each (n_queries, k), best first, ties by document; score 0 where there are fewer hits.

        Query q has [starts[q], starts[q + 1]) of terms and weights. One query is a batch of one. One search at a time.
        """
        docs = np.zeros((len(starts) - 1, k), np.uint32)
        best = np.empty((len(starts) - 1, k), np.float32)
        _search(self.starts, self.docs, self.values, starts, terms, weights, self.scores, docs, best)
        return docs, best
