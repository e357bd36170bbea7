"""How fast is exact search over dense vectors, one query at a time and in batches, beside faiss's IndexFlatIP?

    python benchmarks/dense.py [--documents 75000] [--dim 384] [--vectors FILE.npy] [--json] [--write]

Vectors are unit vectors around random centres, or those of a float32 file (its last rows are the queries). Everything
runs on one thread, and is timed by that thread's processor time, so that other work on the machine counts less. The
peers run in the same process, in turn. Also measured: usearch's HNSW, as what an approximate index would give.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen import Collection
from numen.index.flat import PRECISIONS
from record import circumstances, median, write

K = 10
QUERIES = 256
SINGLE = 32
"""Queries asked one by one in each round."""


def made(documents: int, dim: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(documents, queries): unit vectors, each around one of a centre for every hundred documents."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, documents // 100), dim))
    rows = centres[rng.integers(0, len(centres), documents + QUERIES)] * 0.8
    rows = rows + rng.standard_normal((documents + QUERIES, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = rows.astype(np.float32)
    return vectors[:documents], vectors[documents:]


def taken(run: Callable[[], object]) -> float:
    """Seconds of this thread."""
    began = time.process_time()
    run()
    return time.process_time() - began


def measured(documents: NDArray[np.float32], queries: NDArray[np.float32], rounds: int) -> dict[str, Any]:
    """Figures of each peer and each precision: seconds a query by itself and in a batch, bytes, and agreement."""
    import faiss

    faiss.omp_set_num_threads(1)
    dim = documents.shape[1]
    index = faiss.IndexFlatIP(dim)
    index.add(documents)
    singles: dict[str, Callable[[], object]] = {
        "faiss IndexFlatIP": lambda: [index.search(queries[i : i + 1], K) for i in range(SINGLE)]
    }
    batches: dict[str, Callable[[], object]] = {"faiss IndexFlatIP": lambda: index.search(queries, K)}
    wanted = index.search(queries, K)[1]
    figures: dict[str, dict[str, Any]] = {"faiss IndexFlatIP": {"bytes": int(documents.nbytes)}}
    collections = {}
    for precision in PRECISIONS:
        collection = Collection.create(legs={"v": f"given:dense:{dim},precision={precision}"})
        collections[precision] = collection
        collection.add(({"id": str(i), "text": ""} for i in range(len(documents))), vectors=documents, threads=1)
        name = f"numen {precision}"
        found = [[int(id_) for id_, _ in one] for one in collection.rank_many(k=K, vectors=queries, threads=1)]
        same = [len(set(a) & set(b.tolist())) / K for a, b in zip(found, wanted, strict=True)]
        figures[name] = {"bytes": collection.info().legs[0].bytes, "shared_hits": float(np.mean(same))}

        def alone(one: Collection = collection) -> None:
            for i in range(SINGLE):
                one.rank_many(k=K, vectors=queries[i : i + 1], threads=1)

        def together(one: Collection = collection) -> None:
            one.rank_many(k=K, vectors=queries, threads=1)

        singles[name], batches[name] = alone, together
    for kind, runs, n in (("single", singles, SINGLE), ("batch", batches, len(queries))):
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                times[name].append(taken(run))
        for name, seconds in times.items():
            figures[name][f"{kind}_ms"] = median(seconds) / n * 1e3
    for collection in collections.values():
        collection.close()
    return figures


def graph(documents: NDArray[np.float32], queries: NDArray[np.float32], wanted: int) -> dict[str, Any]:
    """What usearch's HNSW takes to build for `wanted` documents, and what it finds at what speed."""
    from usearch.index import Index

    some = documents[:wanted]
    index = Index(ndim=some.shape[1], metric="ip", dtype="f32")
    building = taken(lambda: index.add(np.arange(len(some)), some, threads=1))
    exact = np.argsort(-(queries @ some.T), axis=1)[:, :K]
    found = index.search(queries, K, threads=1).keys
    share = np.mean([len(set(a.tolist()) & set(b.tolist())) / K for a, b in zip(found, exact, strict=True)])
    searching = taken(lambda: [index.search(queries[i], K, threads=1) for i in range(SINGLE)])
    return {
        "documents": len(some),
        "build_seconds": building,
        "recall": float(share),
        "single_ms": searching / SINGLE * 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=75_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--vectors", type=Path, help="float32 rows; the last ones are the queries")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--graph", type=int, default=20_000, help="documents of the HNSW; 0 leaves it out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results/dense.json")
    options = parser.parse_args()
    if options.vectors is None:
        documents, queries = made(options.documents, options.dim)
    else:
        every = np.load(options.vectors, mmap_mode="r")
        documents, queries = np.ascontiguousarray(every[:-QUERIES]), np.ascontiguousarray(every[-QUERIES:])
    figures = measured(documents, queries, options.rounds)
    peer = figures["faiss IndexFlatIP"]
    for name, one in figures.items():
        one["ratio_single"] = peer["single_ms"] / one["single_ms"]
        one["ratio_batch"] = peer["batch_ms"] / one["batch_ms"]
        row = f"{one['single_ms']:7.2f} ms alone ({one['ratio_single']:.2f}x) {one['batch_ms']:7.3f} ms in a batch"
        shared = f"  {one['shared_hits']:.4f} of the hits" if "shared_hits" in one else ""
        print(
            f"{name:<20}{row} ({one['ratio_batch']:.2f}x)  {one['bytes'] / 1e6:6.1f} MB{shared}",
            file=sys.stderr,
        )
    result: dict[str, Any] = {
        **circumstances(["numen", "numpy", "numba", "faiss-cpu", "usearch"], options.vectors or Path("random")),
        "documents": len(documents),
        "dim": int(documents.shape[1]),
        "k": K,
        "threads": 1,
        "ratio": figures["numen float32"]["ratio_single"],
        "ratio_batch": figures["numen float32"]["ratio_batch"],
        "figures": figures,
    }
    if options.graph:
        result["graph"] = graph(documents, queries, min(options.graph, len(documents)))
        print(f"usearch HNSW: {result['graph']}", file=sys.stderr)
    if options.write:
        write("dense", result)
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
