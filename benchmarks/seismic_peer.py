"""Seismic (pyseismic-lsr), approximate search of learned-sparse vectors, on one thread: built, tuned and searched."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from record import median, seconds
from side_by_side import Found, recall
from vectors import Rows

__all__ = ["SeismicPeer", "Setting"]

QUERY_CUTS = (4, 5, 6, 7, 8, 10, 12, 16)
HEAP_FACTORS = (0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Setting:
    """A point of the grid, and what it gave."""

    query_cut: int
    heap_factor: float
    recall: float
    queries_per_second: float


class SeismicPeer:
    """An index over rows of float32 values; documents are named by their numbers."""

    def __init__(self, rows: Rows, **parameters: Any) -> None:
        import seismic

        self.parameters = {"num_threads": 1, **parameters}
        self.n_docs = rows.shape[0]
        self.tried: list[Setting] = []
        self._strings = seismic.get_seismic_string()
        self._queries: dict[int, tuple[Any, Any, Any]] = {}

        def build() -> None:
            dataset = seismic.SeismicDataset(dim=rows.shape[1])
            ids = [str(i) for i in range(self.n_docs)]
            dataset.add_documents_by_id(
                ids, np.asarray(rows.indices, np.int64), np.asarray(rows.data), np.asarray(rows.indptr)
            )
            self._index = seismic.SeismicIndex.build_from_dataset(dataset, **self.parameters)

        self.build_seconds = seconds(build)

    def search(self, queries: Rows, k: int, query_cut: int, heap_factor: float) -> list[list[tuple[str, float, str]]]:
        """Seismic's own results; the queries are turned into what it takes outside the clock, once."""
        ids, terms, values = self._prepared(queries)
        return self._index.batch_search(  # type: ignore[no-any-return]
            ids, terms, values, k=k, query_cut=query_cut, heap_factor=heap_factor, num_threads=1
        )

    def as_arrays(self, answer: list[list[tuple[str, float, str]]], k: int) -> Found:
        """Seismic's results as arrays, in the order of the queries."""
        docs = np.full((len(answer), k), -1, np.int64)
        scores = np.zeros((len(answer), k), np.float32)
        for results in answer:
            for at, (query, score, doc) in enumerate(results):
                docs[int(query), at], scores[int(query), at] = int(doc), score
        return docs, scores

    def saved_bytes(self, path: Path) -> int:
        """The size of the index's file, which is written to `path` and removed."""
        self._index.save(str(path))
        file = path.with_name(f"{path.name}.index.seismic")
        size = file.stat().st_size
        file.unlink()
        return size

    def tune(self, queries: Rows, exact: Found, k: int, target: float) -> Setting:
        """The fastest setting of the grid whose recall is at least `target`; the one of best recall if none is."""
        self._prepared(queries)
        for query_cut, heap_factor in itertools.product(QUERY_CUTS, HEAP_FACTORS):
            answer = self.search(queries, k, query_cut, heap_factor)
            reached = recall(self.as_arrays(answer, k), exact)
            took = median([seconds(lambda c=query_cut, h=heap_factor: self.search(queries, k, c, h)) for _ in range(3)])  # type: ignore[misc]
            self.tried.append(Setting(query_cut, heap_factor, reached, queries.shape[0] / took))
        enough = [one for one in self.tried if one.recall >= target]
        if not enough:
            return max(self.tried, key=lambda one: one.recall)
        return max(enough, key=lambda one: one.queries_per_second)

    def _prepared(self, queries: Rows) -> tuple[Any, Any, Any]:
        if id(queries) not in self._queries:
            rows = queries.each
            ids = np.array([str(i) for i in range(len(rows))], self._strings)
            terms = [row.indices.astype(self._strings) for row in rows]
            self._queries[id(queries)] = (ids, terms, [row.data for row in rows])
        return self._queries[id(queries)]
