"""Free embeddings: vectors trained straight on the judgements, the best that any encoder of that dimension could do.

No text takes part. Every query and every document is a free unit vector, and only one thing is asked: can the vectors
be laid so that each query's k nearest documents are its relevant ones? What free vectors of d dimensions cannot hold,
no encoder of d dimensions can. (The other way round it proves nothing: an encoder must make its vectors from texts.)

Source: Weller et al., "On the Theoretical Limitations of Embedding-Based Retrieval", arXiv 2508.21038, free embedding
optimisation: InfoNCE averaged over the positives with all documents as negatives, temperature 0.1, full batch, Adam
with learning rate 0.01, rows set back to length 1 after each step; at most 100,000 steps; an end after 1,000 steps in
which the loss improves by less than 1e-5, or as soon as every query is right.

How often that is looked at matters: near the edge vectors are right for some steps, then wrong again, so that who looks
more often holds more. The paper does not say how often it looked; the code released with it looks every 50 steps, and
in 8 and 12 dimensions comes out above the paper's figures, which looking every 500 steps gives (`PUBLISHED`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["PUBLISHED", "Fitted", "Schedule", "fit_free"]


@dataclass(frozen=True)
class Schedule:
    """How free vectors are trained; the default is that of the paper's released code. patience: steps without
    `tolerance` of improvement. look: steps between two looks at whether every query is right."""

    temperature: float = 0.1
    rate: float = 0.01
    steps: int = 100_000
    patience: int = 1_000
    tolerance: float = 1e-5
    look: int = 50


PUBLISHED = Schedule(look=500)
"""What gives the paper's critical n in 4, 8 and 12 dimensions."""


@dataclass(frozen=True)
class Fitted:
    """What free vectors of `dim` dimensions reached: `accuracy` is the share of the relevant documents that lie among
    the first r of their query, r being how many it has; 1.0 if the dimension is enough."""

    dim: int
    accuracy: float
    steps: int
    loss: float

    @property
    def perfect(self) -> bool:
        return self.accuracy == 1.0


def fit_free(
    relevant: Sequence[Sequence[int]],
    documents: int,
    dim: int,
    schedule: Schedule | None = None,
    seed: int = 42,
    stop: Callable[[], bool] | None = None,
) -> Fitted:
    """The best accuracy that training reaches.

    relevant: for each query the numbers of its relevant documents, from 0 to documents - 1, at least one and not all.
    stop: asked every `look` steps; True ends the training. The same seed gives the same vectors on the same machine.
    """
    how = schedule or Schedule()
    target, wanted = _targets(relevant, documents, dim)
    random = np.random.default_rng(seed)
    queries, papers = (_unit(random.standard_normal((n, dim), np.float32)) for n in (len(relevant), documents))
    sides = (_Adam(queries, how.rate), _Adam(papers, how.rate))
    best, best_loss, best_step, loss = 0.0, np.inf, 0, np.inf
    scale = np.float32(1 / how.temperature)
    places = np.flatnonzero(target)
    share = np.repeat((1.0 / wanted).astype(np.float32), wanted)
    scores = np.empty(target.shape, np.float32)
    flat = scores.reshape(-1)
    step = 0
    while step < how.steps:
        np.matmul(queries, papers.T, out=scores)
        if step % how.look == 0:
            best = max(best, _accuracy(scores, target, wanted))
            if best == 1.0 or (stop is not None and stop()):
                break
        # InfoNCE: the log of the sum over all documents, less the mean score of the positives.
        scores *= scale
        of_positives = float(flat[places] @ share)
        np.exp(scores, out=scores)  # at most e^10: no need to take the largest out first
        sums = scores.sum(axis=1, keepdims=True)
        loss = float((np.log(sums).sum() - of_positives) / len(queries))
        scores /= sums
        flat[places] -= share
        scores *= scale / np.float32(len(queries))
        toward_queries, toward_papers = scores @ papers, scores.T @ queries
        step += 1
        for side, gradient in zip(sides, (toward_queries, toward_papers), strict=True):
            side.step(gradient, step)
        if loss < best_loss - how.tolerance:
            best_loss, best_step = loss, step
        elif step - best_step >= how.patience:
            best = max(best, _accuracy(queries @ papers.T, target, wanted))
            break
    return Fitted(dim, best, step, loss)


class _Adam:
    """Adam (Kingma and Ba 2015, beta 0.9 and 0.999) on the rows of `rows`, which it sets back to length 1."""

    def __init__(self, rows: NDArray[np.float32], rate: float) -> None:
        self.rows, self.rate = rows, rate
        self.first, self.second = np.zeros_like(rows), np.zeros_like(rows)

    def step(self, gradient: NDArray[np.float32], step: int) -> None:
        """One step, the number `step` from 1, down the gradient."""
        self.first *= np.float32(0.9)
        self.first += np.float32(0.1) * gradient
        self.second *= np.float32(0.999)
        self.second += np.float32(0.001) * np.square(gradient)
        size = self.rate / (1 - 0.9**step)
        root = np.sqrt(self.second / np.float32(1 - 0.999**step))
        root += np.float32(1e-8)
        self.rows -= np.float32(size) * self.first / root
        self.rows /= np.sqrt(np.einsum("ij,ij->i", self.rows, self.rows))[:, None]


def _targets(
    relevant: Sequence[Sequence[int]], documents: int, dim: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """(bool (queries, documents): relevant; int64 (queries): how many are)."""
    if dim < 1:
        raise InputError(f"dim is {dim}; free vectors need at least 1 dimension")
    if not relevant:
        raise InputError("there are no queries; free vectors are trained on judgements")
    target = np.zeros((len(relevant), documents), bool)
    for row, some in enumerate(relevant):
        if not some or min(some) < 0 or max(some) >= documents:
            raise InputError(
                f"query {row} has the relevant documents {list(some)[:5]}; each needs at least one, "
                f"numbered from 0 to {documents - 1}"
            )
        target[row, list(some)] = True
    return target, target.sum(axis=1)


def _accuracy(scores: NDArray[np.float32], target: NDArray[np.bool_], wanted: NDArray[np.int64]) -> float:
    """The share of relevant documents within their query's first `wanted`; a tie with another counts as a miss."""
    right = np.where(target, scores, np.inf).min(axis=1) > np.where(target, -np.inf, scores).max(axis=1)
    found = int(wanted[right].sum())
    for row in np.flatnonzero(~right):  # near the edge a few of thousands
        values, positives, k = scores[row], target[row], int(wanted[row])
        bar = np.sort(values[~positives])[::-1][:k]
        # The j-th best relevant one is inside if fewer than k others and relevant ones stand before it.
        mine = np.sort(values[positives])[::-1]
        before = np.searchsorted(-bar, -mine, side="right") + np.arange(len(mine))
        found += int((before < k).sum())
    return found / int(wanted.sum())


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
