"""How little of each list must be read to find what was asked for: found by trying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.encode.encoder import Encoder, QueryCounts
from numen.errors import OptionError
from numen.index.packing import unpack
from numen.search.leg import rank
from numen.search.queries import Queryable
from numen.search.snapshot import Snapshot

__all__ = ["EXACT", "Approximation", "approximation", "check_target"]

DEPTHS = tuple(0.02 * 0.93**i for i in range(72))
"""What is tried: the parts that are read at least, as shares of what a query could score."""

SAMPLE = 128
"""Queries on which recall is measured."""

ENOUGH = 32
"""A call with fewer queries is measured on documents of the collection, whose heaviest terms stand in for queries."""

TERMS = 40
"""Terms of a document that stand in for a query."""

MARGIN = 0.25
"""How far above the target the sample's recall must be, as a part of what is left to 1: other queries differ."""


@dataclass(frozen=True, slots=True)
class Approximation:
    """How a leg is searched approximately. depth: the parts that are read at least, as a share of what a query could
    score (0: exact). recall: measured on a sample: which part of the k best it finds."""

    depth: float
    recall: float


EXACT = Approximation(0.0, 1.0)


def check_target(target: float | None) -> None:
    """OptionError unless a recall target is None or above 0 and at most 1."""
    if target is not None and (isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target <= 1):
        raise OptionError(f"approximate is {target!r}; give the recall to reach, above 0 and at most 1, such as 0.95")


def approximation(
    snapshot: Snapshot, leg: str, encoder: Encoder, queries: Queryable, k: int, target: float
) -> Approximation:
    """The largest of DEPTHS whose recall at k reaches the target on a sample; kept for the commit.

    Only legs of float32 weights are searched approximately; others are `EXACT`, as are queries with weights below 0.
    """
    if encoder.form != "product" or k == 0 or not snapshot.segments or target == 1:
        return EXACT
    own = len(queries) >= ENOUGH
    known = snapshot.tuned.get((leg, k, target, own)) or snapshot.tuned.get((leg, k, target, True))
    if known is None:
        sample: Queryable = queries[: min(len(queries), SAMPLE)] if own else _documents(snapshot, leg)
        snapshot.tuned[leg, k, target, own] = known = _tried(snapshot, leg, encoder, sample, k, target)
    return Approximation(*known)


def _tried(
    snapshot: Snapshot, leg: str, encoder: Encoder, sample: Queryable, k: int, target: float
) -> tuple[float, float]:
    wanted = rank(snapshot, leg, encoder, sample, k).key_sets()
    number = sum(map(len, wanted))

    def recall(depth: float) -> float:
        found = rank(snapshot, leg, encoder, sample, k, depth=depth).key_sets()
        return sum(len(one & other) for one, other in zip(wanted, found, strict=True)) / max(number, 1)

    # Recall rises as more is read, so the least that reaches the target is found by halving.
    low, high = 0, len(DEPTHS)
    best = (EXACT.depth, EXACT.recall)
    while low < high:
        middle = (low + high) // 2
        measured = recall(DEPTHS[middle])
        if measured >= target + MARGIN * (1 - target):
            best, high = (DEPTHS[middle], measured), middle
        else:
            low = middle + 1
    return best


class _Sample:
    """Documents' heaviest terms in the place of queries; as `rank` takes queries."""

    def __init__(self, counted: QueryCounts) -> None:
        self._counted = counted

    def __len__(self) -> int:
        return len(self._counted.starts) - 1

    def __getitem__(self, rows: slice) -> _Sample:
        """All of them: a sample is never cut into batches."""
        return self

    def counts(self, leg: str, encoder: Encoder) -> QueryCounts:
        return self._counted


def _documents(snapshot: Snapshot, leg: str) -> _Sample:
    """Documents spread over the largest segment."""
    from numen.kernels.cluster import rows_of

    live = max(snapshot.segments, key=lambda one: one.n_alive)
    lists = unpack(live.segment.legs[leg])
    alive = np.flatnonzero(live.dead_mask == 0)
    chosen = alive[np.linspace(0, len(alive) - 1, min(SAMPLE, len(alive))).astype(np.int64)]
    number = np.full(lists.n_docs, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    starts, keys, values = rows_of(
        lists.starts, lists.docs, lists.values, np.arange(len(lists.keys)), number, len(chosen)
    )
    cut = [_heaviest(values, a, b) for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]
    entries = np.concatenate([np.empty(0, np.int64), *cut])
    new_starts = np.zeros(len(cut) + 1, np.int64)
    np.cumsum([len(one) for one in cut], out=new_starts[1:])
    used, terms = np.unique(keys[entries], return_inverse=True)
    counts = np.ones(len(terms), np.int64)
    return _Sample(QueryCounts(new_starts, terms.astype(np.int64), counts, lists.keys.select(used), values[entries]))


def _heaviest(values: NDArray[np.float32], begin: int, end: int) -> NDArray[np.int64]:
    """The places of the TERMS largest of values[begin:end], ascending."""
    order = np.argsort(-values[begin:end], kind="stable")[:TERMS]
    return np.sort(order) + begin
