"""A vector for each token of a batch of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenVectors"]


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of text t are rows [starts[t], starts[t + 1]); a text may have none.

    starts: int64 (n + 1). rows: float32 (n_tokens, dim), finite. truncated: bool (n), texts of which a model read only
    the beginning.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.float32]
    truncated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, texts: slice) -> TokenVectors:
        """Some consecutive texts, as views."""
        begin, end, _ = texts.indices(len(self))
        starts = self.starts[begin : max(begin, end) + 1]
        return TokenVectors(starts - starts[0], self.rows[starts[0] : starts[-1]], self.truncated[begin:end])

    def select(self, texts: Sequence[int]) -> TokenVectors:
        """The texts at these places, in that order."""
        chosen = np.asarray(texts, np.int64)
        lengths = np.diff(self.starts)[chosen]
        starts = np.zeros(len(chosen) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        places = np.arange(starts[-1]) + np.repeat(self.starts[:-1][chosen] - starts[:-1], lengths)
        return TokenVectors(starts, self.rows[places], self.truncated[chosen])

    @classmethod
    def of(cls, texts: Sequence[NDArray[np.float32]], dim: int) -> TokenVectors:
        """The vectors of each text, float32 (its tokens, dim), one after the other."""
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(one) for one in texts], out=starts[1:])
        rows = np.concatenate([np.empty((0, dim), np.float32), *texts])
        return cls(starts, rows, np.zeros(len(texts), np.bool_))
