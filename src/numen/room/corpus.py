"""A dataset as the room needs it: its documents in memory, and judgements that are fit to measure room by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from numen.errors import DatasetError
from numen.evaluate import Dataset
from numen.evaluate.identical import twins
from numen.types import Document

__all__ = ["Corpus", "read_corpus"]

FEWEST = 2
"""Queries and documents: with one of either there is nothing to compare."""


@dataclass(frozen=True)
class Corpus:
    """documents: each id once. texts: title and text of each. relevant: for each query, in order, the places of its
    relevant documents (grade above 0). twins: queries whose own document is no hit (numen.evaluate.identical)."""

    dataset: Dataset
    documents: tuple[Document, ...]
    texts: tuple[str, ...]
    relevant: tuple[tuple[int, ...], ...]
    twins: frozenset[str]

    @property
    def ids(self) -> list[str]:
        return [document.id for document in self.documents]

    @property
    def largest(self) -> int:
        """The most relevant documents of a query."""
        return max(map(len, self.relevant))


def read_corpus(dataset: Dataset, fields: Sequence[str] = ("title", "text"), skip_missing: bool = False) -> Corpus:
    """The corpus of a dataset. fields: which of "title" and "text" count.

    DatasetError where there are fewer than two documents or queries, where no document is judged relevant, and where
    judged documents are not in the corpus, unless `skip_missing` takes these judgements out.
    """
    by_id = {document.id: document for document in dataset.documents()}
    name = dataset.name
    if len(by_id) < FEWEST:
        raise DatasetError(f"{name} has {_counted(len(by_id), 'document')}; to rank takes at least {FEWEST}")
    missing = dataset.missing_documents(by_id.__contains__)
    notes = dataset.notes
    if missing:
        if not skip_missing:
            raise DatasetError(
                f"{name}: {len(missing)} judged documents are not in the corpus, the first is {missing[0]!r}; no "
                "vector can find them. Add them, or leave their judgements out with --skip-missing (skip_missing=True)"
            )
        notes = (*notes, f"judgements of {len(missing)} documents that are not in the corpus were left out")
    place = {id_: at for at, id_ in enumerate(by_id)}
    kept = {
        query: {id_: grade for id_, grade in grades.items() if id_ in place} for query, grades in dataset.qrels.items()
    }
    kept = {query: grades for query, grades in kept.items() if any(grade > 0 for grade in grades.values())}
    if not kept:
        raise DatasetError(f"{name}: no query has a relevant document in the corpus, so that nothing can be found")
    if len(kept) < FEWEST:
        raise DatasetError(
            f"{name} has one query with a relevant document; how sure a figure is takes at least {FEWEST}: "
            "judge more, or measure on the documents themselves with --known-item"
        )
    if len(kept) < len(dataset.qrels):
        notes = (*notes, f"{len(dataset.qrels) - len(kept)} queries without a relevant document were left out")
    queries = {query: dataset.queries[query] for query in kept}
    relevant = tuple(tuple(place[id_] for id_, grade in grades.items() if grade > 0) for grades in kept.values())
    documents = tuple(by_id.values())
    clean = replace(dataset, documents=lambda: iter(documents), queries=queries, qrels=kept, notes=notes)
    texts = tuple(_text(document, fields) for document in documents)
    return Corpus(clean, documents, texts, relevant, frozenset(twins("same", queries, by_id.get)))


def _text(document: Document, fields: Sequence[str]) -> str:
    return " ".join(part for field in fields if (part := document.title if field == "title" else document.text))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
