"""Learned-sparse vectors: numen's leg of given vectors beside the yardstick, in turn in one process, one thread.

usage: python ../shared/bench/learned_sparse.py VECTORS [--documents N] [--kind topic|iid]
       python benchmarks/learned_sparse.py VECTORS [--rounds 5] [-k 10] [--threads 2] [--precision 8bit] [--memory 1GB]
              [--approximate 0.95 [--peer seismic --peer-vectors VECTORS]] [--json]

The collection is built in a process of its own, by the public API from memory-mapped vectors: documents a second,
peak memory, bytes a posting of everything under segments/. Then a batch of all queries, and all queries one at a time,
beside benchmarks/yardstick.py, whose lists of the same values (with --precision 8bit, of the rounded ones) lie in
memory as float32. `ratio` is numen's queries a second in one batch over the yardstick's. Hits are compared, ties aside.
--threads adds the batch on so many threads over that on one.

--approximate TARGET times the batch again with that recall target, beside the exact one, and measures its recall; with
--peer seismic, pyseismic-lsr is built on --peer-vectors (minutes, for 200,000 documents), the fastest of a grid of its
query_cut and heap_factor with at least that recall is chosen, and the two take turns; then `ratio` is numen's
approximate queries a second over Seismic's.

Figures go to standard output and to benchmarks/results/learned_sparse_NAME.json, NAME being the folder's name, with the
precision and the target where one was asked for.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from given_leg import LEG, beside_yardstick, built, exact_hits, spec_of
from numen import Collection
from record import circumstances, in_turn, median, seconds, write
from seismic_peer import SeismicPeer
from side_by_side import Found, as_arrays, recall
from vectors import Rows, load


def approximate(
    collection: Collection, queries: Rows, exact: Found, k: int, rounds: int, target: float, peer: Path | None
) -> dict[str, Any]:
    """Queries a second and recall of numen at a recall target, beside numen exact, or Seismic on the folder `peer`."""

    def search() -> Any:
        options: dict[str, Any] = {"approximate": target}
        return collection.rank_many(None, k, legs=[LEG], vectors=queries, threads=1, **options)

    first = seconds(search)
    runs: dict[str, Any] = {
        "numen, approximate": search,
        "numen": lambda: collection.rank_many(None, k, legs=[LEG], vectors=queries, threads=1),
    }
    figures: dict[str, Any] = {
        "target": target,
        "recall": {"numen, approximate": recall(as_arrays(search(), k), exact)},
        "first_batch_seconds": first,
    }
    if peer is not None:
        asked = load(peer, "queries")
        seismic = SeismicPeer(load(peer, "documents"))
        chosen = seismic.tune(asked, exact_hits(load(peer, "documents").yardstick(), asked, k), k, target)
        figures["seismic"] = {
            "documents": seismic.n_docs,
            "build_seconds": seismic.build_seconds,
            "parameters": seismic.parameters,
            "query_cut": chosen.query_cut,
            "heap_factor": chosen.heap_factor,
            "grid": [vars(one) for one in seismic.tried],
        }
        figures["recall"]["seismic"] = chosen.recall
        runs["seismic"] = lambda: seismic.search(asked, k, chosen.query_cut, chosen.heap_factor)
    sizes = {"seismic": asked.shape[0]} if peer is not None else {}
    figures["queries_per_second"] = {
        name: sizes.get(name, queries.shape[0]) / median(times) for name, times in in_turn(runs, rounds).items()
    }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path, help="a folder that ../shared/bench/learned_sparse.py wrote")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2, help="also time the batch on so many threads (1: no)")
    parser.add_argument("--precision", choices=("8bit",), help="store values rounded to 8 bits")
    parser.add_argument("--memory", help="the bound that building keeps to, such as 1GB")
    parser.add_argument("--approximate", type=float, metavar="TARGET", help="also search with this recall target")
    parser.add_argument("--peer", choices=("seismic",), help="compare the approximate search with this engine")
    parser.add_argument("--peer-vectors", type=Path, help="the folder that the peer is built on")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    if options.peer and (options.approximate is None or options.peer_vectors is None):
        parser.error("--peer needs --approximate and --peer-vectors")

    k, rounds = options.k, options.rounds
    queries = load(options.vectors, "queries")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection"
        print("building ...", file=sys.stderr)
        building = built(path, options.vectors, options.precision, options.memory)
        documents = load(options.vectors, "documents")
        lists = (documents.rounded() if options.precision else documents).yardstick()
        with Collection.open(path, read_only=True) as collection:
            print("searching in turn ...", file=sys.stderr)
            figures = beside_yardstick(collection, lists, queries, k, rounds, options.threads)
            if options.approximate is not None:
                print("searching approximately ...", file=sys.stderr)
                exact = exact_hits(lists, queries, k)
                del lists
                peer = options.peer_vectors if options.peer else None
                about = approximate(collection, queries, exact, k, rounds, options.approximate, peer)
                figures["approximate"] = about
                speed = about["queries_per_second"]
                figures["ratios"]["approximate / exact"] = speed["numen, approximate"] / speed["numen"]
                if peer is not None:
                    figures["ratio"] = speed["numen, approximate"] / speed["seismic"]
                    figures["ratios"]["approximate, numen / seismic"] = figures["ratio"]
                    figures["ratios"]["build time, seismic / numen"] = (
                        about["seismic"]["build_seconds"] / building["seconds"]
                    )
    parts = [options.vectors.name, options.precision, options.approximate and f"approximate{options.approximate:g}"]
    name = "_".join(["learned_sparse", *(part for part in parts if part)])
    figures = {
        "benchmark": name,
        "ratio": figures.pop("ratio"),
        **figures,
        "build": building,
        "encoder": spec_of(options.precision),
        "documents": building["documents"],
        "queries": queries.shape[0],
        "k": k,
        "threads": 1,
        "rounds": rounds,
        **circumstances(("numen", "pyseismic-lsr", "numba", "numpy"), options.vectors),
    }
    write(name, figures)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    if figures["agreement"]["differ"]:
        raise SystemExit(f"{figures['agreement']['differ']} queries have other hits than the yardstick's")


if __name__ == "__main__":
    main()
