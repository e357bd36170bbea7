"""Quality against room, for the vectors of a dense model: fewer dimensions, random projections, fewer bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.room.corpus import Corpus
from numen.room.exact import milliseconds, rank_dense, ranks_of
from numen.room.growth import grown_run
from numen.room.shrink import BITS, fewer_bits, first, projected
from numen.room.size import How, Size, run_of, sized
from numen.types import Progress

__all__ = ["dense_sizes"]

Vectors: TypeAlias = NDArray[np.float32]
Made: TypeAlias = Callable[[], tuple[Vectors, Vectors]]

_BESIDE = {32: 4, 8: 8}
"""Bytes a document that a leg keeps beside its numbers, by their bits: its length; its scale and length."""


def dense_sizes(
    corpus: Corpus,
    name: str,
    model: str,
    queries: Vectors,
    documents: Vectors,
    part: Sequence[int],
    how: How,
    dims: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Iterator[Size]:
    """The model's vectors by their first dimensions, the whole ones last, then projected, then in fewer bits.

    name: what it is called; model: how it is found. queries, documents: float32 (n, dim), rows of length 1. part: the
    places of these documents in the corpus, rising; where they are not all, measures are estimates for all
    (numen.room.growth), and so are times. dims: below the model's own; powers of two from 8 on if not given. Bytes are
    those of a leg's arrays: four a dimension, or the bits, and a few a document.
    """
    full = queries.shape[1]
    at = {place: row for row, place in enumerate(part)}
    relevant = [[at[place] for place in some] for some in corpus.relevant]
    plans = list(_plans(name, model, queries, documents, dims, how.seed))
    for done, (label, family, room, bits, leg, make) in enumerate(plans, 1):
        asked, held = make()
        if len(part) == len(corpus.documents):
            run = run_of(corpus, rank_dense(asked, held, corpus.ids, how.k + 1), how.k)
        else:
            run = grown_run(corpus, ranks_of(asked, held, relevant), len(part), how.k, how.seed)
        if progress is not None:
            progress(f"{name}: sizes", done, len(plans))
        dimensions = full if family.endswith("bits") else room
        yield sized(
            corpus,
            run,
            how,
            name=label,
            family=family,
            room=room,
            index_bytes=(dimensions * bits // 8 + _BESIDE.get(bits, 0)) * len(corpus.documents),
            latency_ms=milliseconds(asked, held, how.k) * len(corpus.documents) / len(part),
            leg=leg,
        )


def _plans(
    name: str, model: str, queries: Vectors, documents: Vectors, dims: Sequence[int] | None, seed: int
) -> Iterator[tuple[str, str, int, int, str, Made]]:
    """(label, family, room, bits a dimension, leg, what makes the vectors) of each size."""
    full = queries.shape[1]
    powers = [1 << power for power in range(3, full.bit_length())]
    smaller = sorted({dim for dim in (*powers, *(dims or ())) if dim < full})
    for dim in smaller:
        made = _both(first, queries, documents, dim)
        yield f"{name}, first {dim}", f"{name}, first", dim, 32, f"given:dense:{dim}", made
    yield name, f"{name}, first", full, 32, f"dense:{model}", lambda: (queries, documents)
    for dim in smaller:
        kind = f"{name}, projected"
        made = _both(projected, queries, documents, dim, seed)
        yield f"{kind} to {dim}", kind, dim, 32, f"given:dense:{dim}", made
    for bits in BITS:
        label = f"{name}, {bits} {'bit' if bits == 1 else 'bits'}"
        leg = f"dense:{model},precision=8bit" if bits == 8 else ""
        yield label, f"{name}, bits", bits, bits, leg, _coarse(queries, documents, bits)


def _both(shrink: Callable[..., Vectors], queries: Vectors, documents: Vectors, *how: int) -> Made:
    return lambda: (shrink(queries, *how), shrink(documents, *how))


def _coarse(queries: Vectors, documents: Vectors, bits: int) -> Made:
    return lambda: (queries, fewer_bits(documents, bits))
