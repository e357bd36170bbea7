"""What the kernels over codes and token vectors compute, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_bits", "sum_tables"]


def nearest_bits(
    queries: NDArray[np.uint64], documents: NDArray[np.uint64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(places, distances) of the k documents that differ from each query in the fewest bits: by distance, place."""
    differ = (queries[:, None] ^ documents[None]).view(np.uint8).reshape(len(queries), len(documents), -1)
    distances = np.unpackbits(differ, axis=2).sum(axis=2, dtype=np.int32)
    places = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return places, np.take_along_axis(distances, places, axis=1)


def sum_tables(tables: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 (n): for each row of codes, the sum over blocks of tables[block, code], in the order of blocks."""
    out = np.zeros(len(codes), np.float32)
    for table, column in zip(tables, codes.T, strict=True):
        out += table[column]
    return out
