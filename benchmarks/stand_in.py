"""Models in the place of real ones: what they make of a text follows from its words by a hash, at no cost.

So legs of dense, Gaussian and token vectors can be changed and killed thousands of times without torch, and a text has
the same vector to the last bit in whatever batch it comes, which no real model promises. Everything but the model is
what users get: the encoders, the index, the searches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from numen.encode import dense, gaussian, multi
from numen.encode.dense_vectors import DenseVectors, unit
from numen.encode.token_vectors import TokenVectors

__all__ = ["MODEL", "VECTOR_LEGS", "stand_ins"]

MODEL = "stand/in"
"""The name by which legs ask for it: as a model on the hub, so no folder is looked for."""

VECTOR_LEGS = {
    "dense": f"dense:{MODEL}",
    "coded": f"dense:{MODEL},precision=int8",
    "halved": f"dense:{MODEL},precision=float16",
    "gauss": f"gaussian:{MODEL}",
    "tokens": f"multi:{MODEL}",
    "rounded-tokens": f"multi:{MODEL},precision=8bit",
}
"""A leg of each kind of vectors that a model makes."""

WIDTH = 24
"""Numbers in a vector; no multiple of 64, the order of summing has a rest."""

MOST_WORDS = 64
"""Words that are read: the text that is longer is cut, as by a real model."""


@lru_cache(maxsize=4_096)
def _vector(word: str) -> NDArray[np.float32]:
    """float32 (WIDTH): by the word alone."""
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)


class _Model:
    """What numen asks of a loaded model of dense or Gaussian vectors (numen.encode.dense_model), or of token vectors
    (numen.encode.multi_model)."""

    similarity = "cosine"
    longest = MOST_WORDS
    fingerprint = "a stand-in"

    def __init__(self, *_: object) -> None:
        self.width = self.dim = WIDTH

    def encode(
        self, texts: Sequence[str], *, query: bool, prompt: str | None = None, precision: str = "float32"
    ) -> DenseVectors:
        """The sums of words' vectors, at length 1."""
        rows, truncated = self.raw(texts, query=query, prompt="")
        return DenseVectors(unit(rows), truncated)

    def raw(self, texts: Sequence[str], *, query: bool, prompt: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The sums of words' vectors, and which texts had too many words."""
        rows = np.zeros((len(texts), WIDTH), np.float32)
        words = [text.split() for text in texts]
        for row, some in zip(rows, words, strict=True):
            for word in some[:MOST_WORDS]:
                row += _vector(word)
        return rows, np.array([len(some) > MOST_WORDS for some in words], np.bool_)


class _Gaussian(_Model):
    """The first half of a vector is the mean, the second half the variance."""

    def raw(self, texts: Sequence[str], *, query: bool, prompt: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        rows, truncated = super().raw(texts, query=query, prompt=prompt)
        rows = unit(rows)
        rows[:, WIDTH // 2 :] = np.log1p(np.exp(rows[:, WIDTH // 2 :])) + np.float32(0.05)
        return rows, truncated


class _Late:
    """A vector a word."""

    fingerprint = "a stand-in"

    def __init__(self, _: str) -> None:
        self.dim = WIDTH

    def encode(self, texts: Sequence[str], *, query: bool, pool: int = 1) -> TokenVectors:
        """The words' vectors, at length 1."""
        made = [
            unit(np.stack([_vector(word) for word in words])) if words else np.empty((0, WIDTH), np.float32)
            for words in (text.split()[:MOST_WORDS] for text in texts)
        ]
        truncated = np.array([len(text.split()) > MOST_WORDS for text in texts], np.bool_)
        return replace(TokenVectors.of(made, WIDTH), truncated=truncated)

    def tokens(self, text: str, *, query: bool) -> list[str]:
        """The words."""
        return text.split()[:MOST_WORDS]


@contextmanager
def stand_ins() -> Iterator[None]:
    """Whatever model a leg of vectors names, it gets a stand-in meanwhile."""
    places = (
        (vars(dense), "load_model", _Model),
        (vars(gaussian), "load_model", _Gaussian),
        (vars(multi), "MultiModel", _Late),
    )
    before = [names[name] for names, name, _ in places]
    for names, name, made in places:
        names[name] = made
    try:
        yield
    finally:
        for (names, name, _), real in zip(places, before, strict=True):
            names[name] = real
