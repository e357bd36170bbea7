"""From plain lists to the ways in which a segment keeps them, and back: nothing is lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numen.index.inverted import Inverted, numbered
from numen.index.lists import Exceptions, Lists, Values
from numen.index.trailed import Trailed
from numen.kernels.codes import SKIP

__all__ = ["pack", "unpack"]

ROW_SHARE = 5
"""A key is kept as a row when at least one document in ROW_SHARE has it; on LIMIT, 4 and 6 were slower."""

MINIMUM = 1_024
"""Segments with fewer documents have short lists only: there is nothing to save."""

LEVEL_ERROR = 0.05
"""Where levels would estimate logarithms worse than this, too many documents would have to be summed exactly."""

LONG_MINIMUM = 64
"""A list of fewer postings stays short, likewise."""


def pack(lists: Lists) -> Inverted:
    """The lists as a segment keeps them; takes over their arrays and writes to them."""
    from numen.kernels.postings import densify, encode_gaps

    starts, docs, values = lists.starts, lists.docs, lists.values
    n_docs = lists.n_docs
    row_places, levels = _rows_worth_keeping(lists)
    rows = np.zeros((0, n_docs), np.uint8)
    row_counts = np.zeros((0, 256), np.uint32)
    frequencies = np.diff(starts)[row_places].astype(np.uint32)
    if len(row_places):
        starts, rows = densify(starts, docs, values, row_places, n_docs)  # type: ignore[arg-type]
        if levels:
            row_counts = np.stack(levels)
            for row, table in zip(rows, levels, strict=True):
                used = np.flatnonzero(table)
                recode = np.zeros(256, np.uint8)
                recode[table[used]] = used
                row[:] = recode[row]

    lengths, entries, long_places = _long_lists(starts, docs, values.itemsize, n_docs)
    long_starts = _starts(entries[long_places])
    skip_starts = _starts(-(-entries[long_places] // SKIP))
    gaps = np.empty(long_starts[-1], np.uint8)
    skips = np.empty(skip_starts[-1], np.uint16)
    long_values: Values = np.empty(long_starts[-1], values.dtype)
    long_counts = lengths[long_places].astype(np.uint32)
    if len(long_places):
        starts = encode_gaps(starts, docs, values, long_places, long_starts, gaps, long_values, skip_starts, skips)
    if starts[-1] < len(docs):
        docs, values = docs[: starts[-1]].copy(), values[: starts[-1]].copy()
    exceptions = lists.exceptions
    steps = np.empty(0, np.float32)
    codes, long_codes = values, long_values
    fine, long_fine = np.empty((0, 3), np.uint8), np.empty((0, 3), np.uint8)
    if lists.form == "product":
        from numen.kernels.weights import split_weights

        steps = np.empty(len(lists.keys), np.float32)
        codes, long_codes = np.empty(len(values), np.uint8), np.empty(len(long_values), np.uint8)
        fine, long_fine = np.empty((len(values), 3), np.uint8), np.empty((len(long_values), 3), np.uint8)
        exceptions = Exceptions.of(
            *split_weights(
                starts,
                docs,
                values.view(np.float32),
                numbered(long_places, len(lists.keys)),
                long_starts,
                gaps,
                long_values.view(np.float32),
                steps,
                codes,
                fine,
                long_codes,
                long_fine,
            )
        )
    part = Inverted(
        keys=lists.keys,
        form=lists.form,
        starts=starts,
        docs=docs,
        codes=codes.view(np.uint8),
        fine=fine,
        long_places=long_places,
        long_starts=long_starts,
        gaps=gaps,
        long_codes=long_codes.view(np.uint8),
        long_fine=long_fine,
        long_counts=long_counts,
        skips=skips,
        row_places=row_places,
        rows=rows,
        row_frequencies=frequencies,
        row_counts=row_counts,
        steps=steps,
        exceptions=exceptions,
        doc_values=lists.doc_values,
    )
    return part if lists.trail is None else Trailed.of(part, lists.trail)


def unpack(part: Inverted) -> Lists:
    """The lists that `pack` was given, in arrays of their own unless there is nothing to change."""
    from numen.kernels.postings import decode_gaps, sparsify

    starts, docs = part.starts, part.docs
    values: Values = part.codes
    long_values: Values = part.long_codes
    exceptions = part.exceptions
    if part.form == "product":
        from numen.kernels.weights import join_weights

        values, long_values = np.empty(len(docs), np.float32), np.empty(len(part.gaps), np.float32)
        join_weights(
            starts,
            docs,
            part.codes,
            part.fine,
            part.steps,
            part.long_of,
            part.long_starts,
            part.gaps,
            part.long_codes,
            part.long_fine,
            exceptions.keys,
            exceptions.docs,
            exceptions.counts,
            values,
            long_values,
        )
        exceptions = Exceptions.none()
    if len(part.long_places):
        lengths = np.diff(starts)
        lengths[part.long_places] = part.long_counts
        out_starts = _starts(lengths)
        out_docs = np.empty(out_starts[-1], np.uint16)
        out_values: Values = np.empty(out_starts[-1], values.dtype)
        decode_gaps(
            starts,
            docs,
            values,
            part.long_places,
            part.long_starts,
            part.gaps,
            long_values,
            out_starts,
            out_docs,
            out_values,
        )
        starts, docs, values = out_starts, out_docs, out_values
    if len(part.row_places):
        rows = part.rows
        if len(part.row_counts):
            counts = part.row_counts.astype(np.uint8)
            rows = np.stack([table[row] for table, row in zip(counts, rows, strict=True)])
        starts, docs, values = sparsify(starts, docs, values, part.row_places, rows)  # type: ignore[arg-type]
    trail = part.trail if isinstance(part, Trailed) else None
    return Lists(part.keys, part.form, starts, docs, values, exceptions, part.doc_values, trail)


def _rows_worth_keeping(lists: Lists) -> tuple[NDArray[np.uint32], list[NDArray[np.uint32]]]:
    """(which keys become rows, ascending; for the log form the count that each level of theirs stands for)."""
    if lists.form not in ("ratio", "log") or lists.n_docs < MINIMUM:
        return np.empty(0, np.uint32), []
    frequent = np.diff(lists.starts) * ROW_SHARE >= lists.n_docs
    if lists.form == "ratio":
        return np.flatnonzero(frequent).astype(np.uint32), []
    # Exceptions have no level. A key whose counts are too many and too different for levels stays a list.
    frequent[lists.exceptions.keys] = False
    levels = {
        key: _levels(lists.values[lists.starts[key] : lists.starts[key + 1]])
        for key in np.flatnonzero(frequent).tolist()
    }
    levels = {key: table for key, table in levels.items() if _level_error(table) <= LEVEL_ERROR}
    return np.array(list(levels), np.uint32), list(levels.values())


def _long_lists(
    starts: NDArray[np.int64], docs: NDArray[np.uint16], width: int, n_docs: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """(each list's length, its entries as gaps, int64 (n_keys); which lists take fewer bytes as gaps, ascending).

    width: bytes of a value.
    """
    lengths = np.diff(starts)
    if n_docs < MINIMUM:
        return lengths, lengths, np.empty(0, np.uint32)
    from numen.kernels.postings import gap_lengths

    entries = gap_lengths(starts, docs)
    as_gaps = entries * (1 + width) + 2 * -(-entries // SKIP) + 20
    return (
        lengths,
        entries,
        np.flatnonzero((as_gaps < lengths * (2 + width)) & (lengths >= LONG_MINIMUM)).astype(np.uint32),
    )


def _levels(codes: Values) -> NDArray[np.uint32]:
    """uint32 (256): the count that each level stands for, 0 for one not used, for a list of these counts.

    A count c gets the level nearest to 255 ln(1 + c) / ln(1 + largest), moved up or down where two counts would share
    one: levels rise strictly with counts, so nothing is lost.
    """
    counts = np.flatnonzero(np.bincount(codes, minlength=256)[1:]) + 1
    places = np.arange(len(counts))
    ideal = np.rint(255 * np.log1p(counts) / np.log1p(counts[-1])).astype(np.int64)
    # Strictly rising from below, then pushed back under 255 from above; both keep the order.
    rising = np.maximum.accumulate(ideal - places) + places
    table = np.zeros(256, np.uint32)
    table[np.minimum(rising, 255 - places[::-1])] = counts
    return table


def _level_error(table: NDArray[np.uint32]) -> float:
    """How far slope * level can be from ln(1 + count), over the levels in use."""
    used = np.flatnonzero(table)
    values = np.log1p(table[used].astype(np.float64))
    return float(np.abs(used * (values[-1] / used[-1]) - values).max())


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
