"""The engines of benchmarks/peers.py that search texts (see benchmarks/engine.py)."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from building import folder_bytes
from numen import Collection
from side_by_side import Found, as_arrays

__all__ = ["Bm25s", "NumenBm25", "Tantivy"]

WRITER_BYTES = 1 << 30
"""What tantivy's writer may hold in memory before it writes a segment."""


class NumenBm25:
    """numen's bm25 leg; it stores the texts as well, which the bytes leave out."""

    def __init__(self, texts: list[str], queries: list[str], k: int, path: Path) -> None:
        began = time.perf_counter()
        self._collection = Collection.create(path, legs={"words": "bm25"})
        self._collection.add(({"id": str(i), "text": text} for i, text in enumerate(texts)), threads=1)
        self.build_seconds = time.perf_counter() - began
        self._queries, self._k = queries, k
        self.bytes = folder_bytes(path / "segments")

    def search(self) -> Any:
        return self._collection.rank_many(self._queries, self._k, threads=1)

    def found(self, answer: Any) -> Found:
        return as_arrays(answer, self._k)

    def close(self) -> None:
        self._collection.close()


class Bm25s:
    """bm25s with its numba back end: Lucene's form, k1 1.2, b 0.75, no stemming, no stop words."""

    def __init__(self, texts: list[str], queries: list[str], k: int, path: Path) -> None:
        import bm25s

        self._module = bm25s
        began = time.perf_counter()
        tokens = bm25s.tokenize(texts, stopwords=None, show_progress=False)
        self._engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
        self._engine.index(tokens, show_progress=False)
        self.build_seconds = time.perf_counter() - began
        self._queries, self._k = queries, k
        self._engine.save(str(path))
        self.bytes = folder_bytes(path)

    def search(self) -> Any:
        tokens = self._module.tokenize(self._queries, stopwords=None, show_progress=False)
        return self._engine.retrieve(tokens, k=self._k, show_progress=False, n_threads=1)

    def found(self, answer: Any) -> Found:
        docs, scores = answer
        scores = np.asarray(scores, np.float32)
        return np.where(scores > 0, np.asarray(docs, np.int64), -1), scores

    def close(self) -> None:
        pass


class Tantivy:
    """tantivy on disk, one writing thread, its default words; a hit's id is read from the store."""

    def __init__(self, texts: list[str], queries: list[str], k: int, path: Path) -> None:
        import tantivy

        path.mkdir(parents=True)
        began = time.perf_counter()
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field("text", stored=False, tokenizer_name="default", index_option="freq")
        self._index = tantivy.Index(schema.build(), path=str(path))
        writer = self._index.writer(WRITER_BYTES, 1)
        for i, text in enumerate(texts):
            writer.add_document(tantivy.Document(id=[str(i)], text=[text]))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self.build_seconds = time.perf_counter() - began
        self._searcher = self._index.searcher()
        self._queries, self._k = queries, k
        self.bytes = folder_bytes(path)

    def search(self) -> list[list[tuple[str, float]]]:
        out = []
        for text in self._queries:
            query = self._index.parse_query(" ".join(re.findall(r"\w+", text.lower())), ["text"])
            hits = self._searcher.search(query, self._k).hits
            out.append([(self._searcher.doc(address)["id"][0], score) for score, address in hits])
        return out

    def found(self, answer: list[list[tuple[str, float]]]) -> Found:
        docs = np.full((len(answer), self._k), -1, np.int64)
        scores = np.zeros((len(answer), self._k), np.float32)
        for query, hits in enumerate(answer):
            for at, (id, score) in enumerate(hits):
                docs[query, at], scores[query, at] = int(id), score
        return docs, scores

    def close(self) -> None:
        pass
