"""Words and meaning together: `auto`, all-MiniLM-L6-v2 as a dense leg, both fused by one setting, and BM25 beside them.

    python benchmarks/meaning.py FOLDER ... [--cache FOLDER] [--encode] [--fuse minmax] [--write]

FOLDER: judged collections in BEIR layout. The dense leg's nDCG@10 is compared with that of sentence-transformers' own
vectors and a float32 product of all pairs. Vectors of sentence-transformers are kept in --cache; the leg takes these
too, unless --encode has it run the model itself, as `numen eval --legs "words=auto,dense=dense:MODEL"` does. Figures go
to benchmarks/results/meaning.json, those of other collections stay there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minilm import Judged, load_minilm, minilm_folder
from numen import Collection
from numen.encode import dense, gaussian
from numen.encode.dense_vectors import DenseVectors
from numen.evaluate import load_dataset, measure
from numen.evaluate.identical import twins, without
from record import RESULTS, circumstances, write

__all__ = ["kept"]

MEASURES = ("nDCG@10", "R@10", "R@100")
K = 100
VARIANCE = 0.1
"""Of every dimension, where a Gaussian is made of a kept vector."""


class _Kept:
    """In the place of a loaded model: vectors that were made before, by text."""

    similarity = "cosine"
    longest = 256
    fingerprint = "kept vectors"

    def __init__(self, parts: Sequence[Judged]) -> None:
        self.width = parts[0].documents.shape[1]
        self._rows = dict(zip(parts[0].texts, parts[0].documents, strict=True))
        for judged in parts:
            self._rows |= dict(zip(judged.query_texts, judged.queries, strict=True))

    def encode(self, texts: Sequence[str], **_: object) -> DenseVectors:
        """The vectors of texts; zeros for one of white space alone."""
        rows = [self._rows[text] if text.strip() else np.zeros(self.width, np.float32) for text in texts]
        return DenseVectors.of(np.stack(rows).astype(np.float32))


class _Spread(_Kept):
    """As a Gaussian model: a kept vector is the mean, and every variance the same, as no trained heads are at hand."""

    def __init__(self, parts: Sequence[Judged]) -> None:
        super().__init__(parts)
        self.width *= 2

    def raw(self, texts: Sequence[str], **_: object) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """float32 (n, 2 k): mean and variance; which texts were too long: unknown."""
        rows = np.stack([self._rows[text] if text.strip() else np.zeros(self.width // 2) for text in texts])
        made = np.concatenate([rows, np.full(rows.shape, VARIANCE)], axis=1).astype(np.float32)
        return made, np.zeros(len(texts), np.bool_)


@contextmanager
def kept(parts: Sequence[Judged]) -> Iterator[None]:
    """Whatever model a dense leg names, it gets the kept vectors of one collection meanwhile, with those of the queries
    of all its splits; a Gaussian leg gets them as means."""
    stands = {dense: _Kept, gaussian: _Spread}
    real = {module: vars(module)["load_model"] for module in stands}
    for module, stand in stands.items():
        vars(module)["load_model"] = lambda *_, stand=stand: stand(parts)
    try:
        yield
    finally:
        for module, load in real.items():
            vars(module)["load_model"] = load


def figures_of(folder: Path, cache: Path, fuse: str, *, encode: bool) -> dict[str, Any]:
    """The measures of each system on one collection."""
    judged, dataset = load_minilm(folder, cache), load_dataset(str(folder))
    queries = dataset.queries
    with (
        nullcontext() if encode else kept([judged]),
        Collection.create(legs={"words": "auto", "dense": f"dense:{minilm_folder()}"}) as both,
        Collection.create(legs={"words": "bm25:english"}) as plain,
    ):
        for collection in (both, plain):
            collection.add(dataset.documents(), threads=1)
        own = twins("same", queries, both.get)
        ways: dict[str, tuple[Collection, dict[str, Any]]] = {
            "bm25:english": (plain, {}),
            "auto": (both, {"legs": ["words"]}),
            "dense": (both, {"legs": ["dense"]}),
            f"auto + dense, {fuse}": (both, {"fuse": fuse}),
        }
        means = {}
        for name, (collection, how) in ways.items():
            ranked = collection.rank_many(list(queries.values()), K + 1 if own else K, threads=1, **how)
            run = {
                query: without(hits, query, K) if query in own else hits[:K]
                for query, hits in zip(queries, ranked, strict=True)
            }
            means[name] = measure(run, dataset.qrels, MEASURES).means
    products = judged.queries @ judged.documents.T
    run = {}
    for query, row in zip(judged.query_ids, products, strict=True):
        best = np.argsort(-row, kind="stable")[: K + 1].tolist()
        hits = [(judged.ids[place], float(row[place])) for place in best]
        run[query] = without(hits, query, K) if query in own else hits[:K]
    means["brute force"] = measure(run, dataset.qrels, MEASURES).means
    return {
        "documents": len(judged.ids),
        "queries": len(queries),
        "vectors": "numen's own" if encode else "those of sentence-transformers",
        "measures": means,
        "dense leg against brute force, nDCG@10": means["dense"]["nDCG@10"] - means["brute force"]["nDCG@10"],
    }


def summary(table: dict[str, Any]) -> dict[str, Any]:
    """Means over all collections, beside bm25:english, and whether the fused legs are above each alone everywhere."""
    names = list(next(iter(table.values()))["measures"])
    means = {name: float(np.mean([one["measures"][name]["nDCG@10"] for one in table.values()])) for name in names}
    (fused,) = (name for name in names if " + " in name)
    above = all(
        one["measures"][fused]["nDCG@10"] > max(one["measures"][leg]["nDCG@10"] for leg in ("auto", "dense"))
        for one in table.values()
    )
    return {
        "mean nDCG@10": means,
        "ratio": means[fused] / means["bm25:english"],
        "above both legs on each": above,
        "largest difference from brute force": max(
            abs(one["dense leg against brute force, nDCG@10"]) for one in table.values()
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="collections in BEIR layout")
    parser.add_argument("--cache", type=Path, default=Path(".cache/minilm"), help="where vectors are kept")
    parser.add_argument("--encode", action="store_true", help="have the leg run the model itself")
    parser.add_argument("--fuse", default="minmax", help="how the legs are fused (default minmax)")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results/meaning.json")
    options = parser.parse_args()
    path = RESULTS / "meaning.json"
    table: dict[str, Any] = {}
    if options.write and path.exists():
        table = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    for folder in options.folders:
        table[folder.name] = figures_of(folder, options.cache, options.fuse, encode=options.encode)
        print(folder.name, json.dumps(table[folder.name]), flush=True)
        if options.write:
            around = circumstances(["numen", "numpy", "sentence-transformers", "torch"], Path("six collections"))
            write("meaning", {"benchmark": "meaning", **summary(table), "datasets": table, **around})
    print(json.dumps(summary(table), indent=2))


if __name__ == "__main__":
    main()
