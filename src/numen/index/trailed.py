"""One leg of a segment that also keeps the terms of each document in order, two bytes a term."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import Inverted
from numen.index.keys import TermKeys

__all__ = ["TRAIL", "Trailed"]

TRAIL = "trail"
"""The name of the array, beside those of numen.index.inverted."""

Array: TypeAlias = NDArray[np.generic]


@dataclass(frozen=True)
class Trailed(Inverted):
    """A leg with trails (numen.kernels.pairs). trail: uint16, as many for a document as its length in terms."""

    trail: NDArray[np.uint16]

    @classmethod
    def of(cls, part: Inverted, trail: NDArray[np.uint16]) -> Trailed:
        """The leg with these trails."""
        return cls(**{field.name: getattr(part, field.name) for field in fields(Inverted)}, trail=trail)

    @cached_property
    def trail_starts(self) -> NDArray[np.int64]:
        """int64 (n_docs + 1): where each document's trail begins."""
        starts = np.zeros(self.n_docs + 1, np.int64)
        np.cumsum(self.doc_values, out=starts[1:])
        return starts

    @cached_property
    def by_hash(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Which keys have which hash (numen.kernels.held); derived once, in some milliseconds, 4 bytes a key."""
        from numen.kernels.held import terms_by_hash
        from numen.kernels.pairs import term_hashes

        return terms_by_hash(term_hashes(*cast("TermKeys", self.keys).sealed()))

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        return {**super().arrays(), TRAIL: self.trail}
