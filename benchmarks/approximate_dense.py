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
from collections.abc import Callable
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
    import faiss
    from usearch.index import Index

    faiss.omp_set_num_threads(1)
    dim, out = documents.shape[1], {}
    for spec in (f"IVF{int(np.sqrt(len(documents)))},Flat", "HNSW32"):
        index = faiss.index_factory(dim, spec, faiss.METRIC_INNER_PRODUCT)
        building, _ = taken(lambda index=index: (index.train(documents), index.add(documents)))
        points = []
        for depth in (4, 8, 16, 32) if "IVF" in spec else (16, 32, 64, 128):
            how = (
                faiss.SearchParametersIVF(nprobe=depth) if "IVF" in spec else faiss.SearchParametersHNSW(efSearch=depth)
            )
            seconds, found = taken(
                lambda index=index, how=how: [
                    index.search(queries[i : i + 1], K, params=how)[1][0] for i in range(len(queries))
                ]
            )
            points.append((depth, recall(found, wanted), seconds / len(queries) * 1e3))
        out[f"faiss {spec}"] = {"build_seconds": building, "depth, recall, ms": points}
    graph = Index(ndim=dim, metric="ip", dtype="f32")
    building, _ = taken(lambda: graph.add(np.arange(len(documents)), documents, threads=1))
    points = []
    for depth in (16, 32, 64, 128):
        graph.expansion_search = depth
        seconds, found = taken(lambda: [graph.search(query, K, threads=1).keys for query in queries])
        points.append((depth, recall(found, wanted), seconds / len(queries) * 1e3))
    out["usearch"] = {"build_seconds": building, "depth, recall, ms": points}
    return out


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
            first, _ = taken(lambda how=how: collection.rank_many(vectors=queries, **how))
            seconds, _found = taken(
                lambda how=how: [collection.rank_many(vectors=query[None], **how)[0] for query in queries]
            )
            together = collection.rank_many(vectors=queries, **how)
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
