"""A leg's lists by falling weight, and its documents as rows: what approximate searches read.

Each list is read only as far as it pays, and the documents of the highest sums are bounded by their rows. Both are
derived from the lists that a segment stores, in memory, when a search first asks for them. Lists in the order of
impact are an old idea (Anh, de Kretser, Moffat: Vector-space ranking with effective early termination, SIGIR 2001;
Lin, Trotman: Anytime Ranking for Impact-Ordered Indexes, ICTIR 2015), rows to look at candidates are Seismic's
(Bruch et al.: Efficient Inverted Indexes for Approximate Retrieval over Learned Sparse Representations, SIGIR 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import Inverted
from numen.kernels.codes import HEAVY_KEPT, HEAVY_PARTS

__all__ = ["Heavy"]


@dataclass(frozen=True)
class Heavy:
    """Each key's postings of the largest codes, largest first, in parts of equal length.

    starts: int64 (n_keys + 1), docs uint16, codes uint8: the first HEAVY_KEPT of a list's HEAVY_PARTS parts. Part i of
    a list of n postings begins at ceil(n * i / HEAVY_PARTS).
    lengths: uint32 (n_keys): how long the whole lists are.
    levels: uint8 (n_keys, HEAVY_PARTS): the code that each part begins with, 0 for a part that is not kept or empty.
    row_starts: int64 (n_docs + 1), row_keys uint16, row_codes uint8: each document's keys (their places modulo 65,536)
    and codes, in the order of the keys.
    """

    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    lengths: NDArray[np.uint32]
    levels: NDArray[np.uint8]
    row_starts: NDArray[np.int64]
    row_keys: NDArray[np.uint16]
    row_codes: NDArray[np.uint8]

    @classmethod
    def of(cls, part: Inverted) -> Heavy:
        """The lists of a leg without rows, by falling code."""
        from numen.kernels.forward import rows_by_document
        from numen.kernels.heavy import sort_by_code

        lengths = part.frequencies.astype(np.uint32)
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(-(-part.frequencies * HEAVY_KEPT // HEAVY_PARTS), out=starts[1:])
        docs, codes = np.empty(starts[-1], np.uint16), np.empty(starts[-1], np.uint8)
        levels = np.zeros((len(lengths), HEAVY_PARTS), np.uint8)
        lists = (part.starts, part.docs, part.codes, part.long_of, part.long_starts, part.gaps, part.long_codes)
        sort_by_code(*lists, starts, docs, codes, levels)
        n = int(part.frequencies.sum())
        row_starts = np.zeros(part.n_docs + 1, np.int64)
        row_keys, row_codes = np.empty(n, np.uint16), np.empty(n, np.uint8)
        rows_by_document(*lists, row_starts, row_keys, row_codes)
        return cls(starts, docs, codes, lengths, levels, row_starts, row_keys, row_codes)
