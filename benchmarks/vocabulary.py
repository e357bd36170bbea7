"""How long `auto` looks for what words stand for in a vocabulary of millions of words.

usage: python benchmarks/vocabulary.py [--words N] [--documents N] [--queries N] [--json]

The words are made of syllables by a fixed seed, so that many begin and end alike. No two queries share a word: nothing
is remembered from one to the next. Figures go to standard output and to benchmarks/results/vocabulary.json: the seconds
of the first search, which derives lists of trigrams, and p50 and p95 of searches of three words, as they are and with a
typing error in each. `ratio` is the bar of 100 ms over the larger p50.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from typing import Any

import numpy as np

from numen import Collection
from numen.evaluate import Typos
from record import RESULTS, circumstances, seconds, write

BAR = 0.1
"""Seconds that a search may take."""


def vocabulary(n: int, draw: random.Random) -> list[str]:
    """n different words of two to five syllables; frequent syllables, so that words have many neighbours."""
    onsets = ["", *"bcdfghklmnprstvw", *"br ch cr dr fl gr ph pl pr sh sp st str th tr".split()]
    rimes = "a e i o u al an ar at ed en er es ic in ing ion is it on or um us".split()
    syllables = [onset + rime for onset, rime in itertools.product(onsets, rimes)]
    weights = [1 / (rank + 5) for rank in range(len(syllables))]
    draw.shuffle(syllables)
    cumulated = list(itertools.accumulate(weights))
    found: dict[str, None] = {}
    while len(found) < n:
        found["".join(draw.choices(syllables, cum_weights=cumulated, k=draw.choice([2, 3, 3, 4, 4, 5])))] = None
    return list(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=2_000_000)
    parser.add_argument("--documents", type=int, default=60_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    options = parser.parse_args()
    draw = random.Random(0)
    words = vocabulary(options.words, draw)
    each = -(-len(words) // options.documents)
    texts = (" ".join([*words[at : at + each], draw.choice(words)]) for at in range(0, len(words), each))
    with Collection.create() as collection:
        collection.add({"id": str(n), "text": text} for n, text in enumerate(texts))
        queries = {str(n): " ".join(draw.sample(words, 3)) for n in range(options.queries)}
        first = seconds(lambda: collection.search(words[0]))
        figures: dict[str, Any] = {
            "benchmark": "vocabulary",
            "words": len(words),
            "documents": len(collection),
            "first_search_seconds": first,
        }
        slowest = 0.0
        for name, asked in (("as they are", queries), ("misspelt", Typos(1, 1).misspelt(queries))):
            times = []
            for text in asked.values():
                began = time.perf_counter()
                collection.search(text)
                times.append(time.perf_counter() - began)
            p50, p95 = np.percentile(times, [50, 95]).tolist()
            figures[name] = {"p50_ms": 1000 * p50, "p95_ms": 1000 * p95}
            slowest = max(slowest, 1000 * p50)
    figures = {**figures, "ratio": 1000 * BAR / slowest, **circumstances(("numen", "numba"), RESULTS)}
    write("vocabulary", figures)
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
