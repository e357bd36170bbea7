"""How a kernel is compiled: once, cached on disk, without the GIL, without fast-math."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

__all__ = ["inline", "kernel", "loose", "piece"]

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """`function` compiled by numba at its first call.

    Fast-math stays off: a sum must come out the same on every machine and on every path (docs/ARCHITECTURE.md, Scores).
    numba keeps the machine code beside the source, or in the user's cache folder where the package is read-only.
    """
    return cast(F, _stamped(numba.njit(cache=True, nogil=True, error_model="numpy")(function)))


def inline(function: F) -> F:
    """A helper that kernels call, compiled into each of them: a call that passes a dozen arrays costs more than a list.

    It is compiled with its callers, and not kept by itself.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


def piece(function: F) -> F:
    """A part of kernels that is called once or twice a query: compiled by itself, so that kernels compile fast."""
    return cast(F, numba.njit(nogil=True, error_model="numpy")(function))


def loose(function: F) -> F:
    """A part of kernels whose float sums may run in any order, with fused steps: for estimates whose error is bounded.

    No score comes from one: what it returns may differ in its last bits from machine to machine.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})(function))


@cache
def _stamp() -> str:
    """What all kernels' sources say together."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamped(dispatcher: Any) -> Any:
    """The dispatcher, whose kept code is dropped when any kernel's file changes.

    numba looks at the caller's own file only, and would go on using a helper or a constant of another file as it was.
    """
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(kept, "_source_stamp"):
        kept._source_stamp = _stamp()
    return dispatcher
