"""A loaded model that makes a vector of each token: ColBERT and its kin, or any transformer's own token vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.model_folder import fingerprint, loading, model_folder, read_json, require
from numen.encode.token_batches import batches_of_tokens, run_halving
from numen.encode.token_vectors import TokenVectors
from numen.errors import MissingExtra, ModelError

__all__ = ["MultiModel"]

BATCH_TOKENS = 8_192
"""Tokens read at once."""

LATE_TYPES = ("MultiVectorEncoder", "ColBERT")
"""What config_sentence_transformers.json calls models of token vectors: sentence-transformers, and PyLate."""

STANFORD = "HF_ColBERT"
"""What config.json says of a checkpoint of colbert-ir."""

LATE_SUFFIX = "ForRetrieval"
"""How transformers calls its own models of token vectors: ColPali and its kin."""

MOST_TOKENS = 1 << 30
"""Of a model that reads texts of any length."""


class MultiModel:
    """Reads texts, one batch at a time; any thread may ask.

    dim: numbers in a token's vector. fingerprint: of the model's files (numen.encode.model_folder).
    """

    def __init__(self, name: str) -> None:
        """Load it from a folder or the hub, in the formats of sentence-transformers, PyLate, colbert-ir. Of any other
        model: its token vectors themselves, at length 1, without a projection. ModelError, MissingExtra."""
        require(f"multi:{name}")
        folder = model_folder(name)
        self._name = name
        self._lock = Lock()
        with loading(name):
            self._model = _load(folder)
            self.dim = int(self._model.get_embedding_dimension())
        self.fingerprint = fingerprint(folder)

    def encode(self, texts: Sequence[str], *, query: bool, pool: int = 1) -> TokenVectors:
        """The token vectors of texts; a blank text has none.

        pool: documents' tokens are gathered by likeness into about a pool-th as many means (Clavié, Chaffin and Adams,
        2024, arXiv 2409.14683). ModelError for numbers that are none.
        """
        filled = np.array([i for i, text in enumerate(texts) if text.strip()], np.int64)
        found: list[NDArray[np.float32]] = [np.empty((0, self.dim), np.float32)] * len(texts)
        truncated = np.zeros(len(texts), np.bool_)
        with self._lock:
            lengths, cut = self._lengths([texts[place] for place in filled.tolist()], query)
            truncated[filled] = cut
            for chosen in batches_of_tokens(lengths, BATCH_TOKENS):
                places = filled[chosen].tolist()
                some = [texts[place] for place in places]
                parts = run_halving(lambda part: self._vectors(list(part), query, pool), some)
                for place, vectors in zip(places, (one for part in parts for one in part), strict=True):
                    found[place] = vectors
        made = TokenVectors.of(found, self.dim)
        if not np.isfinite(made.rows).all():
            raise ModelError(f"the model {self._name} gives vectors with numbers that are none (NaN or infinite)")
        return replace(made, truncated=truncated)

    def tokens(self, text: str, *, query: bool) -> list[str]:
        """The tokens that the vectors of a text are of; empty where that cannot be told."""
        if not text.strip():
            return []
        encode = self._model.encode_query if query else self._model.encode_document
        with self._lock:
            out = encode([text], output_value=None, show_progress_bar=False)[0]
        ids, kept = out.get("input_ids"), out.get("attention_mask")
        if ids is None or kept is None or len(ids) != len(kept):
            return []
        names: list[str] = self._model.tokenizer.convert_ids_to_tokens(ids[kept.bool()].tolist())
        return names

    def _vectors(self, texts: list[str], query: bool, pool: int) -> list[NDArray[np.float32]]:
        encode = self._model.encode_query if query else self._model.encode_document
        options: dict[str, Any] = {}
        if pool > 1 and not query:
            from sentence_transformers.multi_vector_encoder.modules import HierarchicalTokenPooling

            options["token_pooling"] = HierarchicalTokenPooling(pool)
        made = encode(texts, batch_size=len(texts), show_progress_bar=False, **options)
        out = [np.ascontiguousarray(one.float().cpu().numpy(), np.float32) for one in made]
        return [_unit(one) for one in out] if pool > 1 and not query else out

    def _lengths(self, texts: Sequence[str], query: bool) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(tokens of each text as they are read; which texts are cut). Of queries about, and none cut."""
        first = self._model[0]
        tokenizer = getattr(first, "tokenizer", None)
        if query or tokenizer is None or not texts:
            return np.array([len(text) // 3 + 2 for text in texts], np.int64), np.zeros(len(texts), np.bool_)
        longest = getattr(first, "document_length", None) or getattr(first, "max_seq_length", None) or MOST_TOKENS
        prompt = (self._model.prompts or {}).get("document") or ""
        read = tokenizer([prompt + text for text in texts], truncation=False, padding=False, verbose=False)
        lengths = np.array([len(ids) for ids in read["input_ids"]], np.int64)
        return np.minimum(lengths, longest), lengths > longest


def _load(folder: Path) -> Any:
    try:
        from sentence_transformers import MultiVectorEncoder
    except ImportError:
        raise MissingExtra("sentence-transformers>=6", "neural", "a leg of token vectors") from None
    settings = read_json(folder / "config_sentence_transformers.json") or {}
    config = read_json(folder / "config.json") or {}
    architectures = [str(one) for one in config.get("architectures") or []]
    if (
        settings.get("model_type") in LATE_TYPES
        or STANFORD in architectures
        or any(one.endswith(LATE_SUFFIX) for one in architectures)
        or _projects_tokens(folder)
    ):
        return MultiVectorEncoder(str(folder), local_files_only=True)
    from sentence_transformers.base.modules import Normalize
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    last = Normalize(module_input_name="token_embeddings", module_output_name="token_embeddings")
    return MultiVectorEncoder(modules=[_transformer(folder), MultiVectorMask(), last])


def _projects_tokens(folder: Path) -> bool:
    """Whether a folder is one of PyLate's that does not say so: its projection is a class of PyLate's."""
    modules = read_json(folder / "modules.json")
    return isinstance(modules, list) and any("pylate" in str(one.get("type", "")) for one in modules)


def _transformer(folder: Path) -> Any:
    """The transformer of a model of sentence-transformers, which reads texts as that model does, or one by itself."""
    if (folder / "modules.json").is_file():
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(folder), local_files_only=True)[0]
    from sentence_transformers.base.modules import Transformer

    return Transformer(str(folder))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64)).astype(np.float32)
    out = np.empty_like(rows)
    np.divide(rows, np.where(lengths > 0, lengths, np.float32(1))[:, None], out=out)
    return out
