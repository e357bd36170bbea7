"""A loaded model that makes sparse vectors of texts: a SparseEncoder of sentence-transformers, or uniCOIL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.given_vectors import GivenVectors
from numen.encode.model_folder import fingerprint, loading, model_folder, read_json, require
from numen.encode.token_batches import batches_of_tokens, run_halving
from numen.encode.unicoil import ARCHITECTURE, UniCoil
from numen.errors import ModelError

__all__ = ["SparseModel"]

BATCH_TOKENS = 2_048
"""Tokens read at once: a masked language model gives a number for each of 30,522 entries of its vocabulary for each of
them, so these are 250 MB."""

SPARSE_MODULES = ("SpladePooling", "SparseAutoEncoder", "SparseStaticEmbedding", "Router")
"""A folder of sentence-transformers without any of these holds no sparse model, and would be given a head drawn at
random."""

SIMILARITIES = ("dot", "cosine")
"""What a sparse leg can score by."""


class SparseModel:
    """Reads texts, one batch at a time; any thread may ask.

    dim: how many numbers a vector can have. fingerprint: of the model's files (numen.encode.model_folder).
    """

    def __init__(self, name: str) -> None:
        """Load it from a folder or the hub. ModelError, MissingExtra."""
        require(f"sparse:{name}")
        folder = model_folder(name)
        self._name = name
        self._lock = Lock()
        self._unicoil: UniCoil | None = None
        self._cosine = False
        architectures = _architectures(folder)
        with loading(name):
            if ARCHITECTURE in architectures:
                self._unicoil = UniCoil(folder)
                self.dim = self._unicoil.dim
            else:
                _check_kind(name, folder, architectures)
                self._model = _load(folder)
                self.dim = _dimensions(self._model, name)
                self._cosine = self._model.similarity_fn_name == "cosine"
        if self._unicoil is None and self._model.similarity_fn_name not in SIMILARITIES:
            raise ModelError(
                f"the model {name} compares by {self._model.similarity_fn_name}; "
                f"a leg can by {' or '.join(SIMILARITIES)}"
            )
        self.fingerprint = fingerprint(folder)

    def encode(self, texts: Sequence[str], *, query: bool) -> tuple[GivenVectors, int]:
        """(the vectors of the texts, numbers ascending in each; how many texts were longer than the model reads).

        Documents alone are counted. A blank text has no entries, whatever the model would say of nothing. ModelError
        for a vector with a number that is none, or documents' below 0.
        """
        filled = np.array([i for i, text in enumerate(texts) if text.strip()], np.int64)
        rows: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = [_NOTHING] * len(texts)
        with self._lock:
            lengths, truncated = self._lengths([texts[place] for place in filled.tolist()], query)
            for chosen in batches_of_tokens(lengths, BATCH_TOKENS):
                places = filled[chosen]
                some = [texts[place] for place in places.tolist()]
                made = np.concatenate(run_halving(lambda part: self._weights(list(part), query), some))
                for place, values in zip(places.tolist(), made, strict=True):
                    used = np.flatnonzero(values)
                    rows[place] = used, values[used]
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(used) for used, _ in rows], out=starts[1:])
        numbers = np.concatenate([_NOTHING[0], *(used for used, _ in rows)]).astype(np.uint32)
        values = np.concatenate([_NOTHING[1], *(worth for _, worth in rows)])
        if not np.isfinite(values).all():
            raise ModelError(f"the model {self._name} gives weights that are no numbers (NaN or infinite)")
        if not query and (values < 0).any():
            raise ModelError(f"the model {self._name} gives documents weights below zero; a sparse leg takes none")
        return GivenVectors(starts, numbers, values), truncated

    def token(self, number: int) -> str:
        """What number `number` of a vector stands for: a token of the vocabulary, or where there is none, itself."""
        tokenizer = self._entry(query=False)[0]
        if tokenizer is None or self._latent or number >= len(tokenizer):
            return str(number)
        return str(tokenizer.convert_ids_to_tokens(number))

    @property
    def _latent(self) -> bool:
        """Whether the numbers are those of an autoencoder, not of tokens."""
        return self._unicoil is None and any(type(one).__name__ == "SparseAutoEncoder" for one in self._model)

    def _weights(self, texts: list[str], query: bool) -> NDArray[np.float32]:
        """float32 (n_texts, dim)."""
        if self._unicoil is not None:
            return self._unicoil.weights(texts)
        encode = self._model.encode_query if query else self._model.encode_document
        made = encode(
            texts, batch_size=len(texts), convert_to_sparse_tensor=False, save_to_cpu=True, show_progress_bar=False
        )
        out: NDArray[np.float32] = made.float().numpy()
        if self._cosine:
            norms = np.sqrt((out * out).sum(axis=1, keepdims=True))
            np.divide(out, norms, out=out, where=norms > 0)
        return out

    def _lengths(self, texts: Sequence[str], query: bool) -> tuple[NDArray[np.int64], int]:
        """(int64: tokens of each text as they are read, how many texts are cut). Of queries about, and none cut."""
        tokenizer, longest, prompt = self._entry(query)
        if query or tokenizer is None or not texts:
            return np.array([len(text) // 3 + 2 for text in texts], np.int64), 0
        read = tokenizer([prompt + text for text in texts], truncation=False, padding=False, verbose=False)
        lengths = np.array([len(ids) for ids in read["input_ids"]], np.int64)
        return np.minimum(lengths, longest), int((lengths > longest).sum())

    def _entry(self, query: bool) -> tuple[Any, int, str]:
        """(the tokenizer of one side, None if unknown; how many tokens it reads; what is put before a text)."""
        if self._unicoil is not None:
            return self._unicoil.tokenizer, self._unicoil.longest, ""
        side = "query" if query else "document"
        first = self._model[0]
        routes = getattr(first, "sub_modules", None)
        if routes is not None:
            first = routes[side][0] if side in routes else first
        longest = getattr(first, "max_seq_length", None) or MOST_TOKENS
        prompts = getattr(self._model, "prompts", {})
        return getattr(first, "tokenizer", None), int(min(longest, MOST_TOKENS)), prompts.get(side) or ""


MOST_TOKENS = 1 << 30
"""Of a model that reads texts of any length."""

_NOTHING = (np.empty(0, np.int64), np.empty(0, np.float32))
"""A row without entries."""


def _architectures(folder: Path) -> list[str]:
    config = read_json(folder / "config.json")
    return list(config.get("architectures") or []) if isinstance(config, dict) else []


def _check_kind(name: str, folder: Path, architectures: Sequence[str]) -> None:
    """ModelError unless the folder holds a model that makes sparse vectors."""
    modules = read_json(folder / "modules.json")
    if isinstance(modules, list):
        types = [str(one.get("type", "")) for one in modules if isinstance(one, dict)]
        settings = read_json(folder / "config_sentence_transformers.json") or {}
        if settings.get("model_type") == "SparseEncoder" or any(t.endswith(SPARSE_MODULES) for t in types):
            return
        raise ModelError(
            f"the model {name} makes no sparse vectors: "
            f"it consists of {', '.join(one.rpartition('.')[2] for one in types)}; for a dense model name dense:{name}"
        )
    if not any(one.endswith("ForMaskedLM") for one in architectures):
        raise ModelError(
            f"the model {name} makes no sparse vectors: it has no head over its vocabulary "
            f"({', '.join(architectures) or 'no architecture named'}; a masked language model has one)"
        )


def _load(folder: Path) -> Any:
    from sentence_transformers import SparseEncoder

    return SparseEncoder(str(folder), local_files_only=True)


def _dimensions(model: Any, name: str) -> int:
    """How many numbers a vector has: by what the model says, or else by what it gives."""
    known = model.get_embedding_dimension()
    if known is None:
        known = model.encode_document(["a"], show_progress_bar=False).shape[1]
    if not known:
        raise ModelError(f"the model {name} does not say how many dimensions it has")
    return int(known)
