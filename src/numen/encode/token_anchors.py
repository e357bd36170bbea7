"""Token vectors as sparse vectors: each token stands for the anchors that it is most like.

Sparsified late interaction (Li, Lin, Ma and Lin, "SLIM", SIGIR 2023) swaps the maximum over a document's tokens and the
sum over a query's: max-pool the documents' sparse tokens, add up the query's, and an inverted index gives a score that
is near that of late interaction. SLIM trains the sparse dimensions; here they are centroids of the collection's own
tokens, as in ColBERTv2 (Santhanam et al., NAACL 2022), so any model of token vectors will do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.encode.given_vectors import GivenVectors
from numen.encode.kmeans import kmeans
from numen.encode.token_vectors import TokenVectors

__all__ = ["TokenAnchors", "sample_size"]

KEPT = 64
"""Dimensions in which tokens are compared with anchors: the directions in which they are longest."""

LEAST, MOST = 64, 2_048
"""How many anchors there are: about four times the square root of the number of tokens, a power of two in between."""

SAMPLE = 8
"""Tokens that centroids are made from, for each of them."""

ITERATIONS = 4
"""As ColBERTv2 has it."""

CELLS = 1 << 20
"""Products of tokens and anchors held at once: 4 MB, which stay in the cache."""

OF_QUERY = 4
"""Anchors that a query's token asks for: with 8 or more, a document with many tokens near one token of the query passes
one with a token near each."""


@dataclass(frozen=True, eq=False)
class TokenAnchors:
    """turn: float32 (dim, kept): tokens in the directions that are compared. anchors: float32 (kept, n_anchors)."""

    turn: NDArray[np.float32]
    anchors: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32], n_tokens: int, seed: int = 0) -> TokenAnchors:
        """Anchors from a sample of tokens (`sample_size` of them, or all there are). n_tokens: in the collection."""
        dim = rows.shape[1]
        turned = np.linalg.eigh(rows.T.astype(np.float64) @ rows)[1]
        turn = np.ascontiguousarray(turned[:, ::-1][:, : min(KEPT, dim)], np.float32)
        compared = (rows @ turn).astype(np.float32)
        centroids = kmeans(compared, min(count(n_tokens), len(rows)), iterations=ITERATIONS, seed=seed)
        return cls(turn, np.ascontiguousarray(centroids.T))

    @property
    def n_anchors(self) -> int:
        return int(self.anchors.shape[1])

    def documents(self, starts: NDArray[np.int64], rows: NDArray[np.float32]) -> GivenVectors:
        """A sparse vector a text: 1 for each anchor that is the one most like any of its tokens."""
        near, _ = self._near(rows, 1)
        of = np.repeat(np.arange(len(starts) - 1), np.diff(starts) * near.shape[1])
        cells = np.unique(of * self.n_anchors + near.ravel())
        counts = np.bincount(cells // self.n_anchors, minlength=len(starts) - 1)
        return GivenVectors(
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            (cells % self.n_anchors).astype(np.uint32),
            np.ones(len(cells), np.float32),
        )

    def queries(self, vectors: TokenVectors) -> GivenVectors:
        """A sparse vector a query: over its tokens, by how much each of the OF_QUERY most alike anchors is more alike
        than the next one; so an anchor that is not among them counts as that next one does."""
        near, products = self._near(vectors.rows, OF_QUERY + 1)
        worth = np.maximum(products[:, :-1] - products[:, -1:], 0)
        near = near[:, :-1]
        of = np.repeat(np.arange(len(vectors)), np.diff(vectors.starts) * near.shape[1])
        cells, inverse = np.unique(of * self.n_anchors + near.ravel(), return_inverse=True)
        values = np.bincount(inverse, worth.ravel(), len(cells)).astype(np.float32)
        cells, values = cells[values > 0], values[values > 0]
        counts = np.bincount(cells // self.n_anchors, minlength=len(vectors))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        return GivenVectors(starts, (cells % self.n_anchors).astype(np.uint32), values)

    def _near(self, rows: NDArray[np.float32], n: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(int64 (len(rows), n): the anchors of the largest products with each row, these products), largest first."""
        n = min(n, self.n_anchors)
        near = np.empty((len(rows), n), np.int64)
        products = np.empty((len(rows), n), np.float32)
        step = max(1, CELLS // self.n_anchors)
        room = np.empty((min(step, len(rows)), self.n_anchors), np.float32)  # taken once: new pages cost as much
        for at in range(0, len(rows), step):
            some = rows[at : at + step] @ self.turn
            every = np.matmul(some, self.anchors, out=room[: len(some)])
            found = every.argmax(axis=1)[:, None] if n == 1 else np.argpartition(-every, n - 1, axis=1)[:, :n]
            values = np.take_along_axis(every, found, axis=1)
            order = np.argsort(-values, axis=1, kind="stable")
            near[at : at + step] = np.take_along_axis(found, order, axis=1)
            products[at : at + step] = np.take_along_axis(values, order, axis=1)
        return near, products


def count(n_tokens: int) -> int:
    """How many anchors a collection of so many tokens has."""
    wanted = int(4 * np.sqrt(n_tokens))
    return int(min(max(1 << max(wanted.bit_length() - 1, 0), LEAST), MOST))


def sample_size(n_tokens: int) -> int:
    """How many tokens its anchors are made from, if there are as many."""
    return SAMPLE * count(n_tokens)
