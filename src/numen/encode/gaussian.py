"""Texts as Gaussians: a mean and a variance a dimension, ranked by negative divergence, as one inner product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.dense_model import DenseModel, load_model
from numen.encode.dense_vectors import DenseVectors, unfit
from numen.encode.model_folder import placed
from numen.encode.of_model import elsewhere
from numen.encode.stored_fields import check_fields
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import EncoderMismatch, InputError, OptionError, nearest
from numen.index.flat import PRECISIONS

__all__ = ["GaussianEncoder", "divergences", "document_vectors", "query_vectors"]

NEIGHBOURS = 4
"""How many float32 numbers on each side of 1 / variance may stand for it."""

LEAST = 1e-30
"""Taken for 1 / variance where float16 has none so small."""

VARIANCE_TOKEN = "[VAR] "
"""Before every text: as numen.encode.gaussian_heads has it, with a space."""


@dataclass(frozen=True)
class GaussianEncoder(VectorEncoder):
    """A leg whose texts are multivariate Gaussians with diagonal covariance (Zamani and Bendersky, SIGIR 2023).

    A score is -KL(query || document): at most 0, which is a document distributed as the query is. Hits are found by one
    inner product, which differs from it by what is the same for all documents of a query, -2 KL(query || document) =
    product + sum ln variance(query) + k, and are then scored by `divergences`. model: a folder as
    numen.encode.gaussian_heads writes it. precision: how the index keeps vectors. dim, fingerprint: as DenseEncoder
    remembers them; dim is 2 k + 1.
    """

    model: str
    precision: str = "float32"
    dim: int = field(default=0, compare=False)
    fingerprint: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionError("'gaussian' needs a model: gaussian:FOLDER, or gaussian:ORGANISATION/NAME on the hub")
        if self.precision not in PRECISIONS:
            raise OptionError(f"precision is {self.precision!r}; {nearest(str(self.precision), PRECISIONS)}")

    @property
    def spec(self) -> str:
        """`gaussian:MODEL`, followed by the precision where it is not float32."""
        return f"gaussian:{self.model}" + (f",precision={self.precision}" if self.precision != "float32" else "")

    @property
    def width(self) -> int:
        return self.dim or self._loaded().width + 1

    @property
    def kept_as(self) -> str:
        return self.precision

    @property
    def measure(self) -> str:
        return "negative divergence"

    @property
    def symmetric(self) -> bool:
        """False: a query's vector and a document's are made of mean and variance in different ways."""
        return False

    @property
    def rescores(self) -> bool:
        """True: large numbers cancel in the inner product, and do not in the divergence."""
        return True

    def rescore(
        self, query: DenseVectors, rows: NDArray[np.float32], products: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """-KL(query || document). Of codes of one byte no Gaussian can be made: there it is taken from the products."""
        if query.gaussians is None:
            raise ValueError("the query is no Gaussian")
        mean, variance = np.split(query.gaussians[0], 2)
        if self.precision == "8bit":
            scores = (products + np.log(variance).sum() + len(mean)) / 2
        else:
            scores = 0.0 - divergences(mean, variance, rows)
        found: NDArray[np.float32] = scores.astype(np.float32)
        return found

    def to_json(self) -> dict[str, Any]:
        return {"kind": "gaussian", **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GaussianEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "a gaussian encoder")
        return cls(**data)

    def documents(self, texts: Sequence[str]) -> DenseVectors:
        mean, variance, truncated, there = self._made(texts, query=False)
        rows = np.zeros((len(texts), self.width), np.float32)
        rows[there] = document_vectors(mean, variance)
        for row, why in unfit(rows, self.precision).items():
            raise InputError(f"{self.spec!r} makes an unfit vector of the text {texts[row][:60]!r}: {why}")
        return DenseVectors(rows, truncated)

    def queries(self, texts: Sequence[str]) -> DenseVectors:
        """The queries' vectors; `variance`: the Euclidean length of each one's variances, said to be larger the better
        a query can be answered (the same paper, section 5)."""
        mean, variance, truncated, there = self._made(texts, query=True)
        rows, gaussians = np.zeros((len(texts), self.width), np.float32), np.zeros((len(texts), self.width - 1))
        rows[there] = query_vectors(mean, variance)
        gaussians[there] = np.concatenate([mean, variance], axis=1)
        return DenseVectors(rows, truncated, gaussians)

    def settled(self) -> GaussianEncoder:
        """The encoder with its model's folder, dimension and fingerprint; loads the model."""
        model = self._loaded()
        return replace(self, model=placed(self.model), dim=model.width + 1, fingerprint=model.fingerprint)

    def opened_as(self, wanted: VectorEncoder) -> GaussianEncoder | None:
        """As DenseEncoder: the one that says where the model stands now."""
        found: GaussianEncoder | None = elsewhere(self, wanted)
        return found

    def _made(
        self, texts: Sequence[str], *, query: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
        """(means, variances, both (n, k), of the texts with a word; which were too long; the places of those texts)."""
        made, truncated = self._loaded().raw(texts, query=query, prompt=VARIANCE_TOKEN)
        there = np.array([i for i, text in enumerate(texts) if text.strip()], np.int64)
        for row, why in unfit(made).items():
            raise InputError(f"{self.spec!r} makes an unfit vector of the text {texts[row][:60]!r}: {why}")
        mean, variance = np.split(made[there].astype(np.float64), 2, axis=1)
        return mean, variance, truncated, there

    def _loaded(self) -> DenseModel:
        """The model; EncoderMismatch if it is not the one that the collection was made with."""
        model = load_model(self.model, "gaussian", None)
        if self.fingerprint and (model.width + 1, model.fingerprint) != (self.dim, self.fingerprint):
            raise EncoderMismatch(
                f"{self.spec!r} is another model than the one that made the leg: it has {model.width + 1} dimensions "
                f"and the fingerprint {model.fingerprint}, the leg's had {self.dim} and {self.fingerprint}; index the "
                f"documents anew"
            )
        return model


def document_vectors(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 (n, 2 k + 1): [gamma, -1 / variance, 2 mean / variance], gamma = -sum(ln variance + mean^2 / variance).

    The inner product with a query's [1, variance + mean^2, mean] is -2 KL(query || document), less what depends on the
    query alone. The trace stands as a sum of ratios, not as the ratio of products that the paper prints.

    In float32 the product is within 2^-22 of the sum of the sizes of its parts. So what it says of a divergence has a
    relative error of 1e-5 or less where that is a fortieth of that sum or more, and less of it is right where two
    Gaussians nearly coincide, or variances are tiny beside squared means: that is good enough to find hits, and
    `divergences` scores them.
    """
    precise, pull = _kept(mean, variance)
    gamma = (np.log(precise) - pull * pull / (4 * precise)).sum(axis=1, keepdims=True)
    return np.concatenate([gamma, -precise, pull], axis=1).astype(np.float32)


def _kept(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(1 / variance, 2 mean / variance) as float32 numbers that say the Gaussian best.

    A mean many deviations from zero has an error of many times 2^-24 of a deviation in the second number. So that is
    made with one of the float32 neighbours of 1 / variance: where the larger of the two parameters' errors is least.
    """
    nearest = (1 / variance).astype(np.float32)
    best = np.full(mean.shape, np.inf)
    precise, pull = np.empty(mean.shape), np.empty(mean.shape)
    for step in range(-NEIGHBOURS, NEIGHBOURS + 1):
        one = (nearest.view(np.int32) + np.int32(step)).view(np.float32).astype(np.float64)
        other = (2 * mean * one).astype(np.float32).astype(np.float64)
        wrong = np.maximum(np.abs(variance * one - 1), np.abs(other / (2 * one) - mean) * np.sqrt(one))
        better = wrong < best
        best[better], precise[better], pull[better] = wrong[better], one[better], other[better]
    return precise, pull


def query_vectors(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float32]:
    """float32 (n, 2 k + 1): [1, variance + mean^2, mean]."""
    ones = np.ones((len(mean), 1))
    return np.concatenate([ones, variance + mean * mean, mean], axis=1).astype(np.float32)


def divergences(
    mean: NDArray[np.float64], variance: NDArray[np.float64], rows: NDArray[np.float32]
) -> NDArray[np.float64]:
    """float64 (n): KL(query || document) of documents by their `document_vectors`, (n, 2 k + 1).

    mean, variance: of one query (k), or of one for each document (n, k).

    The last 2 k numbers of a row are a Gaussian to 2^-24 each. Here no large numbers cancel: the sum over dimensions of
    x - ln(1 + x) + (mean - m)^2 / v, halved, where v and m are the document's and x = variance / v - 1, has no part
    below zero.
    """
    k = mean.shape[-1]
    precise = np.maximum(-rows[:, 1 : k + 1].astype(np.float64), LEAST)  # 1 / v
    beyond = variance * precise - 1
    apart = mean - rows[:, k + 1 :] / (2 * precise)
    found: NDArray[np.float64] = 0.5 * (beyond - np.log1p(beyond) + apart * apart * precise).sum(axis=1)
    return found
