"""Whether every hit explains to its score: contributions add up, for 1,000 queries, with feedback and without.

usage: python benchmarks/explanations.py FOLDER ... [--queries N] [--leg NAME=ENCODER ...] [--json]

FOLDER: judged collections in BEIR layout; N queries are taken from all of them, name the small ones first. Every second
one is misspelt.
`ratio` is the bar of 1e-5 over the largest relative difference between a hit's score and what its parts add up to.
Figures go to standard output and to benchmarks/results/explanations.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from numen import Collection
from numen.evaluate import Typos, load_dataset
from numen.search.feedback import Feedback
from record import circumstances, write

BAR = 1e-5
FEEDBACK: tuple[str | Feedback | None, ...] = (None, "rm3", "rocchio")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", help="folders in BEIR layout")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--leg", action="append", default=None, help="NAME=ENCODER, repeatable; auto if not given")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    legs = dict(one.split("=", 1) for one in options.leg or ["words=auto"])
    largest, queries, hits, parts = 0.0, 0, 0, 0
    for left, folder in zip(range(len(options.datasets), 0, -1), options.datasets, strict=True):
        dataset = load_dataset(folder)
        asked = list(dataset.queries.items())[: -(-(options.queries - queries) // left)]
        misspelt = Typos(1, 1).misspelt(dict(asked[1::2]))
        with Collection.create(legs=legs) as collection:
            collection.add(dataset.documents())
            for number, (id, text) in enumerate(asked):
                text = misspelt.get(id, text)
                how: Any = {"feedback": FEEDBACK[number % len(FEEDBACK)]}
                found = collection.search(text, 10, **how)
                queries += 1
                explained = collection.explain_many(text, [hit.id for hit in found], 10, **how)
                for hit, explanation in zip(found, explained, strict=True):
                    hits += 1
                    for leg in explanation.legs:
                        total = leg.constant + sum(part.contribution for part in leg.parts)
                        parts += len(leg.parts)
                        largest = max(largest, abs(total - leg.score) / abs(leg.score))
                    largest = max(largest, abs(explanation.score - hit.score) / abs(hit.score))
    figures = {
        "benchmark": "explanations",
        "ratio": BAR / max(largest, 1e-12),
        "queries": queries,
        "hits": hits,
        "parts": parts,
        "largest_relative_difference": largest,
        "legs": legs,
        **circumstances(("numen", "numba"), options.datasets[0]),
    }
    write("explanations", figures)
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
