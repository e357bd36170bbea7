"""Dense vectors that a sentence-transformers model makes of texts: GTR, ANCE, E5, MiniLM and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from numen.encode.dense_model import POOLINGS, DenseModel, load_model
from numen.encode.dense_vectors import DenseVectors
from numen.encode.model_folder import placed
from numen.encode.of_model import elsewhere
from numen.encode.stored_fields import check_fields
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import EncoderMismatch, OptionError, nearest
from numen.index.flat import PRECISIONS

__all__ = ["BACKENDS", "DenseEncoder"]

BACKENDS = ("torch", "onnx", "openvino")


@dataclass(frozen=True)
class DenseEncoder(VectorEncoder):
    """A leg whose vectors a model makes.

    model: a folder in sentence-transformers' format, or a name on the hub. precision: how the index keeps vectors
    (numen.index.flat). backend: "torch", "onnx" or "openvino", as the library offers them. query_prompt,
    document_prompt: what is put before each text, where the model's own settings do not say it. pooling: for a plain
    transformer, how tokens become a vector: "mean", "cls", "max" or "lasttoken"; None for a model that says it.
    Similarity, normalisation and maximum length are the model's own.

    dim, fingerprint: of the model that a collection was made with, so that another is noticed; 0 and "" as long as no
    model was loaded. Encoders are equal whatever these say.
    """

    model: str
    precision: str = "float32"
    backend: str = "torch"
    query_prompt: str | None = None
    document_prompt: str | None = None
    pooling: str | None = None
    dim: int = field(default=0, compare=False)
    fingerprint: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.model:
            raise OptionError("'dense' needs a model: dense:FOLDER, or dense:ORGANISATION/NAME on the hub")
        for name, value, legal in (
            ("precision", self.precision, PRECISIONS),
            ("backend", self.backend, BACKENDS),
            ("pooling", self.pooling, (None, *POOLINGS)),
        ):
            if value not in legal:
                raise OptionError(f"{name} is {value!r}; {nearest(str(value), [one for one in legal if one])}")

    @property
    def spec(self) -> str:
        """`dense:MODEL`, followed by what differs from the defaults."""
        options = [("precision", self.precision, "float32"), ("backend", self.backend, "torch")]
        parts = [f"{name}={value}" for name, value, usual in options if value != usual]
        for name in ("query_prompt", "document_prompt"):
            if (prompt := getattr(self, name)) is not None:
                parts.append(f'{name}="{prompt}"')
        if self.pooling is not None:
            parts.append(f"pooling={self.pooling}")
        return ",".join([f"dense:{self.model}", *parts])

    @property
    def width(self) -> int:
        return self.dim or self._loaded().width

    @property
    def kept_as(self) -> str:
        return self.precision

    @property
    def measure(self) -> str:
        return "cosine" if self._loaded().similarity == "cosine" else "inner product"

    def to_json(self) -> dict[str, Any]:
        return {"kind": "dense", **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DenseEncoder:
        """The encoder of `to_json` (without its kind); OptionError for an unknown field."""
        check_fields(data, [one.name for one in fields(cls)], "a dense encoder")
        return cls(**data)

    def documents(self, texts: Sequence[str]) -> DenseVectors:
        return self._loaded().encode(texts, query=False, prompt=self.document_prompt, precision=self.precision)

    def queries(self, texts: Sequence[str]) -> DenseVectors:
        return self._loaded().encode(texts, query=True, prompt=self.query_prompt, precision="float32")

    def settled(self) -> DenseEncoder:
        """The encoder with its model's folder, dimension and fingerprint; loads the model."""
        model = self._loaded()
        return replace(self, model=placed(self.model), dim=model.width, fingerprint=model.fingerprint)

    def opened_as(self, wanted: VectorEncoder) -> DenseEncoder | None:
        """The encoder to go on with: where the model stands elsewhere now, the one that says where."""
        found: DenseEncoder | None = elsewhere(self, wanted)
        return found

    def _loaded(self) -> DenseModel:
        """The model; EncoderMismatch if it is not the one that the collection was made with."""
        model = load_model(self.model, self.backend, self.pooling)
        if self.fingerprint and (model.width, model.fingerprint) != (self.dim, self.fingerprint):
            raise EncoderMismatch(
                f"{self.spec!r} is another model than the one that made the leg: it has {model.width} dimensions and "
                f"the fingerprint {model.fingerprint}, the leg's had {self.dim} and {self.fingerprint}; index the "
                f"documents anew"
            )
        return model
