"""Dense vectors in less room: their first dimensions, a random projection, or fewer bits a dimension.

Keeping the first dimensions serves models that were trained for it (Matryoshka; Kusupati et al. 2022); for others it is
no better than any other choice of axes and a lower bound of what a model of that size could do. A Gaussian projection
keeps inner products as Johnson and Lindenstrauss promise. Bits: eight as a leg of precision 8bit has them; four and
two: evenly spaced levels between a dimension's 0.1 and 99.9 percentiles; one keeps the side of the median. The query
stays as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError
from numen.index.flat import Flat

__all__ = ["BITS", "fewer_bits", "first", "projected", "unit"]

BITS = (1, 2, 4, 8)


def first(vectors: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """The first `dim` dimensions, rows at length 1 again."""
    _check(dim, vectors.shape[1])
    return unit(vectors[:, :dim])


def projected(vectors: NDArray[np.float32], dim: int, seed: int = 0) -> NDArray[np.float32]:
    """`dim` random directions, the same for the same seed and sizes, rows at length 1 again."""
    _check(dim, vectors.shape[1])
    matrix = np.random.default_rng([seed, dim]).standard_normal((vectors.shape[1], dim)).astype(np.float32)
    return unit(vectors @ matrix)


def fewer_bits(vectors: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """What documents are worth once each dimension is stored in `bits` bits: float32 (n, dim), not of length 1."""
    if bits not in BITS:
        raise InputError(f"bits is {bits}; it must be one of {', '.join(map(str, BITS))}")
    if bits == 1:
        middle = np.median(vectors, axis=0)
        spread = np.abs(vectors - middle).mean(axis=0)
        return np.asarray(middle + np.where(vectors >= middle, spread, -spread), np.float32)
    if bits == 8:
        return Flat.of(vectors, "8bit").matrix(np.arange(len(vectors)))
    low, high = np.quantile(vectors, (0.001, 0.999), axis=0).astype(np.float32)
    step = np.maximum((high - low) / np.float32(2**bits - 1), np.float32(1e-12))
    levels = np.clip(np.rint((vectors - low) / step), 0, 2**bits - 1)
    return np.asarray(levels * step + low, np.float32)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)


def _check(dim: int, there: int) -> None:
    if not 1 <= dim <= there:
        raise InputError(f"{dim} dimensions of vectors that have {there}; ask for 1 to {there}")
