"""Which ids a collection surely lacks, told without looking into its segments."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numen.index.segment import LiveSegment, Segment

__all__ = ["KnownIds"]

BYTES = 1 << 22
"""Of the filter. Two bits an id: of a hundred ids that are not there, it takes one for known in every third batch where
a million are."""


class KnownIds:
    """A Bloom filter over the ids of all segments that it was shown, dead documents' too. For one writer at a time."""

    def __init__(self) -> None:
        self._bits = np.zeros(0, np.uint8)
        self._marked = 0
        self._shown: dict[int, weakref.ref[Segment]] = {}

    def may_have(self, segments: Sequence[LiveSegment], hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """bool (len(hashes)): False where surely none of `segments` has the id of that hash (numen.kernels.ids)."""
        from numen.kernels.ids import mark_ids, marked_ids

        n_docs = sum(one.segment.n_docs for one in segments)
        if not len(self._bits) or self._marked > 2 * n_docs + BYTES // 8:
            # Ids of segments merged away, and of those that no commit took, would fill it in time.
            self._bits, self._marked, self._shown = np.zeros(BYTES, np.uint8), 0, {}
        for one in segments:
            shown = self._shown.get(one.segment.number)
            if shown is None or shown() is not one.segment:
                mark_ids(one.segment.id_blob, one.segment.id_starts, self._bits)
                self._marked += one.segment.n_docs
                self._shown[one.segment.number] = weakref.ref(one.segment)
        return marked_ids(hashes, self._bits)
