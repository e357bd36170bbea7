"""A judged collection that ir_datasets knows by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numen.errors import DatasetError, MissingExtra
from numen.evaluate.dataset import Dataset, judged
from numen.types import Document, Qrels

__all__ = ["load_named"]


def load_named(name: str) -> Dataset:
    """The dataset of this ir_datasets name, for example "beir/scifact/test".

    Queries and judgements are fetched at once, documents at each call of `documents()`. ir_datasets downloads what it
    does not have yet, and keeps it where it keeps its data. An unknown name, a dataset without queries or judgements
    and a failed download raise DatasetError; without the package, MissingExtra.
    """
    try:
        import ir_datasets
    except ImportError:
        purpose = f"there is no folder {name!r}, and to look it up as a name of ir_datasets"
        raise MissingExtra("ir-datasets", "eval", purpose) from None
    try:
        source = ir_datasets.load(name)
    except KeyError:
        raise DatasetError(
            f"{name!r} is neither a folder here nor a name that ir_datasets knows; give a folder with corpus.jsonl, "
            "queries.jsonl and qrels/, or a name of https://ir-datasets.com such as beir/scifact/test"
        ) from None
    absent = [
        what
        for what, has in (
            ("documents", source.has_docs),
            ("queries", source.has_queries),
            ("judgements", source.has_qrels),
        )
        if not has()
    ]
    if absent:
        raise DatasetError(
            f"the ir_datasets name {name!r} has no {' and no '.join(absent)}; perhaps a part of it has: {name}/test"
        )
    queries = {query.query_id: _text(query) for query in _fetched(name, source.queries_iter)}
    qrels: Qrels = {}
    for judgement in _fetched(name, source.qrels_iter):
        qrels.setdefault(judgement.query_id, {})[judgement.doc_id] = int(judgement.relevance)
    return judged(name, lambda: map(_document, _fetched(name, source.docs_iter)), queries, qrels)


def _fetched(name: str, records: Any) -> Iterator[Any]:
    """The records, where a failure of ir_datasets (network, disk, terms to accept) becomes a DatasetError."""
    try:
        yield from records()
    except Exception as error:  # downloads fail with RuntimeError, requests', OSError and others: no common root
        raise DatasetError(
            f"{name!r} is no folder here, and ir_datasets, which knows the name, cannot get its data "
            f"({type(error).__name__}: {str(error)[:200]}); download it where there is a network, or give a folder "
            "with corpus.jsonl, queries.jsonl and qrels/"
        ) from error


def _document(record: Any) -> Document:
    title, text = getattr(record, "title", None), getattr(record, "text", None)
    if isinstance(text, str):
        return Document(id=record.doc_id, text=text, title=title if isinstance(title, str) else "")
    return Document(id=record.doc_id, text=record.default_text())


def _text(query: Any) -> str:
    text = getattr(query, "text", None)
    return text if isinstance(text, str) else str(query.default_text())
