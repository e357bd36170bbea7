"""Batches of tokens hold every text once and keep to their bound; a batch that is too large is halved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from numen.encode.token_batches import batches_of_tokens, run_halving


def test_batches_hold_every_text_once_the_longest_first() -> None:
    lengths = np.array([3, 9, 1, 30, 3, 7])
    batches = [batch.tolist() for batch in batches_of_tokens(lengths, 20)]
    assert batches == [[3], [1, 5], [0, 4, 2]]
    assert [batch.tolist() for batch in batches_of_tokens(np.empty(0, np.int64), 20)] == []


def test_a_batch_beyond_memory_is_halved() -> None:
    seen: list[int] = []

    def run(texts: Sequence[str]) -> list[str]:
        seen.append(len(texts))
        if len(texts) > 2:
            raise RuntimeError("CUDA out of memory")
        return [text.upper() for text in texts]

    assert run_halving(run, list("abcde")) == [["A", "B"], ["C"], ["D", "E"]]
    assert seen == [5, 2, 3, 1, 2]


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("memory")])
def test_another_error_is_raised(error: Exception) -> None:
    def run(texts: Sequence[str]) -> None:
        raise error

    with pytest.raises(type(error)):
        run_halving(run, ["a", "b"])


def test_one_text_beyond_memory_is_an_error() -> None:
    def run(texts: Sequence[str]) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        run_halving(run, ["a", "b"])
