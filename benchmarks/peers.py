"""The neighbours: numen beside other engines on the same vectors and texts, in turn in one process, one thread.

usage: python benchmarks/peers.py [--vectors VECTORS] [--texts ../shared/data/limit] [--rounds 3] [-k 10]
              [--without seismic] [--json]

VECTORS (a folder that ../shared/bench/learned_sparse.py wrote): numen's leg of given vectors, the yardstick
(benchmarks/yardstick.py), qdrant-edge-py (Qdrant's engine in the process, exact) and pyseismic-lsr (approximate: the
fastest of a grid with recall 0.95; building takes minutes). TEXTS (BEIR layout): numen's bm25, bm25s with numba,
tantivy. An engine that is not installed is left out by name. Figures: queries a second in one batch, documents a second
while building, bytes, and the part of the exact k best that was found (vectors), or of numen's k best (texts: every
engine cuts words and rounds lengths in its own way, so that nobody's list is the right one).

`ratio` is numen's queries a second over the fastest exact peer's (the yardstick is no peer), on vectors where they were
given. Figures go to standard output and to benchmarks/results/peers.json.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine import Engine
from given_leg import exact_hits
from numen.evaluate import load_dataset
from record import circumstances, in_turn, median, write
from side_by_side import Found, recall
from text_engines import Bm25s, NumenBm25, Tantivy
from vector_engines import NumenGiven, Plain, Qdrant, Seismic
from vectors import load

MODULES = {"bm25s": "bm25s", "tantivy": "tantivy", "seismic": "seismic", "qdrant": "qdrant_edge"}
"""The module that an engine needs."""

EXACT = ("bm25s", "tantivy", "qdrant")
"""The peers that `ratio` may stand on."""


def compared(
    engines: Mapping[str, Callable[[Path], Engine]], n_docs: int, n_queries: int, rounds: int
) -> tuple[dict[str, Found], dict[str, Any]]:
    """(what each engine found, figures): each engine built once, then searched in turn."""
    ready: dict[str, Engine] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in engines.items():
            print(f"building {name} ...", file=sys.stderr)
            ready[name] = make(Path(folder) / name)
        found = {name: engine.found(engine.search()) for name, engine in ready.items()}
        print("searching in turn ...", file=sys.stderr)
        times = in_turn({name: engine.search for name, engine in ready.items()}, rounds)
        for engine in ready.values():
            engine.close()
    return found, {
        "documents": n_docs,
        "queries": n_queries,
        "queries_per_second": {name: n_queries / median(of) for name, of in times.items()},
        "documents_built_per_second": {name: n_docs / engine.build_seconds for name, engine in ready.items()},
        "index_bytes": {name: engine.bytes for name, engine in ready.items()},
    }


def on_vectors(folder: Path, k: int, rounds: int, left_out: list[str]) -> dict[str, Any]:
    """The engines for given vectors."""
    rows, queries = load(folder, "documents"), load(folder, "queries")
    exact = exact_hits(rows.yardstick(), queries, k)
    engines: dict[str, Callable[[Path], Engine]] = {
        "numen": lambda path: NumenGiven(folder, queries, k, path),
        "yardstick": lambda path: Plain(rows, queries, k),
        "qdrant": lambda path: Qdrant(rows, queries, k, path),
        "seismic": lambda path: Seismic(rows, queries, k, path, exact),
    }
    taken = {name: make for name, make in engines.items() if name not in left_out}
    found, figures = compared(taken, rows.shape[0], queries.shape[0], rounds)
    return {**figures, "recall": {name: recall(hits, exact) for name, hits in found.items()}}


def on_texts(name: Path, k: int, rounds: int, left_out: list[str]) -> dict[str, Any]:
    """The engines for texts."""
    dataset = load_dataset(str(name))
    queries = list(dataset.queries.values())
    texts = [f"{d.title} {d.text}" if d.title else d.text for d in dataset.documents()]
    engines: dict[str, type[NumenBm25 | Bm25s | Tantivy]] = {"numen": NumenBm25, "bm25s": Bm25s, "tantivy": Tantivy}
    taken = {name: engine for name, engine in engines.items() if name not in left_out}
    with tempfile.TemporaryDirectory() as folder:
        for engine in taken.values():  # compiled before the clock starts
            warm: Engine = engine(texts[:100], queries[:10], k, Path(folder) / engine.__name__)
            warm.search()
            warm.close()
    found, figures = compared(
        {name: lambda path, engine=engine: engine(texts, queries, k, path) for name, engine in taken.items()},  # type: ignore[misc]
        len(texts),
        len(queries),
        rounds,
    )
    return {**figures, "hits_of_numens_found": {name: recall(hits, found["numen"]) for name, hits in found.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, help="a folder that ../shared/bench/learned_sparse.py wrote")
    parser.add_argument("--texts", type=Path, help="a folder in BEIR layout, such as ../shared/data/limit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--without", action="append", default=[], choices=sorted(MODULES), help="leave this one out")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    if options.vectors is None and options.texts is None:
        parser.error("name --vectors, --texts or both")

    missing = [name for name, module in MODULES.items() if importlib.util.find_spec(module) is None]
    for name in missing:
        print(f"{name} is not installed and left out; the extra `bench` has it", file=sys.stderr)
    left_out = [*missing, *options.without]
    figures: dict[str, Any] = {"benchmark": "peers", "ratio": None, "ratios": {}}
    if options.texts is not None:
        figures["texts"] = on_texts(options.texts, options.k, options.rounds, left_out)
    if options.vectors is not None:
        figures["vectors"] = on_vectors(options.vectors, options.k, options.rounds, left_out)
    for kind in ("texts", "vectors"):
        speed: dict[str, float] = figures.get(kind, {}).get("queries_per_second", {})
        for name, one in speed.items():
            if name != "numen":
                figures["ratios"][f"{kind}, numen / {name}"] = speed["numen"] / one
        if fastest := max((speed[name] for name in EXACT if name in speed), default=0.0):
            figures["ratio"] = speed["numen"] / fastest
    figures |= {
        "left_out": left_out,
        "k": options.k,
        "threads": 1,
        "rounds": options.rounds,
        **circumstances(
            ("numen", "bm25s", "tantivy", "pyseismic-lsr", "qdrant-edge-py", "numba", "numpy"),
            options.vectors or options.texts,
        ),
        "data": [folder.name for folder in (options.vectors, options.texts) if folder is not None],
    }
    write("peers", figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
