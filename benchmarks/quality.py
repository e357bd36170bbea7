"""Quality on judged collections: each encoder's measures on each dataset.

usage: python benchmarks/quality.py FOLDER ... [--encoder ENCODER ...] [--name NAME] [--json]

Figures go to standard output and to benchmarks/results/NAME.json (quality, if not given). Speeds are not recorded;
they are the business of benchmarks/limit.py.
`ratio` is the mean over datasets of nDCG@10 of the first encoder, over that of the last.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from numen.evaluate import evaluate, load_dataset
from record import circumstances, write

ENCODERS = ("auto", "numen:32768", "bm25", "bm25:english")
SHOWN = ("nDCG@10", "R@100")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders in BEIR layout")
    parser.add_argument("--encoder", action="append", help=f"repeatable; by default {', '.join(ENCODERS)}")
    parser.add_argument("--name", default="quality", help="of the file in benchmarks/results")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    encoders = options.encoder or list(ENCODERS)

    table: dict[str, Any] = {}
    for folder in options.datasets:
        dataset = load_dataset(str(folder))
        evaluation = evaluate(dataset, encoders).to_json()
        table[folder.name] = {
            "documents": evaluation["documents"],
            "queries": evaluation["queries"],
            "measures": {row["encoder"]: row["measures"] for row in evaluation["results"]},
        }
        if not options.json:
            for encoder, measures in table[folder.name]["measures"].items():
                shown = "  ".join(f"{m} {measures[m]:.4f}" for m in SHOWN)
                print(f"{folder.name:<22}{encoder:<18}{shown}", flush=True)
    means = {e: sum(row["measures"][e]["nDCG@10"] for row in table.values()) / len(table) for e in encoders}
    figures = {
        "benchmark": options.name,
        "ratio": means[encoders[0]] / means[encoders[-1]],
        "mean nDCG@10": means,
        "datasets": table,
        **circumstances(("numen", "ir-measures"), options.datasets[0].parent),
    }
    write(options.name, figures)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
