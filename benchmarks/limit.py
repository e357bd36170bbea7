"""LIMIT: numen beside bm25s (numba) and scikit-learn's HashingVectorizer, in turn in one process, on one thread.

usage: python benchmarks/limit.py ../shared/data/limit [--rounds 5] [--json]

Measured per round: documents indexed per second, tokenising included (numen stores the documents' text too, which
bm25s does not); queries per second in one batch at k = 100, tokenising included; documents per second through the
encoder alone beside HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=2**15); the same batch on two
threads over one. Then once: bytes on disk, and for each posting (a document's count of a term), everything under
segments/ included; the highest resident memory while indexing. Compilation happens before the clock starts, on both
sides.
Figures go to standard output and to benchmarks/results/limit.json.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import bm25s
from sklearn.feature_extraction.text import HashingVectorizer

from building import folder_bytes
from numen import Collection, Document, HashedEncoder
from numen.evaluate import DEFAULT, load_dataset, measure
from numen.evaluate.memory import peak_rss_bytes, reset_peak_rss
from numen.search import warm_up
from record import circumstances, in_turn, median, write

K = 100
ENCODED = 10_000
"""Documents that the encoders are timed on: HashingVectorizer needs five seconds for these."""
LEGS = ("bm25", "numen:32768")
THREADS = 2


class Peer:
    """bm25s with its numba back end: Lucene's form, k1 1.2, b 0.75, no stemming, no stop words."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.index()

    def index(self) -> None:
        tokens = bm25s.tokenize(self.texts, stopwords=None, show_progress=False)
        self.engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
        self.engine.index(tokens, show_progress=False)

    def search(self, queries: list[str]) -> Any:
        tokens = bm25s.tokenize(queries, stopwords=None, show_progress=False)
        return self.engine.retrieve(tokens, k=K, show_progress=False, n_threads=1)


def two_threads(spec: str) -> str:
    """The name of a leg's batch on THREADS threads."""
    return f"{spec}, {THREADS} threads"


def postings(collection: Collection, texts: list[str]) -> int:
    """How many entries all lists of the leg have: (term, document) pairs."""
    return int(collection.legs["leg"].counter().count(texts).starts[-1])


def indexed(documents: list[Document], spec: str, path: Path | None = None) -> Collection:
    collection = Collection.create(path, legs={"leg": spec})
    collection.add(documents, threads=1)
    return collection


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder in BEIR layout, such as ../shared/data/limit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()

    dataset = load_dataset(str(options.dataset))
    documents = list(dataset.documents())
    queries = list(dataset.queries.values())
    texts = [f"{d.title} {d.text}" if d.title else d.text for d in documents]
    for spec in LEGS:
        warm_up(spec)
    Peer(texts[:100]).search(queries[:10])
    encoder = HashedEncoder()
    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=2**15)

    peer = Peer(texts)
    collections = {spec: indexed(documents, spec) for spec in LEGS}
    for collection in collections.values():  # what warm_up's tiny segments have no use for is compiled here
        collection.rank_many(queries[:10], K, threads=1)
    print("indexing, searching and encoding in turn ...", file=sys.stderr)
    index_times = in_turn(
        {"bm25s": peer.index, **{spec: partial(indexed, documents, spec) for spec in LEGS}}, options.rounds
    )
    search_times = in_turn(
        {
            "bm25s": partial(peer.search, queries),
            **{spec: partial(c.rank_many, queries, K, threads=1) for spec, c in collections.items()},
            **{two_threads(spec): partial(c.rank_many, queries, K, threads=THREADS) for spec, c in collections.items()},
        },
        options.rounds,
    )
    encode_times = in_turn(
        {
            "HashingVectorizer": partial(vectorizer.transform, texts[:ENCODED]),
            "numen:32768": partial(encoder.encode, texts[:ENCODED]),
        },
        options.rounds,
    )

    index = {name: len(documents) / median(times) for name, times in index_times.items()}
    search = {name: len(queries) / median(times) for name, times in search_times.items()}
    encode = {name: min(ENCODED, len(texts)) / median(times) for name, times in encode_times.items()}
    quality = {
        spec: measure(dict(zip(dataset.queries, c.rank_many(queries, K), strict=True)), dataset.qrels, DEFAULT).means
        for spec, c in collections.items()
    }
    entries = {spec: postings(c, texts) for spec, c in collections.items()}
    disk: dict[str, int] = {}
    memory: dict[str, int] = {}
    for collection in collections.values():
        collection.close()
    collections.clear()
    del peer
    with tempfile.TemporaryDirectory() as folder:
        for spec in LEGS:
            path = Path(folder) / spec.replace(":", "-")
            reset_peak_rss()
            with indexed(documents, spec, path):
                memory[spec] = peak_rss_bytes()
            disk[spec] = folder_bytes(path / "segments")
        reset_peak_rss()
        peer = Peer(texts)
        memory["bm25s"] = peak_rss_bytes()
        peer.engine.save(str(Path(folder) / "bm25s"))
        disk["bm25s"] = folder_bytes(Path(folder) / "bm25s")

    ratios = {
        "bm25 queries / bm25s queries": search["bm25"] / search["bm25s"],
        "bm25 documents indexed / bm25s documents indexed": index["bm25"] / index["bm25s"],
        "numen:32768 queries / bm25s queries": search["numen:32768"] / search["bm25s"],
        "numen:32768 encoder / HashingVectorizer": encode["numen:32768"] / encode["HashingVectorizer"],
        **{f"{spec} queries, {THREADS} threads / 1": search[two_threads(spec)] / search[spec] for spec in LEGS},
    }
    figures = {
        "benchmark": "limit",
        "ratio": ratios["bm25 queries / bm25s queries"],
        "ratios": ratios,
        "documents_indexed_per_second": index,
        "queries_per_second": search,
        "documents_encoded_per_second": encode,
        "index_bytes": disk,
        "postings": entries,
        "bytes_a_posting": {spec: disk[spec] / entries[spec] for spec in LEGS},
        "peak_rss_bytes_indexing_with_the_documents_in_memory": memory,
        "quality": quality,
        "k": K,
        "threads": 1,
        "rounds": options.rounds,
        **circumstances(("numen", "bm25s", "scikit-learn", "numba", "numpy"), options.dataset),
    }
    write("limit", figures)
    if options.json:
        print(json.dumps(figures))
        return
    for title, values in (
        ("documents indexed / s", index),
        ("queries / s, k = 100", search),
        ("documents encoded / s", encode),
        ("bytes on disk, text apart", disk),
        ("peak memory, bytes", memory),
        ("bytes a posting", figures["bytes_a_posting"]),
        ("ratios", ratios),
    ):
        print(title)
        for name, value in values.items():
            print(f"  {name:<50}{value:>14,.0f}" if value > 100 else f"  {name:<50}{value:>14,.2f}")


if __name__ == "__main__":
    main()
