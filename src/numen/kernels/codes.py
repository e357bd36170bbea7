"""How postings are kept in bytes: constants that kernels and the index share. Loads no numba."""

__all__ = [
    "BOUND_BLOCK",
    "ESCAPE",
    "FULL",
    "HEAVY_KEPT",
    "HEAVY_PARTS",
    "LOG",
    "PRODUCT",
    "RATIO",
    "SAMPLE",
    "SCALED",
    "SKIP",
    "WEIGHT_ESCAPE",
    "WIDEST",
]

ESCAPE = 255
"""The code of a count that does not fit a byte; the count itself stands in the list of exceptions."""

FULL = 65_535
"""What a sum of codes may reach."""

WEIGHT_ESCAPE = 0xFFFFFF
"""Written where a weight lies so far below its bound that three bytes do not say how far: it is an exception."""

WIDEST = 255
"""The widest gap between document numbers that one entry of a list of gaps holds."""

SKIP = 32
"""Entries of a list of gaps between two document numbers written out: a search reads at most so many."""

BOUND_BLOCK = 16
"""Documents whose scores are bounded together: the scores of one cache line."""

HEAVY_PARTS, HEAVY_KEPT = 32, 12
"""Parts of a list by falling weight, and how many of them approximate searches may read."""

SAMPLE = 64
"""Terms between two whose first bytes are kept apart, to find any in few steps."""

RATIO, LOG, PRODUCT, SCALED = 0, 1, 2, 3
"""The forms of numen.index.rows as kernels take them."""
