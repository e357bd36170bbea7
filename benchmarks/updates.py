"""Adding in small batches beside adding in one, and searching meanwhile beside searching what was built in one batch.

usage: python benchmarks/updates.py ../shared/data [--documents 100000] [--batch 100] [--rounds 3] [--json]

A document is a sentence of an abstract of DATA/arxiv-recent, in a bm25 leg on disk; every `add` is a durable commit.
`times` is the time of all small adds over that of the single one in the same round, in turn (the bar: at most 3),
merges that are still due at the end included; `ratio` is its inverse, so that over 1 is faster. Queries are the first
words of sentences. At ten moments the documents so far are built in one batch too, and after each of the next commits
the queries are run on both, in turn: a ratio is that of one commit's searches, of which the first reads what the commit
changed (the bar: at most 2). Figures go to standard output and to benchmarks/results/updates.json.
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
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from numen import Collection, Document
from numen.search import warm_up
from record import circumstances, median, seconds, write
from sentences import sentences

LEG = {"words": "bm25"}
MOMENTS = 10
COMMITS = 24
"""After each moment, commits whose searches are timed: sixteen go through most states of the segments."""
QUERIES = 10
QUERY_WORDS = 4


def built(documents: list[Document], path: Path) -> Collection:
    collection = Collection.create(path, legs=LEG)
    collection.add(documents, threads=1)
    return collection


def in_batches(documents: list[Document], batch: int, path: Path) -> tuple[list[float], float, int]:
    """(seconds of each add, seconds until all merges are made, most segments seen)."""
    times: list[float] = []
    most = 0
    with Collection.create(path, legs=LEG) as collection:
        for at in range(0, len(documents), batch):
            times.append(seconds(partial(collection.add, documents[at : at + batch], threads=1)))
            if at // batch % 16 == 15:
                most = max(most, collection.info().segments)
        began = time.perf_counter()
    return times, time.perf_counter() - began, most


def searching(documents: list[Document], batch: int, folder: Path) -> dict[str, Any]:
    """Ratios of searches between commits to searches of the same documents built in one batch."""
    queries = [" ".join(one.text.split()[:QUERY_WORDS]) for one in documents[:: len(documents) // QUERIES][:QUERIES]]
    ratios: list[float] = []
    first: list[float] = []
    latencies: list[float] = []
    at = 0
    with Collection.create(folder / "growing", legs=LEG) as growing:
        for moment in range(1, MOMENTS + 1):
            upto = max(len(documents) * moment // MOMENTS // batch - COMMITS, 1) * batch
            while at < upto:
                growing.add(documents[at : at + batch], threads=1)
                at += batch
            with built(documents[:at], folder / f"whole{moment}") as whole:
                for query in queries:
                    whole.search(query)
                for _ in range(COMMITS):
                    growing.add(documents[at : at + batch], threads=1)
                    at += batch
                    pairs = [(timed(growing, query), timed(whole, query)) for query in queries]
                    ratios.append(sum(mine for mine, _ in pairs) / sum(other for _, other in pairs))
                    first.append(pairs[0][0] / median([other for _, other in pairs]))
                    latencies += [mine for mine, _ in pairs]
    return {
        "median": median(ratios),
        "p95": float(np.percentile(ratios, 95)),
        "worst": max(ratios),
        "first_search_after_a_commit": {"median": median(first), "worst": max(first)},
        "latency_ms": {"p50": 1e3 * median(latencies), "p99": 1e3 * float(np.percentile(latencies, 99))},
        "commits": len(ratios),
    }


def timed(collection: Collection, query: str) -> float:
    return seconds(partial(collection.search, query))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds arxiv-recent")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()

    texts = sentences(options.data / "arxiv-recent")[: options.documents]
    documents = [Document(f"s{i}", text) for i, text in enumerate(texts)]
    warm_up("bm25")
    one_batch: list[float] = []
    adds: list[list[float]] = []
    merging: list[float] = []
    segments = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_batches(documents[:2_000], options.batch, folder / "warm")
        built(documents[:20_000], folder / "warm-whole").close()
        for i in range(options.rounds):
            print(f"round {i + 1} of {options.rounds} ...", file=sys.stderr)
            began = time.perf_counter()
            built(documents, folder / f"one{i}").close()
            one_batch.append(time.perf_counter() - began)
            times, rest, most = in_batches(documents, options.batch, folder / f"many{i}")
            adds.append(times)
            merging.append(rest)
            segments = max(segments, most)
        print("searching ...", file=sys.stderr)
        search = searching(documents, options.batch, folder)

    times = [(sum(a) + m) / o for a, m, o in zip(adds, merging, one_batch, strict=True)]
    latencies = [one for each in adds for one in each]
    figures = {
        "benchmark": "updates",
        "ratio": 1 / median(times),
        "times": median(times),
        "times_by_round": times,
        "seconds_one_batch": median(one_batch),
        "seconds_small_batches": median([sum(each) for each in adds]),
        "seconds_merging_after_the_last": median(merging),
        "add_latency_ms": {
            "p50": 1e3 * median(latencies),
            "p99": 1e3 * float(np.percentile(latencies, 99)),
            "max": 1e3 * max(latencies),
        },
        "most_segments": segments,
        "search_meanwhile_over_search_of_one_batch": search,
        "documents": len(documents),
        "batch": options.batch,
        "rounds": options.rounds,
        "threads": 1,
        **circumstances(("numen", "numba", "numpy"), options.data / "arxiv-recent"),
    }
    write("updates", figures)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{len(documents):,} documents in batches of {options.batch}: {figures['times']:.2f} times the time of one")
    print(f"one batch {figures['seconds_one_batch']:.2f} s, small ones {figures['seconds_small_batches']:.2f} s")
    print(f"an add: {figures['add_latency_ms']} ms; at most {segments} segments")
    print(f"search meanwhile over search of one batch: {search}")


if __name__ == "__main__":
    main()
