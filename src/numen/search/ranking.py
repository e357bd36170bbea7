"""Who came where: ranked document ids and scores for a batch of queries, kept as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ranking"]


class Ranking(Sequence[list[tuple[str, float]]]):
    """For each query its (document id, score) pairs, by score, then by id; a pair is made when it is looked at.

    starts: int64 (n_queries + 1); query q has [starts[q], starts[q + 1]) of ids (object, strings), scores (float32)
    and keys (int64: the documents' keys in the catalog).
    signed: whether every document has a score, which may be below zero, as in a leg of dense or token vectors; else a
    document that is not among the hits has 0.
    recall: None for an exact ranking, else which part of the best an approximate one found on a sample.
    """

    def __init__(
        self,
        starts: NDArray[np.int64],
        ids: NDArray[np.object_],
        scores: NDArray[np.float32],
        keys: NDArray[np.int64],
        recall: float | None = None,
        signed: bool = False,
    ) -> None:
        self.starts, self.ids, self.scores, self.keys, self.recall = starts, ids, scores, keys, recall
        self.signed = signed

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, index: int) -> list[tuple[str, float]]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[tuple[str, float]]]: ...
    def __getitem__(self, index: int | slice) -> list[tuple[str, float]] | list[list[tuple[str, float]]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"query {index} of {len(self)}")
        at = index % len(self)
        begin, end = self.starts[at], self.starts[at + 1]
        return list(zip(self.ids[begin:end].tolist(), self.scores[begin:end].tolist(), strict=True))

    def __iter__(self) -> Iterator[list[tuple[str, float]]]:
        return (self[i] for i in range(len(self)))

    def key_sets(self) -> list[set[int]]:
        """The keys of each query's documents."""
        spans = zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        return [set(self.keys[begin:end].tolist()) for begin, end in spans]

    @classmethod
    def joined(cls, parts: Sequence[Ranking]) -> Ranking:
        """The rankings of consecutive parts of a batch as one."""
        if len(parts) == 1:
            return parts[0]
        ends = np.cumsum([0, *(part.starts[-1] for part in parts)])
        starts = np.concatenate([np.zeros(1, np.int64), *(p.starts[1:] + e for p, e in zip(parts, ends, strict=False))])
        if not parts:
            return cls(starts, np.empty(0, object), np.empty(0, np.float32), np.empty(0, np.int64))
        return cls(
            starts,
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.keys for part in parts]),
            parts[0].recall,
            parts[0].signed,
        )
