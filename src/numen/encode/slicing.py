"""Sparse vectors made dense by slicing: of the dimensions of a slot the largest weight stays, and which one it was.

Lin and Lin, "Densifying Sparse Representations for Passage Retrieval by Representational Slicing" (2021) and "A Dense
Representation Framework for Lexical and Semantic Matching" (TOIS 2023). The score is their gated inner product: the sum
over slots of the product of both weights, where both stand for the same dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.array_file import load_arrays, save_arrays
from numen.encode.matrix import best
from numen.encode.vectors import SparseVectors
from numen.errors import InputError, OptionError

__all__ = ["SlicedVectors"]

MOST_PLACES = 1 << 16
"""Dimensions that one slot can stand for."""


@dataclass(frozen=True, eq=False)
class SlicedVectors:
    """weights: float32 or float16 (slots, n), 0 for an empty slot. places: uint8 or uint16 (slots, n): dimension
    first + place * slots + slot is the one whose weight stayed. first: smaller dimensions are left out."""

    weights: NDArray[np.float32] | NDArray[np.float16]
    places: NDArray[np.uint8] | NDArray[np.uint16]
    first: int = 0

    @classmethod
    def of(cls, vectors: SparseVectors, slots: int = 768, *, first: int = 0, half: bool = False) -> SlicedVectors:
        """Slice sparse vectors with a stride: dimension i goes into slot (i - first) % slots.

        first: 570 leaves out the entries of BERT's vocabulary that stand for nothing. half: keep weights as float16.
        Of equal weights in a slot, that of the smaller dimension stays. Weights must be above 0.
        """
        if type(slots) is not int or slots < 1:
            raise OptionError(f"slots is {slots!r}; it must be a whole number, 1 or more")
        if type(first) is not int or not 0 <= first < vectors.dim:
            raise OptionError(f"first is {first!r}; it must be a dimension, 0 to {vectors.dim - 1}")
        n_places = -(-(vectors.dim - first) // slots)
        if n_places > MOST_PLACES:
            raise OptionError(
                f"{slots} slots for {vectors.dim} dimensions; take at least {-(-vectors.dim // MOST_PLACES)}"
            )
        if (vectors.values <= 0).any():
            raise InputError("weights to slice must be above 0")
        row = np.repeat(np.arange(len(vectors)), np.diff(vectors.indptr))
        kept = vectors.indices >= first
        at = vectors.indices[kept].astype(np.int64) - first
        row, values = row[kept], vectors.values[kept]
        slot, place = at % slots, at // slots
        order = np.lexsort((-place, values))  # what is written last stays: the largest, of equal ones the first place
        weights = np.zeros((slots, len(vectors)), np.float16 if half else np.float32)
        places: Any = np.zeros((slots, len(vectors)), np.uint8 if n_places <= 256 else np.uint16)
        weights[slot[order], row[order]] = values[order]
        places[slot[order], row[order]] = place[order]
        return cls(weights, places, first)

    def __len__(self) -> int:
        return int(self.weights.shape[1])

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        return self.weights.nbytes + self.places.nbytes

    def scores(self, query: SlicedVectors, *, above: float = 0.0) -> NDArray[np.float32]:
        """float32 (n): the gated inner product of each vector with the only one of `query`, over its slots `above`."""
        if len(query) != 1 or len(query.weights) != len(self.weights) or query.first != self.first:
            raise InputError("a query is one vector, sliced as the documents are")
        out = np.zeros(len(self), np.float32)
        for slot in np.flatnonzero(query.weights[:, 0] > above).tolist():
            same = self.places[slot] == query.places[slot, 0]
            out += np.where(same, self.weights[slot].astype(np.float32), np.float32(0)) * query.weights[slot, 0]
        return out

    def search(
        self, queries: SlicedVectors, k: int, *, above: float = 0.0, candidates: int = 0
    ) -> tuple[list[NDArray[np.int64]], list[NDArray[np.float32]]]:
        """(places of the k vectors of the largest gated inner products with each query, these), best first, above 0.

        above: two stages: only slots of a query above this choose `candidates` vectors (10 k if it is 0), which are
        scored with all slots.
        """
        places, scores = [], []
        for q in range(len(queries)):
            query = queries.select(np.array([q]))
            found = self.scores(query, above=above)
            chosen = best(found, max(candidates or 10 * k, k) if above > 0 else k)
            exact = self.select(chosen).scores(query) if above > 0 else found[chosen]
            order = best(exact, k)
            order = order[exact[order] > 0]
            places.append(chosen[order])
            scores.append(exact[order])
        return places, scores

    def select(self, places: NDArray[np.int64]) -> SlicedVectors:
        """Some of the vectors, in that order."""
        return SlicedVectors(self.weights[:, places], self.places[:, places], self.first)

    def save(self, path: str | Path) -> None:
        """Write them to a file ending in .npz."""
        arrays = {"weights": self.weights, "places": self.places, "first": np.array([self.first])}
        save_arrays(path, "sliced vectors", arrays)

    @classmethod
    def load(cls, path: str | Path) -> SlicedVectors:
        """What `save` wrote."""
        arrays: Any = load_arrays(path, "sliced vectors")
        return cls(arrays["weights"], arrays["places"], int(arrays["first"][0]))
