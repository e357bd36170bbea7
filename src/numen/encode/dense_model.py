"""A sentence-transformers model, loaded once a process, and texts through it in batches of about equal work."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.dense_vectors import DenseVectors, unfit, unit
from numen.encode.model_folder import MODULES, loading, model_folder, read_json, require
from numen.errors import InputError, MissingExtra, ModelError, OptionError

__all__ = ["DenseModel", "load_model", "token_batches"]

TOKENS = 8_192
"""Tokens of a batch, padding included: more gain nothing on a CPU, and little on an accelerator."""

MOST_TEXTS = 512
"""Texts of a batch, however short they are."""

CHARACTERS_A_TOKEN = 40
"""Of a text longer than this for each token that a model reads, the beginning alone is looked at first."""

SAMPLE = 64
"""Numbers of each array of weights that a fingerprint is made of, evenly spread."""

GAUSSIAN = "gaussian"
"""In the place of a backend: torch, with the heads of numen.encode.gaussian_heads on top."""

POOLINGS = ("mean", "cls", "max", "lasttoken")


class DenseModel:
    """A loaded model; any thread may ask it, one at a time is answered."""

    def __init__(self, name: str, backend: str, pooling: str | None) -> None:
        """Use `load_model`, which keeps what it loads."""
        self._name = name
        self._turn = threading.Lock()
        self._model = _loaded(name, backend, pooling)
        self.similarity = str(self._model.similarity_fn_name) if backend != GAUSSIAN else "dot"
        if self.similarity not in ("cosine", "dot"):
            raise OptionError(
                f"the model {name!r} compares by {self.similarity} distance; a dense leg takes cosine or dot similarity"
            )
        width = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        self.width = int(width())
        self.longest: int | None = self._model.max_seq_length
        self.fingerprint = self._fingerprint()

    def encode(self, texts: Sequence[str], *, query: bool, prompt: str | None, precision: str) -> DenseVectors:
        """The vectors of texts, zeros for one of white space alone; at length 1 where the model compares by cosine.

        prompt: what is put before each text; None for what the model itself says. Raises InputError where the model
        makes a number that is not finite, or too large for the precision.
        """
        rows, truncated = self.raw(texts, query=query, prompt=self._prompt(query) if prompt is None else prompt)
        for row, why in unfit(rows, precision).items():
            raise InputError(f"the model {self._name!r} makes an unfit vector of the text {texts[row][:60]!r}: {why}")
        return DenseVectors(unit(rows) if self.similarity == "cosine" else rows, truncated)

    def raw(self, texts: Sequence[str], *, query: bool, prompt: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(float32 (n, width), as the model makes them; which texts were longer than it reads)."""
        lengths, read, truncated = self._measured(texts, prompt)
        rows = np.zeros((len(texts), self.width), np.float32)
        for batch in token_batches(lengths, self.longest or TOKENS):
            rows[batch] = self._encoded([read[i] for i in batch], query, prompt)
        return rows, truncated

    def _prompt(self, query: bool) -> str:
        """What the model says is put before a query or a document."""
        prompts = self._model.prompts
        names = ("query",) if query else ("document", "passage", "corpus")
        return next((prompts[name] for name in names if prompts.get(name)), "")

    def _measured(self, texts: Sequence[str], prompt: str) -> tuple[list[int], list[str], NDArray[np.bool_]]:
        """(tokens of each text that are read, 0 where there is nothing to read; the texts, long ones cut where nothing
        is read any more; which of them are longer than what is read)."""
        read = list(texts)
        lengths = [0] * len(texts)
        truncated = np.zeros(len(texts), np.bool_)
        asked = [i for i, text in enumerate(texts) if text.strip()]
        longest = self.longest
        if longest is not None:
            for i in asked:
                if len(texts[i]) > CHARACTERS_A_TOKEN * longest:
                    begin = texts[i][: CHARACTERS_A_TOKEN * longest]
                    if self._tokens([prompt + begin])[0] > longest:  # else some word of it is longer still
                        read[i] = begin
        for i, length in zip(asked, self._tokens([prompt + read[i] for i in asked]), strict=True):
            truncated[i] = longest is not None and length > longest
            lengths[i] = max(1, length if longest is None else min(length, longest))
        return lengths, read, truncated

    def _tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, special ones included."""
        tokenizer = self._model.tokenizer
        if not texts:
            return []
        if not hasattr(tokenizer, "model_input_names"):  # static embeddings read every token
            return [len(text.split()) for text in texts]
        with self._turn:
            found = tokenizer(list(texts), truncation=False, padding=False, return_attention_mask=False, verbose=False)
        return [len(ids) for ids in found["input_ids"]]

    def _encoded(self, texts: Sequence[str], query: bool, prompt: str) -> NDArray[np.float32]:
        """float32 (n, width), as the model makes them; a batch for which memory does not suffice is halved."""
        encode = self._model.encode_query if query else self._model.encode_document
        try:
            with self._turn:
                made = encode(list(texts), prompt=prompt, batch_size=len(texts), show_progress_bar=False)
            return np.asarray(made, np.float32)
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            if len(texts) == 1:
                raise InputError(
                    f"memory does not suffice for the model {self._name!r} and a single text of {len(texts[0]):,} "
                    f"characters; take a smaller model"
                ) from error
        half = len(texts) // 2
        return np.concatenate([self._encoded(part, query, prompt) for part in (texts[:half], texts[half:])])

    def _fingerprint(self) -> str:
        """What tells this model from another: a hash of how it makes vectors and of a sample of its weights."""
        model = self._model
        pooling = [str(module.pooling_mode) for module in model if hasattr(module, "pooling_mode")]
        digest = hashlib.sha256(repr((self.width, self.similarity, self.longest, pooling)).encode())
        for name, weights in sorted(model.state_dict().items()):
            flat = weights.detach().reshape(-1)
            step = max(1, len(flat) // SAMPLE)
            sample = flat[::step][:SAMPLE].float().cpu().numpy()
            digest.update(f"{name.rpartition('.')[2]} {tuple(weights.shape)}".encode() + sample.tobytes())
        return digest.hexdigest()[:16]


@lru_cache(maxsize=4)
def load_model(model: str, backend: str, pooling: str | None) -> DenseModel:
    """The model of this name or folder, loaded at the first call. Raises InputError, MissingExtra, OptionError."""
    return DenseModel(model, backend, pooling)


def token_batches(lengths: Sequence[int], longest: int) -> Iterator[list[int]]:
    """The places of texts in batches, longest first: tokens with padding stay within TOKENS, or it is a single text.

    lengths: tokens of each text; one of 0 is in no batch. longest: what a model reads at most.
    """
    order = sorted((i for i, length in enumerate(lengths) if length), key=lambda i: (-lengths[i], i))
    at = 0
    while at < len(order):
        width = min(lengths[order[at]], longest)
        size = max(1, min(MOST_TEXTS, TOKENS // width))
        yield order[at : at + size]
        at += size


def _loaded(name: str, backend: str, pooling: str | None) -> Any:
    """A SentenceTransformer; ModelError for what is no such model, or cannot be had."""
    kind = GAUSSIAN if backend == GAUSSIAN else "dense"
    require(f"the encoder '{kind}:{name}'")
    folder = model_folder(name, backend)
    library: Any = import_module("sentence_transformers")
    modules: Any = import_module("sentence_transformers.sentence_transformer.modules")
    listed = read_json(folder / MODULES)
    if listed is None and pooling is None:
        raise ModelError(
            f"{name} is half of a model: without {MODULES} nothing says how tokens become a vector. If it holds a "
            f"plain transformer, say so: dense:{name},pooling=cls (or mean, max, lasttoken)"
        )
    with loading(name):
        if backend == GAUSSIAN:
            return _with_heads(library, modules, name, folder, listed)
        try:
            if pooling is None:
                return library.SentenceTransformer(str(folder), backend=backend)
            transformer = modules.Transformer(str(folder), backend=backend)
            pooled = modules.Pooling(transformer.get_embedding_dimension(), pooling)
            return library.SentenceTransformer(modules=[transformer, pooled])
        except ImportError as error:
            raise MissingExtra("optimum", "onnx", f"backend={backend} of the encoder 'dense:{name}'") from error


def _with_heads(library: Any, modules: Any, name: str, folder: Path, listed: Any) -> Any:
    """A SentenceTransformer of a transformer and Gaussian heads; ModelError where a folder has none."""
    from numen.encode.gaussian_heads import GaussianHeads

    heads = [one["path"] for one in listed or () if str(one.get("type")).endswith(f".{GaussianHeads.__name__}")]
    if not heads:
        raise ModelError(
            f"{name} has no Gaussian heads: its {MODULES} names none; make some with "
            f"numen.encode.gaussian_heads.make_gaussian, or use dense:{name}"
        )
    first = modules.Transformer(str(folder))
    return library.SentenceTransformer(modules=[first, GaussianHeads.load(str(folder), heads[0])])


def _out_of_memory(error: Exception) -> bool:
    """Whether torch, or Python, could not get the memory that it asked for."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in said or "can't allocate memory" in said
