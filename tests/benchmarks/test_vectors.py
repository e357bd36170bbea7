"""Rows of vectors: cut, rounded, and what numen makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def test_rows_come_back_from_a_folder(tmp_path: Path) -> None:
    from vectors import load

    parts = {"indptr": np.array([0, 2, 2, 3]), "indices": np.array([1, 5, 4], np.uint32)}
    parts["values"] = np.array([0.5, 2.0, 1.0], np.float32)
    for name, array in parts.items():
        np.save(tmp_path / f"documents.{name}.npy", array)
    rows = load(tmp_path, "documents")
    assert (rows.shape[0], rows.entries) == (3, 3)
    assert [row.indices.tolist() for row in rows.each] == [[1, 5], [], [4]]
    assert rows.part(1, 3).indptr.tolist() == [0, 0, 1]


def test_rounding_is_that_of_a_leg_of_eight_bits() -> None:
    from numen import Collection
    from side_by_side import agreement, as_arrays
    from vectors import DIMENSIONS, Rows

    rng = np.random.default_rng(3)
    counts = rng.integers(0, 12, 200)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    indices = np.concatenate([np.sort(rng.choice(40, count, replace=False)) for count in counts]).astype(np.uint32)
    rows = Rows(indptr, indices, rng.gamma(2, 0.4, len(indices)).astype(np.float32) + np.float32(0.02))
    rounded = rows.rounded()
    assert 0 < np.abs(rounded.data - rows.data).max() < rows.data.max() / 509
    queries = rows.part(0, 50)
    lists = rounded.yardstick()
    docs, scores = lists.search(queries.indptr, queries.indices, queries.data, 10)
    exact = np.where(scores > 0, docs.astype(np.int64), -1), scores
    collection = Collection.create(legs={"v": f"given:{DIMENSIONS},precision=8bit"})
    collection.add([{"id": str(i), "text": ""} for i in range(200)], vectors=rows)
    found = as_arrays(collection.rank_many(None, 10, vectors=queries, threads=1), 10)
    assert agreement(found, exact)["differ"] == 0
    docs, scores = rows.yardstick().search(queries.indptr, queries.indices, queries.data, 10)
    assert agreement(found, (docs.astype(np.int64), scores))["differ"] > 25
