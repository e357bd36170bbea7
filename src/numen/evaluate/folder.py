"""A judged collection in BEIR layout: corpus.jsonl[.gz], queries.jsonl[.gz], qrels/<split>.tsv."""

from __future__ import annotations

from pathlib import Path

from numen.errors import DatasetError, nearest
from numen.evaluate.dataset import Dataset, judged
from numen.evaluate.lines import quoted, refuse
from numen.evaluate.trec import read_qrels
from numen.sources import read_source
from numen.sources.jsonl import read_objects

__all__ = ["load_folder"]

_QRELS = (".txt", ".qrels", ".tsv")  # endings of TREC judgements, then BEIR's, which comes before them


def load_folder(folder: Path, split: str = "test") -> Dataset:
    """The dataset in a folder of BEIR layout; its name is the folder's, with the split where it is not "test".

    `qrels/<split>` may have BEIR's three columns or the four of TREC. Queries are read at once, the corpus at each call
    of `documents()`. DatasetError says which part is missing or faulty.
    """
    corpus = _one_of(folder, "corpus")
    queries = _one_of(folder, "queries")
    qrels = read_qrels(_judgements(folder, split))
    name = folder.resolve().name
    return judged(
        name if split == "test" else f"{name}/{split}", lambda: read_source(corpus), read_queries(queries), qrels
    )


def read_queries(path: Path) -> dict[str, str]:
    """Query texts by id, in the order of the file: one JSON object a line with `_id` (or `id`) and `text`.

    A line that is something else, and an id that comes twice, raise DatasetError with the file and the line number.
    """
    queries: dict[str, str] = {}
    for number, record in read_objects(path, refuse):
        place = f"{path}, line {number}"
        query, text = record.get("_id", record.get("id")), record.get("text")
        if isinstance(query, int) and not isinstance(query, bool):
            query = str(query)
        if not isinstance(query, str) or not query or not isinstance(text, str):
            raise DatasetError(f'{place}: expected {{"_id": "...", "text": "..."}}, found {quoted(str(dict(record)))}')
        if not _is_unicode(query + text):
            raise DatasetError(f"{place}: half a surrogate pair, which is no character, in {quoted(query + text)}")
        if query in queries:
            raise DatasetError(f"{place}: the query id {query!r} was there before; each id may come once")
        queries[query] = text
    return queries


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _one_of(folder: Path, stem: str) -> Path:
    for name in (f"{stem}.jsonl", f"{stem}.jsonl.gz"):
        if (folder / name).is_file():
            return folder / name
    raise DatasetError(
        f"{folder} has no {stem}.jsonl (or {stem}.jsonl.gz); "
        "a dataset folder holds corpus.jsonl, queries.jsonl and qrels/<split>.tsv"
    )


def _judgements(folder: Path, split: str) -> Path:
    qrels = folder / "qrels"
    files = {path.stem: path for suffix in _QRELS for path in sorted(qrels.glob(f"*{suffix}"))}
    if not files:
        raise DatasetError(
            f"{folder} has no judgements (no qrels/<split>.tsv); "
            "to measure on documents without judgements give a SOURCE and --known-item"
        )
    if split not in files:
        raise DatasetError(f"{folder} has no split {split!r}; {nearest(split, files)}")
    return files[split]
