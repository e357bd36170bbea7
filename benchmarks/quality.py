"""Quality on judged collections: each encoder's measures on each dataset, with and without typing errors and feedback.

usage: python benchmarks/quality.py FOLDER ... [--text-only FOLDER] [--system SYSTEM ...] [--merge] [--name NAME]

SYSTEM is an encoder, or an encoder followed by " with feedback" (the one setting FEEDBACK below). Figures go to
standard output and to benchmarks/results/NAME.json (quality, if not given). `kept` is the share of nDCG@10 that is left
when every content word of four letters or more has one random edit (seed 1). Speeds are not recorded; they are the
business of benchmarks/limit.py. `ratio` is the mean over the DEVELOPMENT datasets of nDCG@10 of auto over bm25:english.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from numen import Collection
from numen.evaluate import DEFAULT, Dataset, Typos, load_dataset, measure
from numen.evaluate.identical import twins, without
from record import RESULTS, circumstances, write

FED = " with feedback"
FEEDBACK = "rocchio,documents=20,terms=100,added=0.3"
SYSTEMS = ("auto", "numen:32768", "bm25", "bm25:english", f"auto{FED}", f"bm25:english{FED}")
DEVELOPMENT = ("cranfield", "cisi", "cacm", "npl-vaswani", "scifact", "climate-fever-sents")
K = 100


def measured(
    dataset: Dataset, system: str, fields: tuple[str, ...] = ("title", "text"), **how: Any
) -> dict[str, float]:
    """The measures of a system on a dataset, and `kept`; how: options of the search."""
    encoder = system.removesuffix(FED)
    if encoder != system:
        how["feedback"] = FEEDBACK
    with Collection.create(legs={"words": encoder}, fields=fields) as collection:
        collection.add(dataset.documents())
        own = twins("same", dataset.queries, collection.get)
        found = []
        for queries in (dataset.queries, Typos(1, 1).misspelt(dataset.queries)):
            ranked = collection.rank_many(list(queries.values()), K + 1 if own else K, threads=1, **how)
            pairs = zip(queries, ranked, strict=True)
            run = {query: without(hits, query, K) if query in own else hits[:K] for query, hits in pairs}
            found.append(measure(run, dataset.qrels, DEFAULT).means)
    means, misspelt = found
    return {**means, "kept": misspelt["nDCG@10"] / means["nDCG@10"] if means["nDCG@10"] else 1.0}


def name_of(folder: Path) -> str:
    """The dataset's name in the table: the folder's, with that of its parent for a language."""
    return f"{folder.parent.name}/{folder.name}" if folder.parent.name == "xquad" else folder.name


def means_of(table: dict[str, Any], name: str) -> dict[str, float]:
    """The mean of a measure over the development datasets, of each system that has all of them."""
    rows = [table[dataset]["measures"] for dataset in DEVELOPMENT if dataset in table]
    systems = [system for system in SYSTEMS if rows and all(system in row for row in rows)]
    return {system: sum(row[system][name] for row in rows) / len(rows) for system in systems}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="*", help="folders in BEIR layout")
    parser.add_argument("--text-only", type=Path, action="append", default=[], help="of this one titles are left out")
    parser.add_argument("--system", action="append", help=f"repeatable; by default {', '.join(SYSTEMS)}")
    parser.add_argument("--merge", action="store_true", help="keep the other figures of the file")
    parser.add_argument("--name", default="quality", help="of the file in benchmarks/results")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    folders = [*options.datasets, *options.text_only]
    if not folders:
        parser.error("name at least one dataset")

    path = RESULTS / f"{options.name}.json"
    before = options.merge and path.exists()
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["datasets"] if before else {}
    for folder in folders:
        dataset = load_dataset(str(folder))
        fields = ("text",) if folder in options.text_only else ("title", "text")
        documents = sum(1 for _ in dataset.documents())
        row = table.setdefault(name_of(folder), {"measures": {}})
        row.update({"documents": documents, "queries": len(dataset.queries)})
        for system in options.system or SYSTEMS:
            found = row["measures"][system] = measured(dataset, system, fields)
            if not options.json:
                shown = "  ".join(f"{name} {found[name]:.4f}" for name in ("nDCG@10", "R@100", "kept"))
                print(f"{name_of(folder):<22}{system:<28}{shown}", flush=True)
    means = {name: means_of(table, name) for name in ("nDCG@10", "R@100", "kept")}
    ndcg = means["nDCG@10"]
    figures = {
        "benchmark": options.name,
        "ratio": ndcg["auto"] / ndcg["bm25:english"] if {"auto", "bm25:english"} <= ndcg.keys() else None,
        "feedback": FEEDBACK,
        "means over the development datasets": means,
        "datasets": table,
        **circumstances(("numen", "ir-measures"), folders[0].parent),
    }
    write(options.name, figures)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
