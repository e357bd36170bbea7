"""Dense vectors that the caller makes: no text is read, the score is the inner product or the cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from numen.encode.dense_vectors import DenseVectors
from numen.encode.stored_fields import check_fields
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import InputError, OptionError, nearest
from numen.index.flat import PRECISIONS

__all__ = ["MAX_WIDTH", "SIMILARITIES", "GivenDenseEncoder"]

MAX_WIDTH = 1 << 16
"""Numbers in a dense vector; wider ones are sparse, or should be."""

SIMILARITIES = ("dot", "cosine")


@dataclass(frozen=True)
class GivenDenseEncoder(VectorEncoder):
    """A leg whose dense vectors come with the documents and the queries.

    dim: numbers in a vector, 1 to 65,536. precision: how the index keeps them (numen.index.flat). similarity: "dot",
    the inner product of the vectors as they are, or "cosine", for which both sides are brought to length 1.
    """

    dim: int
    precision: str = "float32"
    similarity: str = "dot"

    def __post_init__(self) -> None:
        if isinstance(self.dim, bool) or not isinstance(self.dim, int) or not 1 <= self.dim <= MAX_WIDTH:
            raise OptionError(
                f"dim is {self.dim!r}; dense vectors have a whole number of dimensions, 1 to {MAX_WIDTH:,}"
            )
        if self.precision not in PRECISIONS:
            raise OptionError(f"precision is {self.precision!r}; {nearest(str(self.precision), PRECISIONS)}")
        if self.similarity not in SIMILARITIES:
            raise OptionError(f"similarity is {self.similarity!r}; {nearest(str(self.similarity), SIMILARITIES)}")

    @property
    def spec(self) -> str:
        """`given:dense:DIM`, followed by what differs from the defaults."""
        options = [f"precision={self.precision}"] if self.precision != "float32" else []
        options += [f"similarity={self.similarity}"] if self.similarity != "dot" else []
        return ",".join([f"given:dense:{self.dim}", *options])

    @property
    def width(self) -> int:
        return self.dim

    @property
    def kept_as(self) -> str:
        return self.precision

    @property
    def measure(self) -> str:
        return "cosine" if self.similarity == "cosine" else "inner product"

    def to_json(self) -> dict[str, Any]:
        return {"kind": "given-dense", **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GivenDenseEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "a given-dense encoder")
        return cls(**data)

    def documents(self, texts: Sequence[str]) -> DenseVectors:
        """InputError: a text has no vector here."""
        raise InputError(self._no_text())

    def queries(self, texts: Sequence[str]) -> DenseVectors:
        """InputError: a text has no vector here."""
        raise InputError(self._no_text())

    def _no_text(self) -> str:
        return f"a leg made with {self.spec!r} takes vectors, not texts: pass them as vectors=..."
