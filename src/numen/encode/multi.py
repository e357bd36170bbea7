"""Late interaction: a vector a token, and for each token of the query the most alike token of the document counts.

Khattab and Zaharia, "ColBERT" (SIGIR 2020): the score is the sum, over the query's tokens, of the largest inner product
with any of the document's tokens (MaxSim).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from numen.encode.bm25 import BM25
from numen.encode.dense_vectors import LARGEST_HALF
from numen.encode.encoder import Counter, QueryCounts, Statistics
from numen.encode.model_folder import placed
from numen.encode.multi_model import MultiModel
from numen.encode.of_model import Held, check_same, elsewhere
from numen.encode.stored_fields import check_fields
from numen.encode.token_vectors import TokenVectors
from numen.errors import InputError, ModelError, OptionError, nearest
from numen.index.rows import DocValues, Form

__all__ = ["PRECISIONS", "LateInteraction"]

PRECISIONS = ("float32", "float16", "8bit")
"""How the index keeps a token's numbers: 4 bytes each, 2, or a byte times the token's own scale. What is kept is the
value: searches are exact with it."""


@dataclass(frozen=True)
class LateInteraction:
    """A leg of token vectors by a model.

    model: a folder, or a name on the hub. precision: one of PRECISIONS. pool: documents' tokens are gathered into about
    a pool-th as many. dim, fingerprint: what a leg remembers of its model; 0 and empty until `settled`. Encoders are
    equal if they name the same model and options.
    """

    model: str
    precision: str = "float32"
    pool: int = 1
    dim: int = field(default=0, compare=False)
    fingerprint: str = field(default="", compare=False)
    held: Held[MultiModel] = field(default_factory=Held, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionError("multi: names no model; write multi:FOLDER, or multi:OWNER/NAME for one on the hub")
        if self.precision not in PRECISIONS:
            raise OptionError(f"precision is {self.precision!r}; {nearest(str(self.precision), PRECISIONS)}")
        if type(self.pool) is not int or self.pool < 1:
            raise OptionError(f"pool is {self.pool!r}; it must be a whole number, 1 (all tokens) or more")

    @property
    def spec(self) -> str:
        """`multi:MODEL`, followed by what differs from the defaults."""
        options = [f"precision={self.precision}"] if self.precision != "float32" else []
        options += [f"pool={self.pool}"] if self.pool != 1 else []
        return ",".join([f"multi:{self.model}", *options])

    @property
    def form(self) -> Form:
        """ "tokens": matrices, no lists."""
        return "tokens"

    @property
    def width(self) -> int:
        """Numbers in a token's vector; the model may have to be loaded to know."""
        return self.dim or self.loaded().dim

    def to_json(self) -> dict[str, Any]:
        return {"kind": "multi", **{one.name: getattr(self, one.name) for one in fields(self) if one.name != "held"}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LateInteraction:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls) if one.name != "held"], "a multi encoder")
        return cls(**data)

    def loaded(self) -> MultiModel:
        """The model, loaded when first asked for. ModelError, MissingExtra; EncoderMismatch where it is not the one
        that the leg was made with."""
        return self.held.get(self._load)

    def settled(self) -> LateInteraction:
        """The same with dim and fingerprint; loads the model."""
        found = self.loaded()
        return replace(self, model=placed(self.model), dim=found.dim, fingerprint=found.fingerprint)

    def opened_as(self, wanted: LateInteraction) -> LateInteraction | None:
        """The encoder to go on with where `wanted` is asked for: its model may lie elsewhere, if it is the same model,
        used alike; None if it is another."""
        found: LateInteraction | None = elsewhere(self, wanted)
        return found

    def documents(self, texts: Sequence[str]) -> TokenVectors:
        """The token vectors of documents."""
        made = self.loaded().encode(texts, query=False, pool=self.pool)
        if self.precision == "float16" and np.abs(made.rows).max(initial=0) > LARGEST_HALF:
            raise ModelError(f"the model {self.model} gives numbers beyond {LARGEST_HALF:,.0f}, where float16 ends")
        return made

    def queries(self, texts: Sequence[str]) -> TokenVectors:
        """The token vectors of queries."""
        return self.loaded().encode(texts, query=True)

    def counter(self) -> Counter:
        """InputError: there is nothing to count."""
        self._no_terms()

    def query(self, texts: Sequence[str]) -> QueryCounts:
        """InputError: there are no terms."""
        self._no_terms()

    def weigh(
        self, query: QueryCounts, frequencies: NDArray[np.int64], statistics: Statistics, bm25: BM25 | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """InputError: there are no terms."""
        self._no_terms()

    def doc_values(self, stored: DocValues, statistics: Statistics, bm25: BM25 | None) -> NDArray[np.float32]:
        """InputError: there are no terms."""
        self._no_terms()

    def _no_terms(self) -> NoReturn:
        raise InputError(f"{self.spec!r} makes vectors of tokens, which are no terms")

    def _load(self) -> MultiModel:
        found = MultiModel(self.model)
        check_same(self.model, (self.fingerprint, self.dim), (found.fingerprint, found.dim))
        return found
