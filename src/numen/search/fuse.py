"""Several legs' rankings into one: by ranks, or by scores brought to one scale; each leg with a weight of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from numen.encode.encoder import Encoder
from numen.encode.multi import LateInteraction
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import OptionError, nearest
from numen.search.options import options_of, positive
from numen.search.ranking import Ranking

__all__ = ["METHODS", "Fusion", "fuse", "usual"]

METHODS = ("rrf", "minmax", "zscore")

RANKS_DEEP, SCORES_DEEP = 100, 1_000
"""How deep, at least, each leg is ranked: what lies deeper adds nothing to speak of by rank, but its score counts."""

ALIKE = 1e-9
"""A standard deviation below this share of the highest score is none."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How legs are fused. What a leg gives to a document that it found is its weight times

    - rrf: 1 / (constant + rank) (Cormack, Clarke, Buettcher, SIGIR 2009; their constant is 60);
    - minmax: score / the leg's highest score. The minimum is 0, the least that a score can be, and not the lowest of
      the list, which would follow from how deep one looks (Bruch, Gai, Ingber, TOIS 2023, "theoretical" min-max);
    - zscore: score / the standard deviation of the leg's scores. That is (score - mean) / deviation, less the same for
      a document without the leg's terms, which has the score 0: a constant that changes no order.

    A leg of dense or token vectors has a score for every document, above 0 or below; so it is measured from a base one
    average step below the last that it is ranked down to, instead of from 0: what lies deeper would get about nothing.

    A document that a leg did not find gets nothing from it. weights: by leg; 1 for one not named. A weight of 0 leaves
    the leg out of the score.
    """

    method: str = "rrf"
    weights: Mapping[str, float] = field(default_factory=dict)
    constant: float = 60.0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise OptionError(f"fuse is {self.method!r}; {nearest(str(self.method), METHODS)}")
        for leg, weight in self.weights.items():
            positive(f"the weight of leg {leg!r}", weight)
        positive("constant", self.constant)
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))

    @classmethod
    def of(cls, given: str | Fusion, legs: Sequence[str]) -> Fusion:
        """The fusion that `given` says, checked against the legs: "minmax", or with options "rrf,words=2,constant=20".

        An option is `constant` or the name of a leg, whose weight it gives.
        """
        fusion = given
        if isinstance(given, str):
            method, options = options_of(given, "fuse", METHODS)
            numbers = {name: positive(f"{name} in fuse {given!r}", value) for name, value in options.items()}
            constant = numbers.pop("constant", cls().constant)
            fusion = cls(method, numbers, constant)
        if not isinstance(fusion, Fusion):
            raise OptionError(f"fuse is {given!r}; give one of {', '.join(METHODS)}, or a Fusion")
        for leg in fusion.weights:
            if leg not in legs:
                raise OptionError(f"fuse weighs leg {leg!r}, which is not searched; {nearest(leg, legs)}")
        if fusion.weights and len(legs) > 1 and not any(fusion.weight(leg) for leg in legs):
            raise OptionError("fuse gives every leg the weight 0; nothing would be found")
        return fusion

    @property
    def spec(self) -> str:
        """The short string that makes this fusion again."""
        options = [f"{leg}={weight:g}" for leg, weight in self.weights.items()]
        if self.method == "rrf" and self.constant != 60:
            options.append(f"constant={self.constant:g}")
        return ",".join([self.method, *options])

    @property
    def deep(self) -> int:
        """How deep each leg is ranked, at least."""
        return RANKS_DEEP if self.method == "rrf" else SCORES_DEEP

    def weight(self, leg: str) -> float:
        """The leg's weight."""
        return self.weights.get(leg, 1.0)

    def base(self, scores: NDArray[np.float32]) -> float:
        """From where the scores of one query in a leg of dense vectors are measured; 0 where ranks are fused."""
        if self.method == "rrf" or not len(scores):
            return 0.0
        highest, lowest = float(scores.max()), float(scores.min())
        return lowest - (highest - lowest) / len(scores) if highest > lowest else highest - 1.0

    def scale(self, scores: NDArray[np.float32], base: float = 0.0) -> float:
        """By what one query's scores in one leg are divided; 1 where ranks are fused, or where there are none."""
        if self.method == "rrf" or not len(scores):
            return 1.0
        exact = scores.astype(np.float64) - base
        highest, deviation = float(exact.max()), float(exact.std())
        # Scores that are all the same, but for rounding, have no deviation to speak of.
        return deviation if self.method == "zscore" and deviation > ALIKE * highest else highest

    def gives(self, leg: str, scores: NDArray[np.float32], *, signed: bool = False) -> NDArray[np.float64]:
        """float64 (len(scores)): what the leg gives to each document of one query, best first.

        signed: as a ranking has it.
        """
        if self.method == "rrf":
            ranks = np.arange(1, len(scores) + 1, dtype=np.float64)
            return np.float64(self.weight(leg)) / (ranks + self.constant)
        base = self.base(scores) if signed else 0.0
        return (scores.astype(np.float64) - base) / self.scale(scores, base) * self.weight(leg)


def usual(encoders: Iterable[Encoder]) -> str:
    """The method by which legs with these encoders are fused if nothing is said: "minmax" where one compares vectors,
    else "rrf".

    Scores of vectors tell how far the first documents are ahead, which ranks do not (docs/REPRESENTATIONS.md).
    """
    return "minmax" if any(isinstance(one, VectorEncoder | LateInteraction) for one in encoders) else "rrf"


def fuse(rankings: Mapping[str, Ranking], fusion: Fusion, k: int) -> Ranking:
    """The k best of each query by the sum of what the legs give, ties by id; only documents that something is given.

    Each leg's ranking must hold the same queries. The sums run in the order of the legs, in float64, and are then
    rounded to float32.
    """
    legs = list(rankings.values())
    starts = [0]
    ids: list[str] = []
    scores: list[float] = []
    keys: list[NDArray[np.int64]] = []
    for q in range(len(legs[0])):
        spans = [slice(int(leg.starts[q]), int(leg.starts[q + 1])) for leg in legs]
        given = [
            fusion.gives(name, leg.scores[span], signed=leg.signed)
            for (name, leg), span in zip(rankings.items(), spans, strict=True)
        ]
        found, first, at = np.unique(
            np.concatenate([leg.keys[span] for leg, span in zip(legs, spans, strict=True)]),
            return_index=True,
            return_inverse=True,
        )
        total = np.bincount(at, np.concatenate(given), len(found)).astype(np.float32)
        names = np.concatenate([leg.ids[span] for leg, span in zip(legs, spans, strict=True)])[first]
        best = _best(total, names, k)
        ids += names[best].tolist()
        scores += total[best].tolist()
        keys.append(found[best])
        starts.append(len(ids))
    column = np.empty(len(ids), object)
    column[:] = ids
    recalls = [leg.recall for leg in legs if leg.recall is not None]
    return Ranking(
        np.array(starts, np.int64),
        column,
        np.array(scores, np.float32),
        np.concatenate([np.empty(0, np.int64), *keys]),
        min(recalls, default=None),
    )


def _best(total: NDArray[np.float32], names: NDArray[np.object_], k: int) -> NDArray[np.int64]:
    """The places of the k largest positive totals, by total, then by name."""
    if not k:
        return np.empty(0, np.int64)
    floor = np.partition(total, len(total) - k)[len(total) - k] if len(total) > k else np.float32(0)
    some = np.flatnonzero((total >= floor) & (total > 0)).tolist()
    ordered = sorted(some, key=lambda place: (-total[place], names[place]))
    return np.array(ordered[:k], np.int64)
