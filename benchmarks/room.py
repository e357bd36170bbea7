"""What `numen room` and `numen limit` must show: each question writes benchmarks/results/room_QUESTION.json.

usage: python benchmarks/room.py collisions ../shared/data/limit ../shared/data/arxiv-recent
       python benchmarks/room.py generator ../shared/data/limit [--seeds 1,2,3] [--others 3] [--again]
       python benchmarks/room.py curse [--trials 40]
       python benchmarks/room.py free [--dims 4,8,12] [--seeds 42] [--longer] [--from N] [--again]
       python benchmarks/room.py verdict ../shared/data/cranfield --model FOLDER [--cache DIR] [--encode N]
           [--family NAME ...] [--dims 512,1024,...]
       python benchmarks/room.py dense ../shared/data/limit --model FOLDER --cache DIR --encode 10240

collisions: expected and counted at twelve sizes, with the encoder's CRC-32 and with seeded hashes. generator: the shape
of LIMIT drawn with other seeds beside the collection, from numen's attributes and from the collection's own. curse:
simulated and computed probability that noise outranks an answer. free: critical n of free vectors beside the published
ones, as published or by the longer way of the released code; what earlier runs tried stays, and a run that was cut
short goes on from it. dense: what a model's first dimensions find in a part of the documents, and an estimate for all.
verdict: the verdict on a dataset, and its recommended size built once more, as a collection on disk where it is one.
"""

# ruff: noqa: E402  (the number of threads must be set before numba and numpy are imported)

from __future__ import annotations

import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from numen import Collection
from numen.encode.hashed import HashedEncoder
from numen.evaluate import Dataset, evaluate, load_dataset, measure
from numen.room import FAMILIES, Limit, make_limit, measure_room
from numen.room.attributes import Attribute
from numen.room.capacity import PAPER_CRITICAL, critical_n, cubic_fit
from numen.room.collisions import count_collisions, vocabulary
from numen.room.corpus import read_corpus
from numen.room.curse import outranked, simulate
from numen.room.dense import VectorCache, load_model
from numen.room.exact import ranks_of
from numen.room.free import Fitted
from numen.room.growth import recall_at
from numen.room.shrink import first
from record import RESULTS, circumstances, write

ENCODERS = ("bm25", "bm25:english", *(f"numen:{dim}" for dim in (512, 2048, 4096, 8192, 32768)))
SIMILARITIES = (0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8)
CURSE_DIMS = (16, 32, 64, 128, 256, 512, 1024)
CURSE_SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)


def collisions(options: argparse.Namespace) -> dict[str, Any]:
    """Expected and counted on each dataset."""
    out: dict[str, Any] = {"datasets": {}}
    for folder in options.datasets:
        texts = [f"{d.title} {d.text}" for d in load_dataset(str(folder)).documents()]
        encoder = HashedEncoder()
        counted = count_collisions(encoder, vocabulary(encoder, texts))
        out["datasets"][folder.name] = [asdict(one) for one in counted]
        for one in counted:
            crc = 100 * (one.counted_pairs / one.expected_pairs - 1)
            seeded = 100 * (one.hashes_pairs / one.chance_pairs - 1)
            pairs = f"{one.expected_pairs:>16,.0f} crc32 {crc:+.2f} % seeded {seeded:+.2f} %"
            print(f"{folder.name:<14}{one.dim:>9,} pairs {pairs}")
    return out


def generator(options: argparse.Namespace) -> dict[str, Any]:
    """Measures of each encoder on the collection, and on its shape with other seeds: with numen's attributes, and for
    comparison (seeds 1 to `--others`) with the collection's own, drawn anew. What an earlier run measured stays."""
    (folder,) = options.datasets
    kept = RESULTS / "room_generator.json"
    limit = load_dataset(str(folder))
    theirs = _attributes_of(limit)
    made: dict[str, Callable[[], Dataset]] = {"limit": lambda: limit}
    for at in range(max(len(options.seeds), options.others)):
        for seed in options.seeds[at : at + 1]:
            made[f"seed {seed}"] = partial(make_limit, Limit(seed=seed))
        if at < options.others:
            made[f"limit's list, seed {at + 1}"] = partial(make_limit, Limit(seed=at + 1), theirs)
    table = {} if options.again or not kept.exists() else json.loads(kept.read_text(encoding="utf-8"))["measures"]
    figures: dict[str, Any] = {}
    for name, make in made.items():
        have = table.setdefault(name, {})
        missing = [encoder for encoder in ENCODERS if encoder not in have]
        if missing:
            have |= {row.encoder: row.measures for row in evaluate(make(), missing).results}
        print(name, {e: {m: round(v, 4) for m, v in values.items()} for e, values in have.items()}, flush=True)
        figures = {"measures": table, "summary": _summary(table)}
        save("generator", figures, folder)
    return figures


