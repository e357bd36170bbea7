"""Some of many terms, in a chosen order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import kernel

__all__ = ["take_terms"]


@kernel
def take_terms(
    blob: NDArray[np.uint8], starts: NDArray[np.int64], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(blob, starts) of the terms of these numbers, in that order; term t is blob[starts[t]:starts[t + 1]]."""
    out_starts = np.zeros(len(numbers) + 1, np.int64)
    for i in range(len(numbers)):
        out_starts[i + 1] = out_starts[i] + starts[numbers[i] + 1] - starts[numbers[i]]
    out = np.empty(out_starts[-1], np.uint8)
    for i in range(len(numbers)):
        begin, at = starts[numbers[i]], out_starts[i]
        for j in range(out_starts[i + 1] - at):
            out[at + j] = blob[begin + j]
    return out, out_starts
