"""Pruned rows keep their largest entries, in the order in which they were."""

from __future__ import annotations

import numpy as np

from numen.encode.given_vectors import GivenVectors
from numen.encode.sparse_pruning import pruned


def rows_of(vectors: GivenVectors) -> list[dict[int, float]]:
    return [
        dict(zip(one.numbers.tolist(), one.values.tolist(), strict=True))
        for one in (vectors[i : i + 1] for i in range(len(vectors)))
    ]


def test_the_largest_stay_and_of_equal_ones_the_smaller_number() -> None:
    vectors = GivenVectors(
        np.array([0, 4, 4, 6]),
        np.array([1, 5, 7, 9, 2, 3], np.uint32),
        np.array([0.5, 2, 0.5, 1, 0.1, 4], np.float32),
    )
    assert rows_of(pruned(vectors, 3, 0.0)) == [{1: 0.5, 5: 2, 9: 1}, {}, {2: np.float32(0.1), 3: 4}]
    assert rows_of(pruned(vectors, None, 0.5)) == [{1: 0.5, 5: 2, 7: 0.5, 9: 1}, {}, {3: 4}]
    assert rows_of(pruned(vectors, 1, 3.0)) == [{}, {}, {3: 4}]
    assert pruned(vectors, 4, 0.0) is vectors