def _attributes_of(dataset: Dataset) -> list[Attribute]:
    """What LIMIT's queries ask for and its documents hold; the last thing of a document is left out, since " and " may
    be part of it: among so many documents each thing stands elsewhere too."""
    found = {text.removeprefix("Who likes ").removesuffix("?") for text in dataset.queries.values()}
    for document in dataset.documents():
        found.update(document.text.partition(" likes ")[2].split(", ")[:-1])
    return [Attribute(name) for name in sorted(found)]


def _summary(table: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """By kind of collection, encoder and measure: mean, standard deviation over seeds, the largest distance to LIMIT,
    and how many seeds are within 0.02 of it."""
    out: dict[str, Any] = {}
    for kind in ("seed", "limit's list"):
        for encoder, measures in table["limit"].items():
            rows = [row for name, row in table.items() if name.startswith(kind) and encoder in row]
            for measure_, there in measures.items() if len(rows) > 1 else ():
                values = [row[encoder][measure_] for row in rows]
                away = [abs(value - there) for value in values]
                out.setdefault(kind, {}).setdefault(encoder, {})[measure_] = {
                    "limit": there,
                    "mean": statistics.mean(values),
                    "deviation": statistics.stdev(values),
                    "largest_distance": max(away),
                    "within_0.02": [sum(one <= 0.02 for one in away), len(away)],
                }
    return out


def curse(options: argparse.Namespace) -> dict[str, Any]:
    """For each dimension, size and similarity: the share of trials that were outranked, and the formula."""
    rows = []
    for dim in CURSE_DIMS:
        largest = simulate(dim, CURSE_SIZES, options.trials)
        for similarity in SIMILARITIES:
            for at, size in enumerate(CURSE_SIZES):
                seen = float((largest[:, at] > similarity).mean())
                rows.append([dim, similarity, size, seen, outranked(similarity, dim, size)])
        print(dim, flush=True)
    unlikely = [_binomial_p(round(seen * options.trials), options.trials, p) for _, _, _, seen, p in rows]
    opened = sum(0.01 < row[4] < 0.99 for row in rows)
    print(f"{len(rows)} points, {opened} of them open; the least likely has p = {min(unlikely):.4f}")
    return {
        "trials": options.trials,
        "columns": ["dimensions", "similarity", "documents", "simulated", "formula"],
        "rows": rows,
        "open_points": opened,
        "smallest_binomial_p": min(unlikely),
        "points_below_p_0.05": sum(p < 0.05 for p in unlikely),
        "agrees": min(unlikely) * len(rows) > 0.05,
    }


def _binomial_p(found: int, trials: int, chance: float) -> float:
    """The two-sided p-value of so many of `trials`, each with this chance: all outcomes that are no likelier."""
    likely = [math.comb(trials, n) * chance**n * (1 - chance) ** (trials - n) for n in range(trials + 1)]
    return min(sum(one for one in likely if one <= likely[found] * (1 + 1e-9)), 1.0)


def free(options: argparse.Namespace) -> dict[str, Any]:
    """critical n for k = 2 by dimension and seed, and the cubic through the means once there are enough. Each try is
    kept at once: a run that is cut short goes on from there, and has no "n" until it is done."""
    kept = RESULTS / "room_free.json"
    figures: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    way = "longer" if options.longer else "critical"
    found = figures.setdefault(way, {})
    for dim in options.dims or (4, 8, 12):
        for seed in options.seeds:
            run = found.setdefault(str(dim), {}).setdefault(str(seed), {"seconds": 0.0, "tried": []})
            if options.again:
                run.clear()
                run.update(seconds=0.0, tried=[])
            start = options.start or PAPER_CRITICAL.get(dim, 2 * dim + 2) - (0 if options.longer else 4)
            told = _keeping(figures, run, dim)
            critical = critical_n(dim, start=start, longer=options.longer, seed=seed, known=run["tried"], told=told)
            run["n"] = critical.n
            _save_free(figures)
            print(way, dim, seed, critical.n, PAPER_CRITICAL.get(dim), run["seconds"], flush=True)
    return figures


def _keeping(figures: dict[str, Any], run: dict[str, Any], dim: int) -> Callable[[int, Fitted], None]:
    """Puts each try into the results; seconds are the processor's, so that a pause does not count."""
    began = time.process_time()

    def told(n: int, fitted: Fitted) -> None:
        nonlocal began
        run["tried"] = sorted([*run["tried"], [n, fitted.accuracy, fitted.steps]])
        now = time.process_time()
        run["seconds"], began = round(run["seconds"] + now - began, 1), now
        _save_free(figures)
        print(dim, n, fitted.accuracy, fitted.steps, run["seconds"], flush=True)

    return told


def _save_free(figures: dict[str, Any]) -> None:
    ways = {way: figures.get(way, {}) for way in ("critical", "longer")}
    cubics = {"cubic": _cubic(ways["critical"]), "longer_cubic": _cubic(ways["longer"])}
    published = {"published": dict(PAPER_CRITICAL), "published_cubic": asdict(cubic_fit(PAPER_CRITICAL.items()))}
    save("free", {**ways, **cubics, **published}, Path())


def _cubic(found: dict[str, Any]) -> dict[str, Any] | None:
    """The cubic through the means over seeds, if there are five dimensions; through four it would go exactly."""
    done = {int(dim): [run["n"] for run in runs.values() if "n" in run] for dim, runs in found.items()}
    means = {dim: sum(ns) / len(ns) for dim, ns in done.items() if ns}
    return asdict(cubic_fit(means.items())) if len(means) > 4 else None


def verdict(options: argparse.Namespace) -> dict[str, Any]:
    """The verdict, and the recommended size once more."""
    (folder,) = options.datasets
    dataset = load_dataset(str(folder))
    model = None
    if options.model:
        cache = VectorCache(options.model, lambda: load_model(options.model), options.cache)
        model = ("MiniLM", cache)
    encode = options.encode
    if encode is not None and model is not None:
        # LIMIT's documents stand in random order: the first ones are a fair sample, and may have vectors already.
        encode = list(range(encode))
    families = options.family or FAMILIES
    found = measure_room(dataset, dims=options.dims, model=model, encode=encode, families=families)
    print(found.verdict.text, flush=True)
    again, built = None, 0
    take = found.verdict.recommended
    if not take.leg.startswith("given:"):  # a leg that a collection fills by itself
        with (
            tempfile.TemporaryDirectory() as place,
            Collection.create(Path(place) / "c", legs={"leg": take.leg}) as collection,
        ):
            collection.add(dataset.documents())
            ranked = collection.rank_many(list(dataset.queries.values()), 101)
            run = dict(zip(dataset.queries, (hits[:100] for hits in ranked), strict=True))
            again = measure(run, dataset.qrels, [found.by]).means[found.by]
            built = collection.info().bytes_index
            print(f"built on disk: {take.name} {found.by} {again:.4f}, {built:,} bytes")
    text = json.dumps({"built_again": again, "built_bytes": built, **found.to_json()})
    figures: dict[str, Any] = json.loads(text.replace(options.model, "MODEL") if options.model else text)
    save(f"verdict_{folder.name}", figures, folder)
    return figures


def dense(options: argparse.Namespace) -> dict[str, Any]:
    """R@100 of a model's first dimensions among the part of the documents that it encoded, and estimated for all."""
    (folder,) = options.datasets
    corpus = read_corpus(load_dataset(str(folder)))
    cache = VectorCache(options.model, lambda: load_model(options.model), options.cache)
    part = sorted({place for some in corpus.relevant for place in some} | set(range(options.encode)))
    documents = cache([corpus.texts[place] for place in part])
    queries = cache(list(corpus.dataset.queries.values()), "query")
    at = {place: row for row, place in enumerate(part)}
    relevant = [[at[place] for place in some] for some in corpus.relevant]
    found: dict[str, list[float]] = {}
    for dim in (32, 64, 128, 256, 384):
        above = ranks_of(first(queries, dim), first(documents, dim), relevant)
        found[str(dim)] = [recall_at(above, len(part), size) for size in (len(part), len(corpus.documents))]
        print(dim, found[str(dim)], flush=True)
    sizes = [len(part), len(corpus.documents)]
    save(f"dense_{folder.name}", {"model": "all-MiniLM-L6-v2", "documents": sizes, "R@100": found}, folder)
    return found


def save(name: str, figures: dict[str, Any], data: Path) -> None:
    """Put the figures into benchmarks/results/room_NAME.json."""
    write(f"room_{name}", {"benchmark": f"room {name}", **figures, **circumstances(("numen", "numpy"), data)})


QUESTIONS = {
    "collisions": collisions,
    "generator": generator,
    "curse": curse,
    "free": free,
    "verdict": verdict,
    "dense": dense,
}


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", choices=list(QUESTIONS))
    parser.add_argument("datasets", type=Path, nargs="*", help="folders in BEIR layout")
    parser.add_argument("--seeds", type=_numbers, default=None)
    parser.add_argument("--dims", type=_numbers)
    parser.add_argument("--longer", action="store_true")
    parser.add_argument("--from", type=int, dest="start", help="n to look at first")
    parser.add_argument("--again", action="store_true", help="forget what earlier runs found")
    parser.add_argument("--others", type=int, default=0, help="seeds of the collection's own list")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--model")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--encode", type=int)
    parser.add_argument("--family", action="append")
    options = parser.parse_args()
    options.seeds = options.seeds or ([42] if options.question == "free" else [1, 2, 3])
    figures = QUESTIONS[options.question](options)
    if options.question in ("collisions", "curse"):
        save(options.question, figures, options.datasets[0].parent if options.datasets else Path())


if __name__ == "__main__":
    main()
