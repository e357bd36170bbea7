"""Scores of documents that are kept as one byte a block: a sum of looked-up parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.kernels.jit import kernel

__all__ = ["sum_tables"]


@kernel
def sum_tables(tables: NDArray[np.float32], codes: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Write each document's sum over blocks of tables[block, code] to `out`, in the order of blocks.

    tables: float32 (blocks, 256). codes: uint8 (n, blocks). out: float32 (n).
    """
    n, blocks = codes.shape
    for d in range(n):
        total = np.float32(0)
        for b in range(blocks):
            total += tables[b, codes[d, b]]
        out[d] = total
