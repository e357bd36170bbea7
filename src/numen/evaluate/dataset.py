"""A judged collection as a value: documents to index, queries to run, judgements to measure by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from numen.errors import DatasetError
from numen.types import Document, Qrels

__all__ = ["Dataset", "judged"]


@dataclass(frozen=True)
class Dataset:
    """A judged collection.

    `documents()` begins a new pass over the corpus each time; `queries` (id -> text) are those with at least one
    judgement, in the order of their file; `qrels` holds the judgements of exactly these queries; `notes` say what a
    reader of the figures should know. Make one with `judged`, which checks that the parts fit.
    """

    name: str
    documents: Callable[[], Iterator[Document]]
    queries: dict[str, str]
    qrels: Qrels
    notes: tuple[str, ...] = ()

    @property
    def judgements(self) -> int:
        """How many (query, document) pairs are judged."""
        return sum(len(grades) for grades in self.qrels.values())

    def missing_documents(self, has: Callable[[str], bool]) -> list[str]:
        """Ids of the judged documents for which `has` is False, each once, in the order of the judgements.

        The corpus is streamed, so this is known only after indexing: pass `collection.__contains__`.
        """
        return [d for d in dict.fromkeys(d for grades in self.qrels.values() for d in grades) if not has(d)]


def judged(
    name: str,
    documents: Callable[[], Iterator[Document]],
    queries: Mapping[str, str],
    qrels: Qrels,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """The dataset of the queries that have judgements; DatasetError if none has, or if judged queries have no text."""
    lost = [query for query in qrels if query not in queries]
    if lost:
        raise DatasetError(
            f"{name}: {len(lost)} of the {len(qrels)} judged queries have no text, the first is {lost[0]!r}; "
            "add them to the queries, or take their lines out of the judgements"
        )
    chosen = {query: text for query, text in queries.items() if qrels.get(query)}
    if not chosen:
        raise DatasetError(f"{name}: no query has a judgement; the judgements are empty")
    return Dataset(name, documents, chosen, {query: qrels[query] for query in chosen}, notes)
