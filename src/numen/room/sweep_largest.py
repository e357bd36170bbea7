"""Quality against room, for wide sparse vectors: only the largest values of each document are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np

from numen.encode.hashed import HashedEncoder
from numen.encode.vectors import SparseVectors
from numen.room.corpus import Corpus
from numen.room.size import How, Size, run_of, sized
from numen.search import Collection
from numen.types import Progress

__all__ = ["COUNTS", "keep_largest", "largest_sizes"]

COUNTS = (16, 32, 64, 128, 256, 512)
"""How many values of a document are kept."""

_BATCH = 5_000  # documents encoded at a time: 50 MB of LIMIT's vectors
_SINGLE = 50


def largest_sizes(
    corpus: Corpus, how: How, dim: int = 32_768, counts: Sequence[int] = COUNTS, progress: Progress | None = None
) -> Iterator[Size]:
    """numen:DIM with as many values a document as `counts` says, in a leg of given vectors; queries stay whole."""
    encoder = HashedEncoder(dim)
    asked = encoder.encode(list(corpus.dataset.queries.values()))
    family = f"{encoder.spec}, largest values"
    texts = [""] * len(asked)
    for count in counts:
        name = f"{encoder.spec}, largest {count}"
        start = perf_counter()
        with Collection.create(None, legs={"kept": f"given:{dim}"}) as collection:
            for begin in range(0, len(corpus.documents), _BATCH):
                part = slice(begin, begin + _BATCH)
                vectors = keep_largest(encoder.encode(corpus.texts[part]), count)
                collection.add(corpus.documents[part], vectors={"kept": vectors}, threads=how.threads)
                if progress is not None:
                    progress(f"{name}: documents", collection.count(), len(corpus.documents))
            seconds = perf_counter() - start
            ranked = list(collection.rank_many(texts, how.k + 1, vectors={"kept": asked}, threads=how.threads))
            times = []
            for row in range(min(_SINGLE, len(asked))):
                one = _row(asked, row)
                start = perf_counter()
                list(collection.rank_many([""], how.k, vectors={"kept": one}, threads=how.threads))
                times.append((perf_counter() - start) * 1e3)
            index_bytes = collection.info().bytes_index
        yield sized(
            corpus,
            run_of(corpus, ranked, how.k),
            how,
            name=name,
            family=family,
            room=count,
            index_bytes=index_bytes,
            latency_ms=float(np.median(times)),
            index_seconds=seconds,
            leg=f"given:{dim}",
        )


def keep_largest(vectors: SparseVectors, count: int) -> SparseVectors:
    """Each row with only its `count` largest values; of equal ones the lower dimension stays."""
    rows = np.repeat(np.arange(len(vectors)), np.diff(vectors.indptr))
    order = np.lexsort((-vectors.values, rows))  # a stable sort: indices rise within a row as it is
    place = np.arange(len(order)) - vectors.indptr[rows]  # each row's values stand together, the largest first
    kept = np.zeros(len(order), bool)
    kept[order[place < count]] = True
    starts = np.zeros(len(vectors) + 1, np.int64)
    np.cumsum(np.bincount(rows[kept], minlength=len(vectors)), out=starts[1:])
    return SparseVectors(starts, vectors.indices[kept], vectors.values[kept], vectors.dim)


def _row(vectors: SparseVectors, row: int) -> SparseVectors:
    part = slice(int(vectors.indptr[row]), int(vectors.indptr[row + 1]))
    starts = np.array([0, part.stop - part.start], np.int64)
    return SparseVectors(starts, vectors.indices[part], vectors.values[part], vectors.dim)
