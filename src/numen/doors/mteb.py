"""numen on MTEB's tasks: as a search model, for retrieval, and as an encoder, for everything that takes vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode import parse_encoder
from numen.encode.hashed import HashedEncoder
from numen.errors import InputError, MissingExtra, OptionError
from numen.search import Collection

try:
    from mteb.models.model_meta import ModelMeta
except ImportError as error:
    raise MissingExtra("mteb", "mteb", "a model of MTEB") from error

__all__ = ["NumenEncoder", "NumenSearch"]


class NumenSearch:
    """A collection that `mteb.evaluate` indexes and searches, as its SearchProtocol asks.

    legs: name -> encoder, as `Collection.create` takes them. options: what else a search takes: fuse, feedback, bm25.
    """

    def __init__(self, legs: Mapping[str, str] | None = None, **options: Any) -> None:
        self.legs = dict(legs or {"words": "auto"})
        self.options = options
        self._collection: Collection | None = None

    @property
    def mteb_model_meta(self) -> ModelMeta:
        return _meta("search-" + "+".join(spec.replace(":", "-") for spec in self.legs.values()), "sparse", None)

    def index(self, corpus: Iterable[Mapping[str, Any]], **how: Any) -> None:
        """Make a collection of the corpus, in memory."""
        self._collection = Collection.create(legs=self.legs)
        self._collection.add(
            {"id": str(one["id"]), "title": one.get("title") or "", "text": one["text"]} for one in corpus
        )

    def search(
        self,
        queries: Any,
        *,
        top_k: int,
        top_ranked: Mapping[str, list[str]] | None = None,
        **how: Any,
    ) -> dict[str, dict[str, float]]:
        """Query id -> document id -> score; with top_ranked, of those documents alone."""
        if self._collection is None:
            raise InputError("nothing is indexed; call index first")
        ids, texts = [str(id) for id in queries["id"]], list(queries["text"])
        depth = top_k if top_ranked is None else max(top_k, len(self._collection))
        ranked = self._collection.rank_many(texts, depth, **self.options)
        out: dict[str, dict[str, float]] = {}
        for id, pairs in zip(ids, ranked, strict=True):
            wanted = None if top_ranked is None else set(top_ranked.get(id, ()))
            kept = [(doc, score) for doc, score in pairs if wanted is None or doc in wanted]
            out[id] = dict(kept[:top_k])
        return out


class NumenEncoder:
    """Hashed character n-grams as dense vectors, as MTEB's EncoderProtocol asks; similarity is the inner product.

    encoder: "numen:DIM"; a vector takes 4 * DIM bytes, so keep it to some thousand dimensions.
    """

    def __init__(self, encoder: str = "numen:4096", revision: str | None = None, **given: Any) -> None:
        parsed = parse_encoder(encoder)
        if not isinstance(parsed, HashedEncoder):
            raise OptionError(f"encoder is {encoder!r}; it must be numen or numen:DIM")
        self._encoder = parsed

    @property
    def mteb_model_meta(self) -> ModelMeta:
        return _meta(f"hashed-{self._encoder.dim}", "dense", self._encoder.dim)

    def encode(self, inputs: Iterable[Mapping[str, Any]], **how: Any) -> NDArray[np.float32]:
        """float32 (number of texts, dimensions), rows of length 1; inputs: batches with the key `text`."""
        parts = []
        for batch in inputs:
            found = self._encoder.encode(list(batch["text"]))
            dense = np.zeros((len(found), self._encoder.dim), np.float32)
            dense[np.repeat(np.arange(len(found)), np.diff(found.indptr)), found.indices] = found.values
            parts.append(dense)
        return np.concatenate(parts) if parts else np.zeros((0, self._encoder.dim), np.float32)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        import torch

        return torch.from_numpy(np.atleast_2d(np.asarray(embeddings1)) @ np.atleast_2d(np.asarray(embeddings2)).T)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        import torch

        return torch.from_numpy((np.asarray(embeddings1) * np.asarray(embeddings2)).sum(axis=-1))


def _meta(name: str, kind: str, dim: int | None) -> ModelMeta:
    """What MTEB writes beside the results."""
    from numen import __version__

    given: dict[str, Any] = dict.fromkeys(ModelMeta.model_fields)
    given.update(
        loader=None,
        name=f"numen/{name}",
        revision=__version__,
        release_date="2026-11-21",
        languages=None,
        model_type=[kind],
        n_parameters=0,
        n_embedding_parameters=0,
        embed_dim=dim,
        open_weights=True,
        license="apache-2.0",
        framework=[],
        use_instructions=False,
        similarity_fn_name="dot" if dim else None,
        loader_kwargs={},
    )
    return ModelMeta(**{key: value for key, value in given.items() if key in ModelMeta.model_fields})
