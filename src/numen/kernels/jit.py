"""How a kernel is compiled: once, cached on disk, without the GIL, without fast-math."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

__all__ = ["inline", "kernel"]

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """`function` compiled by numba at its first call.

    Fast-math stays off: a sum must come out the same on every machine and on every path (docs/ARCHITECTURE.md, Scores).
    numba keeps the machine code beside the source, or in the user's cache folder where the package is read-only.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inline(function: F) -> F:
    """A helper that kernels call, compiled like them; LLVM inlines it where that pays."""
    return kernel(function)
