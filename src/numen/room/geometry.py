"""How a set of dense vectors lies in its space: how many dimensions it uses, how evenly, and which vectors are hubs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError
from numen.types import JSON

__all__ = ["Geometry", "geometry"]

_SAMPLE = 20_000
"""Documents looked at; eigenvalues and neighbours of more change the figures in the third digit."""

_PROBES = 2_000
_NEIGHBOURS = 10


@dataclass(frozen=True)
class Geometry:
    """dim: as printed. effective: the participation ratio of the covariance's eigenvalues, (sum l)^2 / sum l^2.
    entropy: exp of their entropy. for_90, for_99: principal directions that hold 90 and 99 % of the variance.
    mean_cosine: of two documents drawn at random; near 0 in a space used evenly (Ethayarajh 2019). isotropy: the least
    over the largest sum of exp<v, a> over principal directions a and their opposites, 1 if even (Mu and Viswanath
    2018). hubness: skewness of the number of times that a document is among the 10 nearest of another one (Radovanovic
    et al. 2010), 0 without hubs; never: the share of documents that never are. answers_effective: the effective
    dimensions of the relevant documents' vectors; answers_share: what share of the variance of all lies in the
    directions that hold 90 % of theirs. documents: how many were looked at."""

    dim: int
    documents: int
    effective: float
    entropy: float
    for_90: int
    for_99: int
    mean_cosine: float
    isotropy: float
    hubness: float
    never: float
    answers_effective: float
    answers_share: float

    def to_json(self) -> dict[str, JSON]:
        return asdict(self)


def geometry(vectors: NDArray[np.float32], answers: Sequence[int], seed: int = 0) -> Geometry:
    """The geometry of documents: float32 (n, dim), rows of length 1. answers: the rows of relevant documents.

    Large collections are sampled by `seed`; the answers always stay. InputError for fewer than 3 documents.
    """
    n, dim = vectors.shape
    if n < 3:
        raise InputError(f"there are {n} vectors; a geometry takes at least 3")
    random = np.random.default_rng(seed)
    chosen = np.arange(n) if n <= _SAMPLE else np.sort(random.choice(n, _SAMPLE, replace=False))
    some = vectors[chosen].astype(np.float64)
    values, directions = _spectrum(some)
    mine = vectors[np.unique(np.asarray(answers, np.int64))].astype(np.float64)
    theirs, their_directions = _spectrum(mine)
    counts = _occurrences(vectors[chosen], random)
    first, second = (random.integers(0, len(some), _SAMPLE) for _ in range(2))
    apart = first != second
    held = their_directions[:, : _holding(theirs, 0.9)]
    centred = some - some.mean(axis=0)
    variance = float(np.square(centred).sum())
    return Geometry(
        dim=dim,
        documents=len(some),
        effective=_participation(values),
        entropy=float(np.exp(-np.sum(_shares(values) * np.log(np.maximum(_shares(values), 1e-300))))),
        for_90=_holding(values, 0.9),
        for_99=_holding(values, 0.99),
        mean_cosine=float(np.einsum("ij,ij->i", some[first[apart]], some[second[apart]]).mean()),
        isotropy=_isotropy(some, directions),
        hubness=float(((counts - counts.mean()) ** 3).mean() / max(counts.std(), 1e-12) ** 3),
        never=float((counts == 0).mean()),
        answers_effective=_participation(theirs),
        answers_share=float(np.square(centred @ held).sum()) / max(variance, 1e-300),
    )


def _spectrum(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(eigenvalues of the covariance, largest first; their directions as columns)."""
    centred = vectors - vectors.mean(axis=0)
    values, directions = np.linalg.eigh(centred.T @ centred / max(len(vectors) - 1, 1))
    return np.maximum(values[::-1], 0), directions[:, ::-1]


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / max(float(values.sum()), 1e-300))


def _participation(values: NDArray[np.float64]) -> float:
    shares = _shares(values)
    return float(1 / max(float(shares @ shares), 1e-300)) if values.any() else 0.0


def _holding(values: NDArray[np.float64], share: float) -> int:
    return min(int(np.searchsorted(np.cumsum(_shares(values)), share - 1e-12)) + 1, len(values))


def _isotropy(vectors: NDArray[np.float64], directions: NDArray[np.float64]) -> float:
    along = vectors @ directions
    sums = np.concatenate([np.exp(along).sum(axis=0), np.exp(-along).sum(axis=0)])
    return float(sums.min() / sums.max())


def _occurrences(vectors: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float64]:
    """How often each document is among the nearest of a probe, probes being documents themselves."""
    n = len(vectors)
    probes = np.arange(n) if n <= _PROBES else np.sort(random.choice(n, _PROBES, replace=False))
    nearest = min(_NEIGHBOURS, n - 1)
    counts = np.zeros(n)
    for start in range(0, len(probes), 256):
        rows = probes[start : start + 256]
        scores = vectors[rows] @ vectors.T
        scores[np.arange(len(rows)), rows] = -np.inf
        found = np.argpartition(-scores, nearest - 1, axis=1)[:, :nearest]
        counts += np.bincount(found.ravel(), minlength=n)
    return counts
