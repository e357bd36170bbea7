"""Ask for memory before it is needed: a query reads from dozens of lists, and each begins with a wait otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from numen.kernels.jit import inline
from numen.kernels.part import Part

__all__ = ["prefetch_at", "prefetch_line", "prefetch_list", "prefetch_term"]

LINE = 64
"""Bytes that memory is fetched by."""

MOST = 2_048
"""Entries of a list that are asked for; what follows them the processor foresees by itself."""


@intrinsic
def _prefetch(context: Any, array: Any, index: Any) -> Any:
    """Begin to load the cache line of array[index]; changes nothing."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).data  # type: ignore[no-untyped-call]
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(ir.VoidType(), [byte, word, word, word]), "llvm.prefetch.p0i8"
        )
        # For reading, to be kept in all caches, data and not instructions.
        width = signature.args[0].ndim
        if width == 2:
            shape = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0]).shape  # type: ignore[no-untyped-call]
            place = builder.mul(arguments[1], builder.extract_value(shape, 1))
        else:
            place = arguments[1]
        address = builder.bitcast(builder.gep(data, [place]), byte)
        builder.call(function, [address, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@inline
def prefetch_list(docs: NDArray[Any], values: NDArray[Any], begin: int, end: int) -> None:
    """Begin to load the first entries of a list in [begin, end) of its two arrays (one-dimensional, contiguous)."""
    stop = min(end, begin + MOST)
    for j in range(begin, stop, LINE // docs.itemsize):
        _prefetch(docs, j)  # type: ignore[call-arg]
    for j in range(begin, stop, LINE // values.itemsize):
        _prefetch(values, j)  # type: ignore[call-arg]


@inline
def prefetch_at(array: NDArray[Any], at: Any) -> None:
    """Begin to load what is around one place of a contiguous array; of a table, around the beginning of a row."""
    _prefetch(array, at)  # type: ignore[call-arg]


@inline
def prefetch_line(array: NDArray[Any], begin: int, end: int) -> None:
    """Begin to load [begin, end) of an array (one-dimensional, contiguous)."""
    for j in range(begin, end, LINE // array.itemsize):
        _prefetch(array, j)  # type: ignore[call-arg]


@inline
def prefetch_term(p: Part, place: int) -> None:
    """Begin to load the list of the key at `place`, if there is one."""
    if place >= 0:
        i = np.int64(p.long_of[place])
        if i < 0:
            prefetch_list(p.docs, p.codes, p.starts[place], p.starts[place + 1])
        else:
            prefetch_list(p.gaps, p.long_codes, p.long_starts[i], p.long_starts[i + 1])
