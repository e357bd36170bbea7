"""The segment being built: documents are counted leg by leg until there are enough of them, or memory is used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numen.encode.auto import AutoEncoder
from numen.encode.dense_vectors import DenseVectors
from numen.encode.encoder import Counter, Encoder, Truncating
from numen.encode.given import GivenCounter
from numen.encode.given_vectors import GivenVectors
from numen.encode.vector_encoder import VectorEncoder
from numen.index.build import LegBuilder
from numen.index.flat import FlatBuilder
from numen.index.lists import MAX_DOCUMENTS
from numen.index.rows import Rows
from numen.index.segment import Segment
from numen.search.batches import Batch
from numen.types import Document

__all__ = ["Build", "text_of"]

POSTING_BYTES = {"ratio": 10, "log": 10, "product": 26, "scaled": 16}
"""Memory a posting takes by form, at most: in the builder while it waits, then while lists are made of it."""

TRAIL_BYTES = 8
"""Memory that the order of terms takes for each posting: two bytes a term, twice while lists are made, and some."""

VECTOR_COPIES = 3
"""How many times the bytes of dense vectors are in memory at most: as they came, as one matrix, and put in order."""

FEW_CHARACTERS = 1 << 16
"""Texts shorter than this together are counted at once: handing them to other threads takes as long."""


class Build:
    """Documents gathered for one segment: a counter and a builder a leg.

    most_bytes: the memory that it may take, about; it is `full` when the next documents could exceed it.
    """

    def __init__(
        self,
        encoders: Mapping[str, Encoder],
        fields: Sequence[str],
        pool: Executor | None,
        threads: int,
        most_bytes: int,
    ) -> None:
        self._dense = {name: encoder for name, encoder in encoders.items() if isinstance(encoder, VectorEncoder)}
        self._flats: dict[str, FlatBuilder] = {}
        encoders = {name: encoder for name, encoder in encoders.items() if name not in self._dense}
        self._legs = {name: (encoder.counter(), LegBuilder(encoder.form)) for name, encoder in encoders.items()}
        self._truncated = 0
        self._pool, self._threads = pool, threads
        self._fields = fields
        self._most_bytes = most_bytes
        self._posting_bytes = {
            name: POSTING_BYTES[encoder.form] + (TRAIL_BYTES if isinstance(encoder, AutoEncoder) else 0)
            for name, encoder in encoders.items()
        }
        self._ids: list[str] = []
        self._keys: list[NDArray[np.int64]] = []

    @property
    def room(self) -> int:
        """How many documents more it can take."""
        return MAX_DOCUMENTS - len(self._ids)

    @property
    def empty(self) -> bool:
        return not self._ids

    @property
    def truncated(self) -> int:
        """How many texts were longer than a leg's model reads; one that two legs cut counts twice."""
        counted = sum(counter.truncated for counter, _ in self._legs.values() if isinstance(counter, Truncating))
        return self._truncated + counted

    @property
    def full(self) -> bool:
        size = sum(builder.postings * self._posting_bytes[name] for name, (_, builder) in self._legs.items())
        size += sum(VECTOR_COPIES * builder.bytes for builder in self._flats.values())
        return self.room == 0 or size >= self._most_bytes

    def append(self, first_key: int, batch: Batch) -> None:
        """Take the next documents, whose keys are consecutive from `first_key` on."""
        texts = [text_of(document, self._fields) for document in batch.documents]
        pool = self._pool if sum(map(len, texts)) > FEW_CHARACTERS else None
        # Legs count at the same time, and a leg without a vocabulary counts parts of the batch at the same time.
        counted = [
            (builder, self._count(leg, counter, texts, batch, pool)) for leg, (counter, builder) in self._legs.items()
        ]
        for name, encoder in self._dense.items():
            given = batch.vectors.get(name)
            vectors = given if isinstance(given, DenseVectors) else encoder.documents(texts)
            if name not in self._flats:
                self._flats[name] = FlatBuilder(encoder.width, encoder.kept_as)
            self._flats[name].append(vectors.rows)
            self._truncated += int(vectors.truncated.sum())
        for builder, parts in counted:
            for part in parts:
                builder.append(part.result() if isinstance(part, Future) else part)
        self._ids.extend(document.id for document in batch.documents)
        self._keys.append(np.arange(first_key, first_key + len(batch)))

    def _count(
        self, leg: str, counter: Counter, texts: Sequence[str], batch: Batch, pool: Executor | None
    ) -> Sequence[Rows | Future[Rows]]:
        if isinstance(counter, GivenCounter):
            vectors = batch.vectors[leg]
            if not isinstance(vectors, GivenVectors):
                raise ValueError(f"leg {leg!r} counts sparse vectors")
            return [counter.rows(vectors) if pool is None else pool.submit(counter.rows, vectors)]
        if pool is None:
            return [counter.count(texts)]
        counters = counter.split(self._threads)
        cuts = [len(texts) * i // len(counters) for i in range(len(counters) + 1)]
        return [pool.submit(one.count, texts[a:b]) for one, (a, b) in zip(counters, pairwise(cuts), strict=True)]

    def finish(self, number: int) -> Segment:
        """The segment of all documents taken."""
        legs = {name: builder.finish(counter.vocabulary()) for name, (counter, builder) in self._legs.items()}
        flats = {name: builder.finish() for name, builder in self._flats.items()}
        return Segment.of(number, np.concatenate(self._keys), self._ids, legs, flats)


def text_of(document: Document, fields: Sequence[str]) -> str:
    """What encoders see of a document: its fields that are not empty, one space between."""
    return " ".join(part for part in (getattr(document, name) for name in fields) if part)
