"""One bit a dimension: the sign. Vectors at an angle a differ in about a / pi of their bits (Charikar, 2002)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.matrix import as_rows
from numen.errors import InputError

__all__ = ["hamming_search", "sign_bits"]

WORD = 64
"""Bits compared at once."""


def sign_bits(vectors: Any) -> NDArray[np.uint64]:
    """uint64 (n, ceil(dim / 64)): bit i % 64 of word i // 64 is set where the vector is positive in dimension i.

    Centre the vectors first (PCA), or turn them by a random projection, so that bits are set half the time.
    """
    rows = as_rows(vectors)
    bits = np.zeros((len(rows), -(-rows.shape[1] // WORD) * WORD), np.uint8)
    bits[:, : rows.shape[1]] = rows > 0
    return np.packbits(bits, axis=1, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def hamming_search(
    queries: NDArray[np.uint64], documents: NDArray[np.uint64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(int64 (n_queries, k): places of the documents that differ least; int32: in how many bits).

    The nearest first, of equal ones the first; fewer columns where there are fewer documents. Exact. Both are of
    `sign_bits`.
    """
    from numen.kernels.bits import nearest_bits

    for name, bits in (("queries", queries), ("documents", documents)):
        if bits.ndim != 2 or bits.dtype != np.uint64:
            raise InputError(f"{name} are {bits.dtype} of shape {bits.shape}; pass what sign_bits gives")
    if queries.shape[1] != documents.shape[1]:
        raise InputError(
            f"queries have {queries.shape[1]} words of bits and documents {documents.shape[1]}; they must be alike"
        )
    if type(k) is not int or k < 0:
        raise InputError(f"k is {k!r}; it must be a whole number, 0 or more")
    k = min(k, len(documents))
    places, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.int32)
    nearest_bits(np.ascontiguousarray(queries), np.ascontiguousarray(documents), places, distances)
    return places, distances
