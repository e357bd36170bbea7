"""The engines of benchmarks/peers.py that search given vectors (see benchmarks/engine.py)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from building import build, folder_bytes
from given_leg import LEG, exact_hits, spec_of
from numen import Collection
from seismic_peer import SeismicPeer
from side_by_side import Found, as_arrays
from vectors import Rows

__all__ = ["NumenGiven", "Plain", "Qdrant", "Seismic"]

RECALL = 0.95
"""What the approximate engine has to reach."""

POINTS = 1_000
"""Points that Qdrant is given at a time."""


class NumenGiven:
    """numen's leg of given vectors, exact."""

    def __init__(self, vectors: Path, queries: Rows, k: int, path: Path) -> None:
        self.build_seconds: float = build(path, spec_of(None), vectors)["seconds"]
        self._collection = Collection.open(path, read_only=True)
        self._queries, self._k = queries, k
        self.bytes = folder_bytes(path / "segments")

    def search(self) -> Any:
        return self._collection.rank_many(None, self._k, legs=[LEG], vectors=self._queries, threads=1)

    def found(self, answer: Any) -> Found:
        return as_arrays(answer, self._k)

    def close(self) -> None:
        self._collection.close()


class Plain:
    """The yardstick; it has no ids and no files."""

    def __init__(self, rows: Rows, queries: Rows, k: int) -> None:
        began = time.perf_counter()
        self._lists = rows.yardstick()
        self.build_seconds = time.perf_counter() - began
        self._queries, self._k = queries, k
        self.bytes = self._lists.bytes

    def search(self) -> Found:
        return exact_hits(self._lists, self._queries, self._k)

    def found(self, answer: Found) -> Found:
        return answer

    def close(self) -> None:
        pass


class Seismic:
    """pyseismic-lsr, approximate, at the fastest setting of its grid that reaches RECALL."""

    def __init__(self, rows: Rows, queries: Rows, k: int, path: Path, exact: Found) -> None:
        self._peer = SeismicPeer(rows)
        self.build_seconds = self._peer.build_seconds
        self.bytes = self._peer.saved_bytes(path)
        self._queries, self._k = queries, k
        self.setting = self._peer.tune(queries, exact, k, RECALL)

    def search(self) -> Any:
        return self._peer.search(self._queries, self._k, self.setting.query_cut, self.setting.heap_factor)

    def found(self, answer: Any) -> Found:
        return self._peer.as_arrays(answer, self._k)

    def close(self) -> None:
        pass


class Qdrant:
    """Qdrant's engine in this process, exact: float32 values, its sparse index in memory, one search thread."""

    def __init__(self, rows: Rows, queries: Rows, k: int, path: Path) -> None:
        import qdrant_edge as qdrant

        def sparse(row: Rows) -> Any:
            return qdrant.SparseVector(row.indices.tolist(), row.data.tolist())

        path.mkdir(parents=True)
        began = time.perf_counter()
        config = qdrant.EdgeConfig(sparse_vectors={LEG: qdrant.EdgeSparseVectorParams()}, max_search_threads=1)
        self._shard = qdrant.EdgeShard.create(str(path), config)
        for first in range(0, rows.shape[0], POINTS):
            some = rows.part(first, min(first + POINTS, rows.shape[0])).each
            points = [qdrant.Point(first + i, {LEG: sparse(row)}, {}) for i, row in enumerate(some)]
            self._shard.update(qdrant.UpdateOperation.upsert_points(points))
        self._shard.optimize()
        self._shard.flush()
        self.build_seconds = time.perf_counter() - began
        self._k = k
        self._request = qdrant.QueryBatchRequest(
            [qdrant.QueryRequest(k, query=qdrant.Query.Nearest(sparse(row), using=LEG)) for row in queries.each]
        )
        # Blocks, not lengths: its log is a file that is mostly a hole.
        self.bytes = sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())

    def search(self) -> Any:
        return self._shard.query_batch(self._request)

    def found(self, answer: Any) -> Found:
        docs = np.full((len(answer), self._k), -1, np.int64)
        scores = np.zeros((len(answer), self._k), np.float32)
        for query, points in enumerate(answer):
            for at, point in enumerate(points):
                docs[query, at], scores[query, at] = point.id, point.score
        return docs, scores

    def close(self) -> None:
        self._shard.close()
