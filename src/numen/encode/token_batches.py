"""Texts in batches that a model takes at once: of like lengths, of so many tokens, halved where memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["batches_of_tokens", "run_halving"]

T = TypeVar("T")


def batches_of_tokens(lengths: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Places of texts, the longest first, cut so that each batch, padded to its longest text, has `most` tokens.

    lengths: int64 (n_texts), tokens each. One of more tokens than `most` is a batch of its own. Ties keep their order.
    """
    order = np.argsort(-lengths, kind="stable")
    at = 0
    while at < len(order):
        n = max(1, int(most // max(int(lengths[order[at]]), 1)))
        yield order[at : at + n]
        at += n


def run_halving(run: Callable[[Sequence[str]], T], texts: Sequence[str]) -> list[T]:
    """What `run` makes of the texts, in one piece; in several where memory does not suffice for all at once.

    MemoryError, or torch's own error, where even a single text does not fit.
    """
    try:
        return [run(texts)]
    except (MemoryError, RuntimeError) as error:
        # torch's error for a device out of memory is a RuntimeError, and that of its CPU allocator says so in words.
        if len(texts) < 2 or not (isinstance(error, MemoryError) or "memory" in str(error).lower()):
            raise
    half = len(texts) // 2
    return run_halving(run, texts[:half]) + run_halving(run, texts[half:])
