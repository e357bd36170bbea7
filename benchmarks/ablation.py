"""What each part of `auto` contributes: its measures with one part left out or changed, beside bm25:english.

usage: python benchmarks/ablation.py FOLDER ... [--variant NAME ...] [--name NAME] [--text-only FOLDER]

FOLDER: judged collections in BEIR layout; of all of them together the means are shown. Figures go to standard output
and to benchmarks/results/NAME.json (ablation, if not given). "kept" is the share of nDCG@10 that is left when every
content word of four letters or more has one random edit (seed 1).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from numen import Collection
from numen.encode.bm25 import BM25
from numen.evaluate import Dataset, Typos, load_dataset, measure
from record import circumstances, write

MEASURES = ("nDCG@10", "R@2", "R@10", "R@100")
PLAIN = "bm25:english"
FEEDBACK = "rocchio,documents=20,terms=100,added=0.3"
"""The one setting of feedback that is reported for both."""

CLASSES, SEARCH = "numen.encode.classes", "numen.search.classes"
VARIANTS: dict[str, dict[str, Any]] = {
    "auto": {},
    "without forms": {f"{CLASSES}.CLOSE": 1.0, f"{CLASSES}.SAME_END": 0.0},
    "without words that end alike": {f"{CLASSES}.SAME_END": 0.0},
    "without misspellings": {f"{SEARCH}.SHORTEST_MISSPELT": 1_000},
    "without counting edits": {f"{CLASSES}.ONE_EDIT": 0.0, f"{CLASSES}.TWO_EDITS": 0.0},
    "without neighbours": {f"{SEARCH}.PAIR": 0.0},
    "without the word itself": {f"{SEARCH}.OWN": 0.0},
    "without words of the first hits": {"numen.encode.related.WEIGHT": 0.0},
    "twice the weight for those": {"numen.encode.related.WEIGHT": 1.4},
    "10 first hits instead of 5": {"numen.search.class_leg.FIRST": 10},
    "first hits count alike": {"numen.encode.related.POWER": 0},
    "idf to the power of 1": {"numen.encode.auto.SPREAD": 1.0},
    "k1 1.2, b 0.75": {"bm25": BM25()},
    "short misspellings too": {f"{SEARCH}.SHORTEST_MISSPELT": 1},
    "with feedback": {"feedback": FEEDBACK},
    PLAIN: {"encoder": PLAIN},
    f"{PLAIN} with feedback": {"encoder": PLAIN, "feedback": FEEDBACK},
}
"""What is changed of the code's constants, or how the collection is made and searched."""

SEARCH_OPTIONS = ("bm25", "feedback")


def measured(dataset: Dataset, changes: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, float]:
    """The measures of one variant on one dataset, and how much of nDCG@10 is kept with typing errors."""
    how = {name: changes[name] for name in SEARCH_OPTIONS if name in changes}
    with ExitStack() as stack:
        for name, value in changes.items():
            if "." in name:
                stack.enter_context(patch(name, value))
        legs = {"words": changes.get("encoder", "auto")}
        collection = stack.enter_context(Collection.create(legs=legs, fields=fields))
        collection.add(dataset.documents())
        found = []
        for queries in (dataset.queries, Typos(1, 1).misspelt(dataset.queries)):
            ranked = collection.rank_many(list(queries.values()), 100, threads=1, **how)
            run = dict(zip(queries, ranked, strict=True))
            found.append(measure(run, dataset.qrels, MEASURES).means)
    means, misspelt = found
    return {**means, "kept": misspelt["nDCG@10"] / means["nDCG@10"] if means["nDCG@10"] else 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders in BEIR layout")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), help="repeatable; all if not given")
    parser.add_argument("--text-only", type=Path, action="append", default=[], help="of this one titles are left out")
    parser.add_argument("--name", default="ablation", help="of the file in benchmarks/results")
    options = parser.parse_args()
    rows: dict[str, Any] = {}
    for variant in options.variant or list(VARIANTS):
        of_datasets = {}
        for folder in [*options.datasets, *options.text_only]:
            fields = ("text",) if folder in options.text_only else ("title", "text")
            name = f"{folder.parent.name}/{folder.name}" if folder.parent.name == "xquad" else folder.name
            of_datasets[name] = measured(load_dataset(str(folder)), VARIANTS[variant], fields)
        means = {m: sum(one[m] for one in of_datasets.values()) / len(of_datasets) for m in (*MEASURES, "kept")}
        rows[variant] = {"means": means, "datasets": of_datasets}
        shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(f"{variant:<34}{shown}", flush=True)
    figures = {
        "benchmark": options.name,
        "feedback": FEEDBACK,
        "variants": rows,
        **circumstances(("numen", "ir-measures"), options.datasets[0].parent),
    }
    write(options.name, figures)


if __name__ == "__main__":
    main()
