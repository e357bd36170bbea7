"""All segments of a leg as one argument: kernels go through them by themselves, without Python in between.

A kernel takes a table of where each segment's arrays lie in memory, and makes views of them as it comes to a segment.
A call that passed the arrays of twenty segments one by one would spend more on passing than a query takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

from numen.kernels.jit import inline

__all__ = ["Part", "part_at", "row_with", "table_of"]


class Part(NamedTuple):
    """One leg of one segment as kernels read it. Nothing is written to.

    starts ... rows: how the keys' documents are kept (numen.index.inverted).
    row_values, row_steps, row_errors (log only): what each code of a row stands for, float32 (n_rows, 256); the slope
        of the nearly linear codes; and how far slope * code can be from the value.
    bound_of, bound_codes: the bounds of frequent keys (numen.index.inverted.Bounds). saturations: float32 (n_blocks),
        the smallest of each block (ratio); empty: do not prune.
    exception_*: counts that no code holds, sorted by key, then by document.
    doc_values: float32 (n_docs), positive saturations (ratio), inverse norms (log) or scales (scaled).
    log_table: ln(1 + c), float32 (256).
    dead: documents to leave out, ascending. ranks: order of the document ids, uint16 (n_docs).
    heavy_*, forward_*: the lists by falling weight and the documents as rows (numen.index.heavy), where an approximate
        search asked for them.
    numbers, or terms, term_starts and term_samples: the keys, the others empty (numen.index.keys).
    frequencies: int64 (n_keys).
    """

    starts: NDArray[np.int64]
    docs: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    long_of: NDArray[np.int32]
    long_starts: NDArray[np.int64]
    gaps: NDArray[np.uint8]
    long_codes: NDArray[np.uint8]
    skip_starts: NDArray[np.int64]
    skips: NDArray[np.uint16]
    fine: NDArray[np.uint8]
    long_fine: NDArray[np.uint8]
    steps: NDArray[np.float32]
    row_of: NDArray[np.int32]
    rows: NDArray[np.uint8]
    row_values: NDArray[np.float32]
    row_steps: NDArray[np.float32]
    row_errors: NDArray[np.float32]
    bound_of: NDArray[np.int32]
    bound_codes: NDArray[np.uint8]
    saturations: NDArray[np.float32]
    exception_keys: NDArray[np.uint32]
    exception_docs: NDArray[np.uint16]
    exception_counts: NDArray[np.uint32]
    doc_values: NDArray[np.float32]
    log_table: NDArray[np.float32]
    dead: NDArray[np.uint16]
    ranks: NDArray[np.uint16]
    numbers: NDArray[np.uint32]
    terms: NDArray[np.uint8]
    term_starts: NDArray[np.int64]
    term_samples: NDArray[np.uint64]
    frequencies: NDArray[np.int64]
    heavy_starts: NDArray[np.int64]
    heavy_docs: NDArray[np.uint16]
    heavy_codes: NDArray[np.uint8]
    heavy_lengths: NDArray[np.uint32]
    heavy_levels: NDArray[np.uint8]
    forward_starts: NDArray[np.int64]
    forward_keys: NDArray[np.uint16]
    forward_codes: NDArray[np.uint8]


KINDS: dict[str, type[np.generic]] = {
    name: get_args(get_args(hint)[1])[0] for name, hint in get_type_hints(Part).items()
}
"""What each field holds: the type in its annotation."""

PLACES = {name: place for place, name in enumerate(Part._fields)}


def table_of(parts: Sequence[Part]) -> NDArray[np.int64]:
    """int64 (n_parts, 3 * n_fields): address, rows and columns of every array. Whoever keeps the table keeps the parts.

    TypeError for an array of another type or layout than kernels read.
    """
    empty = np.zeros(3 * len(Part._fields), np.int64)
    rows = [row_with(empty, **part._asdict()) for part in parts]
    return np.stack(rows) if rows else empty[None][:0]


def row_with(row: NDArray[np.int64], **arrays: NDArray[np.generic]) -> NDArray[np.int64]:
    """A row of a table with some fields replaced, as a new row. TypeError as in `table_of`."""
    out = row.copy()
    for name, array in arrays.items():
        if array.dtype != KINDS[name] or not (array.flags.c_contiguous and array.flags.aligned):
            raise TypeError(f"{name} is {array.dtype} with flags {array.flags}, not {KINDS[name]} in one piece")
        at = 3 * PLACES[name]
        out[at] = array.__array_interface__["data"][0]
        out[at + 1 : at + 1 + array.ndim] = array.shape
    return out


@intrinsic
def _line(context: Any, address: Any, n: Any, kind: Any) -> Any:
    """The n numbers of type `kind` at an address."""
    of = types.Array(kind.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _view(context, builder, of, arguments[0], [arguments[1]])

    return of(types.int64, types.int64, kind), generate


@intrinsic
def _table(context: Any, address: Any, n: Any, m: Any, kind: Any) -> Any:
    """The n rows of m numbers of type `kind` at an address."""
    of = types.Array(kind.dtype, 2, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _view(context, builder, of, arguments[0], [arguments[1], arguments[2]])

    return of(types.int64, types.int64, types.int64, kind), generate


def _view(context: Any, builder: Any, of: Any, address: Any, shape: list[Any]) -> Any:
    size = context.get_abi_sizeof(context.get_data_type(of.dtype))
    word = ir.IntType(64)
    strides = [word(size)] if len(shape) == 1 else [builder.mul(shape[1], word(size)), word(size)]
    array = make_array(of)(context, builder)  # type: ignore[no-untyped-call]
    pointer = builder.inttoptr(address, context.get_data_type(of.dtype).as_pointer())
    populate_array(  # type: ignore[no-untyped-call]
        array, data=pointer, shape=shape, strides=strides, itemsize=word(size), meminfo=None
    )
    return array._getvalue()


@inline
def part_at(table: NDArray[np.int64], s: int) -> Part:
    """The arrays of segment s. What is not used costs nothing."""
    t: Any = table[s]
    return Part(
        _line(t[0], t[1], np.int64),  # type: ignore[call-arg]
        _line(t[3], t[4], np.uint16),  # type: ignore[call-arg]
        _line(t[6], t[7], np.uint8),  # type: ignore[call-arg]
        _line(t[9], t[10], np.int32),  # type: ignore[call-arg]
        _line(t[12], t[13], np.int64),  # type: ignore[call-arg]
        _line(t[15], t[16], np.uint8),  # type: ignore[call-arg]
        _line(t[18], t[19], np.uint8),  # type: ignore[call-arg]
        _line(t[21], t[22], np.int64),  # type: ignore[call-arg]
        _line(t[24], t[25], np.uint16),  # type: ignore[call-arg]
        _table(t[27], t[28], t[29], np.uint8),  # type: ignore[call-arg]
        _table(t[30], t[31], t[32], np.uint8),  # type: ignore[call-arg]
        _line(t[33], t[34], np.float32),  # type: ignore[call-arg]
        _line(t[36], t[37], np.int32),  # type: ignore[call-arg]
        _table(t[39], t[40], t[41], np.uint8),  # type: ignore[call-arg]
        _table(t[42], t[43], t[44], np.float32),  # type: ignore[call-arg]
        _line(t[45], t[46], np.float32),  # type: ignore[call-arg]
        _line(t[48], t[49], np.float32),  # type: ignore[call-arg]
        _line(t[51], t[52], np.int32),  # type: ignore[call-arg]
        _table(t[54], t[55], t[56], np.uint8),  # type: ignore[call-arg]
        _line(t[57], t[58], np.float32),  # type: ignore[call-arg]
        _line(t[60], t[61], np.uint32),  # type: ignore[call-arg]
        _line(t[63], t[64], np.uint16),  # type: ignore[call-arg]
        _line(t[66], t[67], np.uint32),  # type: ignore[call-arg]
        _line(t[69], t[70], np.float32),  # type: ignore[call-arg]
        _line(t[72], t[73], np.float32),  # type: ignore[call-arg]
        _line(t[75], t[76], np.uint16),  # type: ignore[call-arg]
        _line(t[78], t[79], np.uint16),  # type: ignore[call-arg]
        _line(t[81], t[82], np.uint32),  # type: ignore[call-arg]
        _line(t[84], t[85], np.uint8),  # type: ignore[call-arg]
        _line(t[87], t[88], np.int64),  # type: ignore[call-arg]
        _line(t[90], t[91], np.uint64),  # type: ignore[call-arg]
        _line(t[93], t[94], np.int64),  # type: ignore[call-arg]
        _line(t[96], t[97], np.int64),  # type: ignore[call-arg]
        _line(t[99], t[100], np.uint16),  # type: ignore[call-arg]
        _line(t[102], t[103], np.uint8),  # type: ignore[call-arg]
        _line(t[105], t[106], np.uint32),  # type: ignore[call-arg]
        _table(t[108], t[109], t[110], np.uint8),  # type: ignore[call-arg]
        _line(t[111], t[112], np.int64),  # type: ignore[call-arg]
        _line(t[114], t[115], np.uint16),  # type: ignore[call-arg]
        _line(t[117], t[118], np.uint8),  # type: ignore[call-arg]
    )
