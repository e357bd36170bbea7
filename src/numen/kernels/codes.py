"""How a count is kept in a byte: a constant that kernels and the index share. Loads no numba."""

__all__ = ["ESCAPE"]

ESCAPE = 255
"""The code of a count that does not fit a byte; the count itself stands in the list of exceptions."""
