"""Lists by falling code, for searches that read only the beginning of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import HEAVY_PARTS
from numen.kernels.jit import inline, kernel

__all__ = ["parts_above", "sort_by_code"]


@kernel
def sort_by_code(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    out_starts: NDArray[np.int64],
    out_docs: NDArray[np.uint16],
    out_codes: NDArray[np.uint8],
    levels: NDArray[np.uint8],
) -> None:
    """Write the postings of the largest codes of each list, largest first, equal ones by document.

    starts ... long_codes: the lists (numen.index.inverted). out_starts: int64 (n_keys + 1): how many of each list are
    kept; out_docs, out_codes: written to; levels (numen.index.heavy.Heavy): zeros, written to.
    """
    at = np.empty(257, np.int64)
    for key in range(len(starts) - 1):
        i = np.int64(long_of[key])
        begin, end = (starts[key], starts[key + 1]) if i < 0 else (long_starts[i], long_starts[i + 1])
        some = codes if i < 0 else long_codes
        # at[c]: where the postings of code c begin, counted from the largest code down.
        at[:] = 0
        for j in range(begin, end):
            at[some[j]] += 1
        at[0] = 0  # an entry that leads up to a wide gap
        n = np.int64(0)
        for c in range(255, 0, -1):
            count = at[c]
            at[c] = n
            n += count
        first, kept = out_starts[key], out_starts[key + 1] - out_starts[key]
        d: Any = 0
        for j in range(begin, end):
            d = np.int64(docs[j]) if i < 0 else d + np.int64(gaps[j])
            code = some[j]
            if code == 0:
                continue
            if at[code] < kept:
                out_docs[first + at[code]], out_codes[first + at[code]] = d, code
            at[code] += 1
        for part in range(HEAVY_PARTS):
            place = (n * part + HEAVY_PARTS - 1) // HEAVY_PARTS
            if place < kept:
                levels[key, part] = out_codes[first + place]


@inline
def parts_above(levels: NDArray[np.uint8], code: np.uint8) -> int:
    """How many parts of a list begin with this code or a larger one."""
    n = np.uint8(0)
    for part in range(HEAVY_PARTS):
        n = np.uint8(n + np.uint8(levels[part] >= code))
    return np.int64(n)  # type: ignore[return-value]
