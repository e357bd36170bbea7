"""Documents as they come in, checked, a batch at a time; the vectors given for them come along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

from numen.encode.dense_vectors import DenseVectors
from numen.encode.given_vectors import GivenVectors
from numen.encode.sparse_input import VectorReader
from numen.errors import DocumentError
from numen.types import Document

__all__ = ["Batch", "batches"]

BATCH_DOCUMENTS = 1_000
BATCH_CHARACTERS = 4 << 20
BATCH_ENTRIES = 4 << 20
"""Documents held as Python objects at a time, and entries of their vectors, whichever bound comes first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some documents; vectors: for each leg of given vectors, one row a document."""

    documents: Sequence[Document]
    vectors: Mapping[str, GivenVectors | DenseVectors]

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, rows: slice) -> Batch:
        """Some consecutive documents with their vectors."""
        return Batch(self.documents[rows], {leg: vectors[rows] for leg, vectors in self.vectors.items()})

    def select(self, rows: Sequence[int]) -> Batch:
        """The documents at `rows` with their vectors, in that order."""
        return Batch(
            [self.documents[row] for row in rows],
            {leg: vectors.select(rows) for leg, vectors in self.vectors.items()},
        )

    def last_of_each_id(self) -> Batch:
        """Of documents that share an id the last one, in the place of the first."""
        last = {document.id: row for row, document in enumerate(self.documents)}
        return self if len(last) == len(self) else self.select(list(last.values()))


def batches(
    documents: Iterable[Document | Mapping[str, Any]],
    vectors: Mapping[str, VectorReader],
    skip: Callable[[DocumentError], None],
    most: int | None = None,
) -> Iterator[Batch]:
    """The documents and their vectors, checked, a batch at a time; most: documents read for one, if fewer than usual.

    An unusable document goes to `skip` as an error, and its vectors are left out with it; so does a document with an
    unusable vector. InputError if there are fewer vectors than documents, or more.
    """
    from numen.sources import checked_document, document_from

    if isinstance(documents, Sized):
        for reader in vectors.values():
            reader.expect(len(documents))
    taken: list[Document] = []
    rows: list[int] = []
    read = size = entries = 0
    most_read = BATCH_DOCUMENTS if most is None else min(most, BATCH_DOCUMENTS)
    position = 0
    for position, one in enumerate(documents, 1):
        for reader in vectors.values():
            entries += reader.pull()
        read += 1
        source = f"document {position} of the input"
        try:
            document = (
                checked_document(one, source=source) if isinstance(one, Document) else document_from(one, source=source)
            )
        except DocumentError as error:
            skip(error)
        else:
            taken.append(document)
            rows.append(read - 1)
            size += len(document.text) + len(document.title)
        if read >= most_read or size >= BATCH_CHARACTERS or entries >= BATCH_ENTRIES:
            if batch := _batch(taken, rows, position - read, vectors, skip):
                yield batch
            taken, rows = [], []
            read = size = entries = 0
    if read and (batch := _batch(taken, rows, position - read, vectors, skip)):
        yield batch
    for reader in vectors.values():
        reader.finish(position)


def _batch(
    documents: list[Document],
    rows: list[int],
    before: int,
    readers: Mapping[str, VectorReader],
    skip: Callable[[DocumentError], None],
) -> Batch:
    """The documents at `rows` of what was read since the last batch, with their vectors.

    before: how many documents were read before this batch.
    """
    if not readers:
        return Batch(documents, {})
    read = {leg: reader.batch() for leg, reader in readers.items()}
    bad: dict[int, str] = {}
    for checked in read.values():
        for row, problem in checked.bad.items():
            bad.setdefault(row, problem)
    if bad:
        for row, document in zip(rows, documents, strict=True):
            if row in bad:
                place = f"document {before + row + 1} of the input"
                skip(DocumentError(f"document {document.id!r}: {bad[row]}", source=place))
        documents = [document for row, document in zip(rows, documents, strict=True) if row not in bad]
        rows = [row for row in rows if row not in bad]
    return Batch(documents, {leg: checked.vectors.select(rows) for leg, checked in read.items()})
