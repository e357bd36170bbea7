"""Learned sparse vectors: SPLADE and its kin, uniCOIL, inference-free models, sparse autoencoders.

A text is a weight for each of some tokens (or other units) of a model's vocabulary; a score is the inner product, by
the same inverted lists that keep given vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.given import PRECISIONS, GivenEncoder
from numen.encode.given_vectors import GivenVectors
from numen.encode.model_folder import placed
from numen.encode.of_model import Held, check_same, elsewhere
from numen.encode.sparse_model import SparseModel
from numen.encode.sparse_pruning import pruned
from numen.encode.stored_fields import check_fields
from numen.errors import OptionError, nearest
from numen.index.rows import DocValues, Form, Rows

__all__ = ["LearnedSparse", "SparseCounter"]

VECTORS = GivenEncoder()
"""How weighted terms become a query, whoever made them."""


@dataclass(frozen=True)
class LearnedSparse:
    """A leg whose sparse vectors a model makes of the texts.

    model: a folder, or a name on the hub. top: each document keeps its so many largest weights, all if None.
    threshold: weights below it are left out of documents. query_top: as `top`, for queries. precision: as for given
    vectors. vocabulary, fingerprint: what a leg remembers of its model; 0 and empty until `settled`. Encoders are equal
    if they name the same model and options.
    """

    model: str
    top: int | None = None
    threshold: float = 0.0
    query_top: int | None = None
    precision: str = "float32"
    vocabulary: int = field(default=0, compare=False)
    fingerprint: str = field(default="", compare=False)
    held: Held[SparseModel] = field(default_factory=Held, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionError("sparse: names no model; write sparse:FOLDER, or sparse:OWNER/NAME for one on the hub")
        for name in ("top", "query_top"):
            if (value := getattr(self, name)) is not None and (type(value) is not int or value < 1):
                raise OptionError(f"{name} is {value!r}; it must be a whole number of weights, 1 or more")
        if not 0 <= self.threshold < float("inf"):
            raise OptionError(f"threshold is {self.threshold!r}; it must be a weight, 0 or more")
        if self.precision not in PRECISIONS:
            raise OptionError(f"precision is {self.precision!r}; {nearest(str(self.precision), PRECISIONS)}")

    @property
    def spec(self) -> str:
        """`sparse:MODEL`, followed by what differs from the defaults."""
        options = [f"{name}={value}" for name, value in self._options().items() if value != DEFAULTS[name]]
        return ",".join([f"sparse:{self.model}", *options])

    @property
    def form(self) -> Form:
        """ "product", or with 8 bits "scaled"."""
        return "product" if self.precision == "float32" else "scaled"

    def to_json(self) -> dict[str, Any]:
        known = {"vocabulary": self.vocabulary, "fingerprint": self.fingerprint}
        return {"kind": "sparse", "model": self.model, **self._options(), **known}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LearnedSparse:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls) if one.name != "held"], "a sparse encoder")
        return cls(**data)

    def loaded(self) -> SparseModel:
        """The model, loaded when first asked for. ModelError, MissingExtra; EncoderMismatch where it is not the one
        that the leg was made with."""
        return self.held.get(self._load)

    def settled(self) -> LearnedSparse:
        """The same with vocabulary and fingerprint; loads the model."""
        found = self.loaded()
        return replace(self, model=placed(self.model), vocabulary=found.dim, fingerprint=found.fingerprint)

    def opened_as(self, wanted: LearnedSparse) -> LearnedSparse | None:
        """The encoder to go on with where `wanted` is asked for: its model may lie elsewhere, if it is the same model,
        used alike; None if it is another."""
        found: LearnedSparse | None = elsewhere(self, wanted)
        return found

    def counter(self) -> SparseCounter:
        return SparseCounter(self)

    def query(self, texts: Sequence[str]) -> QueryCounts:
        vectors, _ = self.loaded().encode(texts, query=True)
        if self.query_top is not None:
            vectors = pruned(vectors, self.query_top, float("-inf"))
        return VECTORS.query_of(vectors)

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The query's own weights; no statistics take part."""
        return VECTORS.weigh(query, frequencies, statistics, bm25)

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        """The scales with 8 bits; else ones."""
        return stored.view(np.float32) if self.form == "scaled" else np.ones(len(stored), np.float32)

    def named(self, key: str) -> str:
        """The token that a key of the index stands for."""
        return self.loaded().token(int(key))

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in DEFAULTS}

    def _load(self) -> SparseModel:
        found = SparseModel(self.model)
        check_same(self.model, (self.fingerprint, self.vocabulary), (found.fingerprint, found.dim))
        return found


DEFAULTS: dict[str, Any] = {
    one.name: one.default for one in fields(LearnedSparse) if one.name in ("top", "threshold", "query_top", "precision")
}
"""The options of an encoder's string."""


class SparseCounter:
    """Makes rows of texts for one segment.

    truncated: how many texts so far were longer than the model reads, and lost their end.
    """

    def __init__(self, encoder: LearnedSparse) -> None:
        self._encoder = encoder
        self.truncated = 0

    def count(self, texts: Sequence[str]) -> Rows:
        """The rows of the next documents; doc_values are numbers of entries."""
        vectors, cut = self._encoder.loaded().encode(texts, query=False)
        self.truncated += cut
        kept: GivenVectors = pruned(vectors, self._encoder.top, self._encoder.threshold)
        return Rows(kept.starts, kept.numbers, kept.values, np.diff(kept.starts).astype(np.uint32))

    def split(self, parts: int) -> list[SparseCounter]:
        """Itself: the model uses all cores by itself."""
        return [self]

    def vocabulary(self) -> None:
        """None: the numbers are the keys."""
        return
