"""Real text: numen's bm25 leg over the sentences of arXiv abstracts beside the yardstick on the same weights.

usage: python benchmarks/sentences.py ../shared/data [--rounds 5] [--queries 5000] [--single 1000] [-k 10] [--json]

One thread. A document is a sentence of an abstract of DATA/arxiv-recent; queries are drawn from DATA/query-logs, the
same on every machine. The yardstick (benchmarks/yardstick.py) gets BM25's weights as float32 lists, computed from the
counts of numen's own analyzer, so that both score the same thing, and queries that are weighted already: numen's time
includes reading the queries' texts. `ratio` is numen's queries a second in one batch over the yardstick's. Hits are
compared, ties aside.
Figures go to standard output and to benchmarks/results/sentences.json.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import csv
import gzip
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from building import folder_bytes
from numen import Collection, WordsEncoder
from numen.encode.encoder import Statistics
from numen.evaluate.memory import peak_rss_bytes, reset_peak_rss
from numen.search import warm_up
from record import circumstances, in_turn, median, seconds, write
from side_by_side import agreement, as_arrays, latencies
from vectors import Rows
from yardstick import Yardstick

END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def sentences(folder: Path) -> list[str]:
    """The sentences of all abstracts: cut at white space after a full stop, question mark or exclamation mark."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        abstracts = [json.loads(line)["text"] for line in lines]
    return [part for text in abstracts for part in END_OF_SENTENCE.split(text) if part.strip()]


def logged_queries(folder: Path, number: int) -> list[str]:
    """`number` of the logged queries, drawn with a fixed seed."""
    with gzip.open(folder / "queries.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        queries = [row[1] for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
    chosen = np.random.default_rng(1).choice(len(queries), min(number, len(queries)), replace=False)
    return [queries[i] for i in np.sort(chosen)]


def weighted(texts: list[str], queries: list[str]) -> tuple[Yardstick, Rows]:
    """The yardstick's lists of the texts' BM25 weights, less idf, and the queries' terms and idf."""
    encoder = WordsEncoder()
    counter = encoder.counter()
    rows = counter.count(texts)
    vocabulary = {term: number for number, term in enumerate(counter.vocabulary())}
    statistics = Statistics(len(texts), int(rows.doc_values.sum()))
    saturations = encoder.doc_values(rows.doc_values.view(np.float32), statistics, None)
    counts = rows.values.astype(np.float32)
    values = counts / (counts + np.repeat(saturations, np.diff(rows.starts)))
    lists = Yardstick.of(rows.starts, rows.numbers, values, len(vocabulary))

    query = encoder.query(queries)
    places = np.array([vocabulary.get(term, -1) for term in query.keys.terms()], np.int64)  # type: ignore[union-attr]
    frequencies = np.where(places < 0, 0, np.diff(lists.starts)[places])
    weights, _ = encoder.weigh(query, frequencies, statistics, None)
    known = places[query.terms] >= 0
    starts = np.concatenate([[0], np.cumsum(known)])[query.starts]
    return lists, Rows(starts, places[query.terms[known]].astype(np.uint32), weights[known])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds arxiv-recent and query-logs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=5_000, help="queries of the batch")
    parser.add_argument("--single", type=int, default=1_000, help="how many of them are asked one at a time as well")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()

    k = options.k
    texts = sentences(options.data / "arxiv-recent")
    queries = logged_queries(options.data / "query-logs", options.queries)
    single = queries[: options.single]
    warm_up("bm25")
    documents = [{"id": f"{i:08d}", "text": text} for i, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        print(f"indexing {len(texts):,} sentences ...", file=sys.stderr)
        path = Path(folder) / "sentences"
        reset_peak_rss()
        began = time.perf_counter()
        with Collection.create(path, legs={"words": "bm25"}) as collection:
            collection.add(documents, threads=1)
        indexing = time.perf_counter() - began
        memory = peak_rss_bytes()
        size = folder_bytes(path / "segments")
        del documents
        lists, weights = weighted(texts, queries)
        with Collection.open(path, read_only=True) as collection:
            found = as_arrays(collection.rank_many(queries, k, threads=1), k)
            docs, scores = lists.search(weights.indptr, weights.indices, weights.data, k)
            agrees = agreement(found, (np.where(scores > 0, docs.astype(np.int64), -1), scores))
            print("searching in turn ...", file=sys.stderr)
            times = in_turn(
                {
                    "numen": lambda: collection.rank_many(queries, k, threads=1),
                    "yardstick": lambda: lists.search(weights.indptr, weights.indices, weights.data, k),
                },
                options.rounds,
            )
            rows = weights.each[: len(single)]
            latency = latencies(
                {
                    "numen": lambda i: collection.rank_many([single[i]], k, threads=1),
                    "yardstick": lambda i: lists.search(rows[i].indptr, rows[i].indices, rows[i].data, k),
                },
                len(single),
                min(3, options.rounds),
            )
            reading = seconds(lambda: WordsEncoder().query(queries))
    search = {name: len(queries) / median(of) for name, of in times.items()}
    postings = int(lists.starts[-1])
    figures: dict[str, Any] = {
        "benchmark": "sentences",
        "ratio": search["numen"] / search["yardstick"],
        "ratios": {
            "batch, numen / yardstick": search["numen"] / search["yardstick"],
            "single queries (p50), numen / yardstick": latency["yardstick"]["p50"] / latency["numen"]["p50"],
            "single queries (p99), numen / yardstick": latency["yardstick"]["p99"] / latency["numen"]["p99"],
        },
        "queries_per_second": search,
        "latency_ms": latency,
        "microseconds_a_query_to_read_its_text": reading / len(queries) * 1e6,
        "agreement": agrees,
        "documents_indexed_per_second": len(texts) / indexing,
        "peak_rss_bytes_indexing_with_the_documents_in_memory": memory,
        "documents": len(texts),
        "queries": len(queries),
        "postings": postings,
        "postings_a_query": int(np.diff(lists.starts)[weights.indices].sum()) / len(queries),
        "index_bytes": size,
        "bytes_a_posting": size / postings,
        "yardstick_bytes": lists.bytes,
        "k": k,
        "threads": 1,
        "rounds": options.rounds,
        **circumstances(("numen", "numba", "numpy"), options.data),
    }
    write("sentences", figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    if agrees["differ"]:
        raise SystemExit(f"{agrees['differ']} of {agrees['queries']} queries have other hits than the yardstick's")


if __name__ == "__main__":
    main()
