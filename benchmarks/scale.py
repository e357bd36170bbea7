"""Growth: numen's leg of given vectors from ten thousand documents to a million, beside the yardstick, one thread.

usage: python benchmarks/scale.py ../shared/bench/learned_sparse.py [--documents 10000 30000 ...] [--kind topic]
              [--vectors DIR] [--rounds 3] [-k 10] [--memory 1GB] [--json]

The script of the first argument makes the vectors of each size, in a temporary folder or, with --vectors, in
DIR/KIND-N, where they stay for the next run. The collection of each size is built in a process of its own. For each
size: documents built a second, peak memory, bytes a posting of everything under segments/, seconds from opening to the
first answer, queries a second in one batch, milliseconds of single queries (p50, p95, p99), and the same of the
yardstick (benchmarks/yardstick.py) in turn. `ratio` is numen's queries a second in one batch over the yardstick's, for
the most documents. Figures go to standard output and to benchmarks/results/scale.json; scripts/fill_readme.py puts them
into docs/SCALE.md.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from given_leg import beside_yardstick, built
from numen import Collection
from record import circumstances, write
from vectors import load

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def vectors(script: Path, folder: Path, documents: int, kind: str) -> Path:
    """The folder with vectors of so many documents, made unless it is there."""
    if not (folder / "queries.values.npy").exists():  # the file that the script writes last
        command = [sys.executable, str(script), str(folder), "--documents", str(documents), "--kind", kind]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return folder


def measured(folder: Path, path: Path, k: int, rounds: int, memory: str | None) -> dict[str, Any]:
    """The figures of one size."""
    building = built(path, folder, memory=memory)
    lists = load(folder, "documents").yardstick()
    queries = load(folder, "queries")
    began = time.perf_counter()
    with Collection.open(path, read_only=True) as collection:
        opening = time.perf_counter() - began
        figures = beside_yardstick(collection, lists, queries, k, rounds)
        figures["open_to_first_answer_seconds"] = opening + figures.pop("first_query_seconds")
        return {**figures, "build": building}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", type=Path, help="what makes the vectors: ../shared/bench/learned_sparse.py")
    parser.add_argument("--documents", type=int, nargs="+", default=SIZES)
    parser.add_argument("--kind", choices=("topic", "iid"), default="topic")
    parser.add_argument("--vectors", type=Path, help="where vectors are kept; a temporary folder without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--memory", help="the bound that building keeps to, such as 1GB")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()

    sizes: dict[str, Any] = {}
    for documents in sorted(options.documents):
        with tempfile.TemporaryDirectory() as temporary:
            print(f"{documents:,} documents ...", file=sys.stderr)
            folder = (options.vectors or Path(temporary)) / f"{options.kind}-{documents}"
            vectors(options.script, folder, documents, options.kind)
            path = Path(temporary) / "collection"
            sizes[str(documents)] = measured(folder, path, options.k, options.rounds, options.memory)
    largest = list(sizes.values())[-1]
    figures = {
        "benchmark": "scale",
        "ratio": largest["ratio"],
        "documents": sizes,
        "kind": options.kind,
        "memory": options.memory,
        "k": options.k,
        "threads": 1,
        "rounds": options.rounds,
        **circumstances(("numen", "numba", "numpy"), options.script),
        "differ": sum(one["agreement"]["differ"] for one in sizes.values()),
    }
    write("scale", figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    if figures["differ"]:
        raise SystemExit(f"{figures['differ']} queries have other hits than the yardstick's")


if __name__ == "__main__":
    main()
