"""Product quantisation: a vector as one byte for each of some blocks of its dimensions.

Jégou, Douze and Schmid, "Product Quantization for Nearest Neighbor Search" (PAMI 2011); queries stay whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.kmeans import kmeans, nearest_centroids
from numen.encode.matrix import as_rows, best
from numen.errors import InputError, OptionError

__all__ = ["ProductCodes"]

CODES = 256
"""Centroids of a block: what a byte can name."""

SAMPLE = 65_536
"""Vectors that centroids are made from, at most: 256 for each, as faiss has it."""


@dataclass(frozen=True, eq=False)
class ProductCodes:
    """A fitted quantiser. centroids: float32 (blocks, up to 256, dimensions of a block)."""

    centroids: NDArray[np.float32]

    @classmethod
    def fit(cls, vectors: Any, blocks: int, *, iterations: int = 12, seed: int = 0) -> ProductCodes:
        """Centroids for document vectors. blocks: bytes a vector; it must divide the number of dimensions.

        Fewer than 256 vectors get as many centroids as there are vectors.
        """
        rows = as_rows(vectors)
        dim = rows.shape[1]
        if type(blocks) is not int or blocks < 1 or dim % blocks:
            raise OptionError(f"blocks is {blocks!r}; it must divide the {dim} dimensions")
        if not len(rows):
            raise InputError("product codes of no vectors; at least 1 is needed")
        parts = rows.reshape(len(rows), blocks, dim // blocks)
        k = min(CODES, len(rows))
        found = [
            kmeans(np.ascontiguousarray(parts[:, b]), k, iterations=iterations, seed=seed + b, sample=SAMPLE)
            for b in range(blocks)
        ]
        return cls(np.stack(found))

    @property
    def dim(self) -> int:
        """Dimensions of the vectors."""
        return int(self.centroids.shape[0] * self.centroids.shape[2])

    def encode(self, vectors: Any) -> NDArray[np.uint8]:
        """uint8 (n, blocks): the nearest centroid in each block."""
        rows = as_rows(vectors, self.dim)
        blocks, _, size = self.centroids.shape
        parts = rows.reshape(len(rows), blocks, size)
        out = np.empty((len(rows), blocks), np.uint8)
        for b in range(blocks):
            out[:, b] = nearest_centroids(np.ascontiguousarray(parts[:, b]), self.centroids[b])[0]
        return out

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """float32 (n, dim): the vectors that codes stand for; their lengths are not those of the originals."""
        blocks = np.arange(len(self.centroids))
        return self.centroids[blocks, self._checked(codes)].reshape(len(codes), self.dim)

    def search(
        self, queries: Any, codes: NDArray[np.uint8], k: int
    ) -> tuple[list[NDArray[np.int64]], list[NDArray[np.float32]]]:
        """(places of the k documents with the largest inner products with each query, these products), best first.

        Products are those with the decoded vectors: a table of 256 a block is made for each query, and bytes look up.
        """
        from numen.kernels.tables import sum_tables

        codes = self._checked(codes)
        asked = as_rows(queries, self.dim).reshape(-1, len(self.centroids), self.centroids.shape[2])
        places, products = [], []
        scores = np.empty(len(codes), np.float32)
        for query in asked:
            tables = np.zeros((len(self.centroids), CODES), np.float32)
            tables[:, : self.centroids.shape[1]] = np.einsum("bcd,bd->bc", self.centroids, query)
            sum_tables(tables, codes, scores)
            places.append(best(scores, k))
            products.append(scores[places[-1]])
        return places, products

    def save(self, path: str | Path) -> None:
        """Write it to a file ending in .npz."""
        save_arrays(path, "product codes", {"centroids": self.centroids})

    @classmethod
    def load(cls, path: str | Path) -> ProductCodes:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "product codes")
        return cls(arrays["centroids"])

    def _checked(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        blocks, k, _ = self.centroids.shape
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != blocks:
            raise InputError(f"codes are {codes.dtype} of shape {codes.shape}; these have {blocks} bytes a vector")
        if codes.size and int(codes.max()) >= k:
            raise InputError(f"a code is {int(codes.max())}; these have {k} centroids a block")
        return np.ascontiguousarray(codes)
