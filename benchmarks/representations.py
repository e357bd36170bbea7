"""One table of representations on the same collections: quality, bytes a document, milliseconds a query.

    python benchmarks/representations.py FOLDER ... [--cache FOLDER] [--only NAME] [--write]

FOLDER: judged collections in BEIR layout. Each representation is the only leg of a collection in memory, exact, one
thread; a query by itself, in milliseconds of processor time, without the model's own work: dense legs take the vectors
of all-MiniLM-L6-v2 that sentence-transformers made, kept in --cache. The Gaussian leg has them as means, and one
variance everywhere: what the longer vectors cost, and no more, as no model with trained heads is at hand. Legs of token
vectors: benchmarks/multi.py.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from meaning import kept
from minilm import Judged, load_minilm, minilm_folder
from numen import Collection
from numen.evaluate import load_dataset, measure
from record import RESULTS, circumstances, median, write

MEASURES = ("nDCG@10", "R@100")
K = 100
SINGLE = 50
"""Queries asked one by one."""


def legs() -> dict[str, str]:
    """Name -> encoder's string."""
    dense = {
        f"dense, {one}": f"dense:{minilm_folder()},precision={one}" for one in ("float32", "float16", "int8", "8bit")
    }
    spread = {"gaussian, one variance": f"gaussian:{minilm_folder()}"}
    return {one: one for one in ("bm25", "bm25:english", "auto", "numen:4096", "numen:32768")} | dense | spread


def figures_of(folder: Path, judged: Judged, spec: str) -> dict[str, float]:
    """Quality, bytes and speed of one leg."""
    dataset = load_dataset(str(folder))
    queries = list(dataset.queries.values())
    with kept([judged]), Collection.create(legs={"leg": spec}) as collection:
        collection.add(dataset.documents(), threads=1)
        ranked = collection.rank_many(queries, K, threads=1)
        times = []
        for query in queries[:SINGLE]:
            began = time.process_time()
            collection.rank_many([query], 10, threads=1)
            times.append(time.process_time() - began)
        (leg,) = collection.info().legs
        means = measure(dict(zip(dataset.queries, ranked, strict=True)), dataset.qrels, MEASURES).means
        return {**means, "bytes_a_document": leg.bytes / len(collection), "single_ms": median(times) * 1e3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="collections in BEIR layout")
    parser.add_argument("--cache", type=Path, default=Path(".cache/minilm"), help="where vectors are kept")
    parser.add_argument("--only", action="append", choices=list(legs()), help="these alone, the others stay as written")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results")
    options = parser.parse_args()
    path = RESULTS / "representations.json"
    table: dict[str, Any] = {}
    if options.write and path.exists():
        table = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    for folder in options.folders:
        judged = load_minilm(folder, options.cache)
        chosen = {name: spec for name, spec in legs().items() if name in (options.only or legs())}
        known = table.get(folder.name, {}) if options.only else {}
        table[folder.name] = known | {name: figures_of(folder, judged, spec) for name, spec in chosen.items()}
        print(folder.name, json.dumps(table[folder.name]), flush=True)
    around = circumstances(("numen", "numpy", "sentence-transformers"), options.folders[0])
    if options.write:
        write("representations", {"benchmark": "representations", "datasets": table, **around})


if __name__ == "__main__":
    main()
