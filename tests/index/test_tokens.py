"""Token vectors of a segment: what is taken, joined and stored is what was put in, at its precision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index.flat import Flat
from numen.index.tokens import Tokens, TokensBuilder


def some(seed: int, lengths: list[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return starts, np.random.default_rng(seed).standard_normal((int(starts[-1]), 6)).astype(np.float32)


def documents(part: Tokens) -> list[NDArray[np.float32]]:
    return [part.between(int(a), int(b)) for a, b in zip(part.starts[:-1], part.starts[1:], strict=True)]


@pytest.mark.parametrize(("precision", "error"), [("float32", 0.0), ("float16", 2e-3), ("8bit", 2e-2)])
def test_documents_come_back_as_they_were_put_in(precision: str, error: float) -> None:
    first, second = some(1, [3, 0, 2]), some(2, [1, 4])
    builder = TokensBuilder(6, precision)
    builder.append(*first)
    builder.append(*second)
    assert builder.bytes > 0
    made = builder.finish()
    assert (made.n_docs, made.n_tokens, made.dim, builder.bytes) == (5, 10, 6, 0)
    assert made.faults() == []
    wanted = np.concatenate([first[1], second[1]])
    np.testing.assert_allclose(np.concatenate(documents(made)), wanted, atol=error)
    again = Tokens.from_arrays(made.arrays())
    taken = again.take(np.array([4, 1, 0]))
    assert np.diff(taken.starts).tolist() == [4, 0, 3]
    for place, doc in enumerate([4, 1, 0]):
        assert (documents(taken)[place] == documents(made)[doc]).all()
    joined = Tokens.joined([taken, made])
    assert joined.n_docs == 8
    assert (documents(joined)[4] == documents(made)[1]).all()
    starts, rows = made.of(np.array([3, 4]))
    assert starts.tolist() == [0, 1, 5]
    assert (rows == np.concatenate(documents(made)[3:])).all()


def test_what_does_not_fit_together_is_told() -> None:
    starts, rows = some(3, [2, 2])
    assert "do not share out" in Tokens(starts[:-1], Flat.of(rows, "float32")).faults()[0]
    assert Tokens(np.array([0, 3, 2, 4]), Flat.of(rows, "float32")).faults() != []
