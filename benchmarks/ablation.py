"""What each part of `auto` contributes: its measures with one part left out or changed, beside bm25:english.

usage: python benchmarks/ablation.py FOLDER ... [--variant NAME ...] [--name NAME]

FOLDER: judged collections in BEIR layout. Figures, the means over those of quality.DEVELOPMENT and each one, go to
standard output and to benchmarks/results/NAME.json (ablation, if not given). What is measured, and how, says
benchmarks/quality.py.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from numen.encode.bm25 import BM25
from numen.evaluate import load_dataset
from quality import DEVELOPMENT, measured, name_of
from record import circumstances, write

BASE = "bm25:english"
CLASSES, SEARCH, RELATED = "numen.encode.classes", "numen.search.classes", "numen.encode.related"
VARIANTS: dict[str, dict[str, Any]] = {
    BASE: {"system": BASE},
    "auto": {},
    "without forms": {f"{CLASSES}.CLOSE": 1.0, f"{CLASSES}.SAME_END": 0.0},
    "without words that end alike": {f"{CLASSES}.SAME_END": 0.0},
    "without misspellings": {f"{SEARCH}.SHORTEST_MISSPELT": 1_000},
    "without counting edits": {f"{CLASSES}.ONE_EDIT": 0.0, f"{CLASSES}.TWO_EDITS": 0.0},
    "short misspellings too": {f"{SEARCH}.SHORTEST_MISSPELT": 1},
    "without neighbours": {f"{SEARCH}.PAIR": 0.0},
    "without the word itself": {f"{SEARCH}.OWN": 0.0},
    "idf to the power of 1": {"numen.encode.auto.SPREAD": 1.0},
    "k1 1.2, b 0.75": {"bm25": BM25()},
    "without words of the first hits": {f"{RELATED}.WEIGHT": 0.0},
    "these at twice the weight": {f"{RELATED}.WEIGHT": 1.4},
    "of 10 first hits, not 5": {"numen.search.class_leg.FIRST": 10},
    "first hits count alike": {f"{RELATED}.POWER": 0},
}
"""What is changed: constants of the code by their full names, options of the search, or the system."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders in BEIR layout")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), help="repeatable; all if not given")
    parser.add_argument("--name", default="ablation", help="of the file in benchmarks/results")
    options = parser.parse_args()
    rows: dict[str, Any] = {}
    base: dict[str, dict[str, float]] = {}
    for variant in dict.fromkeys([BASE, *(options.variant or VARIANTS)]):
        changes = VARIANTS[variant]
        how = {name: value for name, value in changes.items() if "." not in name and name != "system"}
        found = {}
        with ExitStack() as stack:
            for name, value in changes.items():
                if "." in name:
                    stack.enter_context(patch(name, value))
            for folder in options.datasets:
                found[name_of(folder)] = measured(load_dataset(str(folder)), changes.get("system", "auto"), **how)
        base = base or found
        rows[variant] = {"relative": relative(found, base), "datasets": found}
        shown = "  ".join(f"{name} {value:.3f}" for name, value in rows[variant]["relative"].items())
        print(f"{variant:<34}{shown}", flush=True)
    figures = {
        "benchmark": options.name,
        "base": BASE,
        "variants": rows,
        **circumstances(("numen", "ir-measures"), options.datasets[0].parent),
    }
    write(options.name, figures)


def relative(found: dict[str, dict[str, float]], base: dict[str, dict[str, float]]) -> dict[str, float]:
    """The means over the development datasets over those of the base; the least of nDCG@10; the mean of `kept`."""
    names = [name for name in DEVELOPMENT if name in found]

    def mean(of: dict[str, dict[str, float]], one: str) -> float:
        return sum(of[name][one] for name in names) / len(names)

    return {
        "nDCG@10": mean(found, "nDCG@10") / mean(base, "nDCG@10"),
        "least": min(found[name]["nDCG@10"] / base[name]["nDCG@10"] for name in names),
        "R@100": mean(found, "R@100") / mean(base, "R@100"),
        "kept": mean(found, "kept"),
    }


if __name__ == "__main__":
    main()
