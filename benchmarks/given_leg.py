"""numen's leg of given vectors beside the yardstick on one folder of vectors: built, searched in turn, compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from building import build, folder_bytes, in_a_child
from numen import Collection
from record import in_turn, median, seconds
from side_by_side import Found, agreement, as_arrays, latencies
from vectors import DIMENSIONS, Rows, load
from yardstick import Yardstick

__all__ = ["LEG", "beside_yardstick", "built", "exact_hits", "spec_of"]

LEG = "v"


def spec_of(precision: str | None) -> str:
    """The encoder string of a leg of these vectors."""
    return f"given:{DIMENSIONS}" + (f",precision={precision}" if precision else "")


def built(path: Path, folder: Path, precision: str | None = None, memory: str | None = None) -> dict[str, Any]:
    """Builds a collection of the folder's documents at `path`; documents a second, memory, and bytes a posting."""
    took = in_a_child(build, path, spec_of(precision), folder, 1, memory)
    size = folder_bytes(path / "segments")
    postings = load(folder, "documents").entries
    return {
        **took,
        "postings": postings,
        "index_bytes": size,
        "bytes_a_posting": size / postings,
        "catalog_bytes": folder_bytes(path) - size,
    }


def exact_hits(lists: Yardstick, queries: Rows, k: int) -> Found:
    """The yardstick's hits."""
    docs, scores = lists.search(queries.indptr, queries.indices, queries.data, k)
    return np.where(scores > 0, docs.astype(np.int64), -1), scores


def beside_yardstick(
    collection: Collection, lists: Yardstick, queries: Rows, k: int, rounds: int, threads: int = 1
) -> dict[str, Any]:
    """Queries a second of a batch and milliseconds of single queries, in turn, and whether the hits are the same.

    threads: more than 1 adds a batch on that many threads.
    """
    rows = queries.each

    def batch(threads: int) -> Callable[[], object]:
        return lambda: collection.rank_many(None, k, legs=[LEG], vectors=queries, threads=threads)

    first = seconds(lambda: collection.rank_many(None, k, legs=[LEG], vectors=rows[0], threads=1))
    found = as_arrays(collection.rank_many(None, k, legs=[LEG], vectors=queries, threads=1), k)
    exact = exact_hits(lists, queries, k)
    runs: dict[str, Callable[[], object]] = {
        "numen": batch(1),
        "yardstick": lambda: lists.search(queries.indptr, queries.indices, queries.data, k),
    }
    if threads > 1:
        runs[f"numen, {threads} threads"] = batch(threads)
    times = in_turn(runs, rounds)
    latency = latencies(
        {
            "numen": lambda i: collection.rank_many(None, k, legs=[LEG], vectors=rows[i], threads=1),
            "yardstick": lambda i: lists.search(rows[i].indptr, rows[i].indices, rows[i].data, k),
        },
        len(rows),
        rounds,
    )
    search = {name: len(rows) / median(of) for name, of in times.items()}
    ratios = {
        "batch, numen / yardstick": search["numen"] / search["yardstick"],
        "single queries (p50), numen / yardstick": latency["yardstick"]["p50"] / latency["numen"]["p50"],
        "single queries (p99), numen / yardstick": latency["yardstick"]["p99"] / latency["numen"]["p99"],
    }
    if threads > 1:
        ratios[f"batch, {threads} threads / 1"] = search[f"numen, {threads} threads"] / search["numen"]
    return {
        "ratio": search["numen"] / search["yardstick"],
        "ratios": ratios,
        "queries_per_second": search,
        "latency_ms": latency,
        "first_query_seconds": first,
        "agreement": agreement(found, exact),
        "postings_a_query": int(np.diff(lists.starts)[queries.indices].sum()) / len(rows),
    }
