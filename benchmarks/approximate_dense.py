"""Which approximate index for dense vectors: cells (faiss IVF) or graphs (faiss HNSW, usearch)? And numen with it.

    python benchmarks/approximate_dense.py --vectors FILE.npy ... --queries FILE.npy [--write]

Vectors and queries: float32 rows of length 1, of one model (several files are put together). Everything runs on one
thread and is timed by its processor time: seconds to build, and for several depths of search the recall at 10 and
milliseconds a query, one by one. numen: `approximate=TARGET` in the public API, with the recall that it states.
`ratio` is the exact leg's time over that of approximate=0.95.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen import Collection
from record import circumstances, write

K = 10


def taken(run: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds of processor time, what it gives)."""
    began = time.process_time()
    made = run()
    return time.process_time() - began, made


def recall(found: Any, wanted: NDArray[np.int64]) -> float:
    """Which part of the wanted documents is found."""
    pairs = zip(found, wanted.tolist(), strict=True)
    return float(np.mean([len(set(map(int, a)) & set(b)) / K for a, b in pairs]))


def peers(documents: NDArray[np.float32], queries: NDArray[np.float32], wanted: NDArray[np.int64]) -> dict[str, Any]:
    """Build times, and (depth, recall, milliseconds) of each peer."""
    faiss: Any = import_module("faiss")
    graphs: Any = import_module("usearch.index")
    faiss.omp_set_num_threads(1)
    dim, n = documents.shape[1], len(queries)
    out: dict[str, Any] = {}

    def add(name: str, build: Callable[[], Any], search: Callable[[int], Any], depths: Sequence[int]) -> None:
        building, _ = taken(build)
        points = []
        for depth in depths:
            seconds, found = taken(partial(search, depth))
            points.append((depth, recall(found, wanted), seconds / n * 1e3))
        out[name] = {"build_seconds": building, "depth, recall, ms": points}
        print(name, out[name], flush=True)

    def of_faiss(index: Any, parameters: Callable[[int], Any], depth: int) -> list[Any]:
        how = parameters(depth)
        return [index.search(queries[i : i + 1], K, params=how)[1][0] for i in range(n)]

    cells = faiss.index_factory(dim, f"IVF{int(np.sqrt(len(documents)))},Flat", faiss.METRIC_INNER_PRODUCT)
    graph = faiss.index_factory(dim, "HNSW32", faiss.METRIC_INNER_PRODUCT)
    other = graphs.Index(ndim=dim, metric="ip", dtype="f32")

    def build_cells() -> None:
        cells.train(documents)
        cells.add(documents)

    def of_usearch(depth: int) -> list[Any]:
        other.expansion_search = depth
        return [other.search(query, K, threads=1).keys for query in queries]

    by_cells, by_graph = (
        lambda depth: faiss.SearchParametersIVF(nprobe=depth),
        lambda depth: faiss.SearchParametersHNSW(efSearch=depth),
    )
    add("faiss IVF", build_cells, partial(of_faiss, cells, by_cells), (4, 8, 16, 32))
    add("faiss HNSW32", partial(graph.add, documents), partial(of_faiss, graph, by_graph), (16, 32, 64, 128))
    build_other = partial(other.add, np.arange(len(documents)), documents, threads=1)
    add("usearch HNSW", build_other, of_usearch, (16, 32, 64, 128))
    return out


def alone(collection: Collection, queries: NDArray[np.float32], how: dict[str, Any]) -> list[Any]:
    """The hits of each query, asked one by one."""
    return [collection.rank_many(vectors=query[None], **how)[0] for query in queries]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, nargs="+", required=True, help="float32 rows, the documents")
    parser.add_argument("--queries", type=Path, required=True, help="float32 rows")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results")
    options = parser.parse_args()
    documents = np.ascontiguousarray(np.concatenate([np.load(path) for path in options.vectors]), np.float32)
    queries = np.ascontiguousarray(np.load(options.queries), np.float32)
    wanted = np.argsort(-(queries @ documents.T), axis=1)[:, :K]
    figures: dict[str, Any] = {"documents": len(documents), "dim": int(documents.shape[1]), "queries": len(queries)}
    with Collection.create(legs={"v": f"given:dense:{documents.shape[1]}"}) as collection:
        collection.add(({"id": str(i), "text": ""} for i in range(len(documents))), vectors=documents, threads=1)
        for target in (None, 0.9, 0.95, 0.99):
            how: dict[str, Any] = {"k": K, "threads": 1, "approximate": target}
            first, together = taken(partial(collection.rank_many, vectors=queries, **how))
            seconds, _ = taken(partial(alone, collection, queries, how))
            figures["numen, exact" if target is None else f"numen, approximate={target}"] = {
                "recall": recall([[id for id, _ in hits] for hits in together], wanted),
                "stated": together.recall,
                "single_ms": seconds / len(queries) * 1e3,
                "first_call_seconds": first,
            }
            print(target, figures["numen, exact" if target is None else f"numen, approximate={target}"], flush=True)
    figures |= peers(documents, queries, wanted)
    figures["ratio"] = figures["numen, exact"]["single_ms"] / figures["numen, approximate=0.95"]["single_ms"]
    result = {
        "benchmark": "approximate_dense",
        **figures,
        **circumstances(("numen", "numpy", "faiss-cpu", "usearch"), options.vectors[0]),
    }
    if options.write:
        write("approximate_dense", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
