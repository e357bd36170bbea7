"""What is a learned blend of `auto` and a dense leg worth beside their fusion? On held-out queries, by the public path.

    python benchmarks/blend.py FOLDER ... [--train-split train] [--share 0.5] [--cache FOLDER] [--write]

FOLDER: judged collections in BEIR layout. Where a collection has judgements of --train-split, its queries are learned
from, and those of `test` reported on; else `test` is halved. The dense leg is all-MiniLM-L6-v2; its vectors are made
once by sentence-transformers and kept in --cache. Figures go to benchmarks/results/blend.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from meaning import kept
from minilm import load_minilm, minilm_folder
from numen.evaluate import System, apart, halves, learn_blend, load_dataset
from record import RESULTS, circumstances, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="collections in BEIR layout")
    parser.add_argument("--train-split", default="train", help="judgements to learn from, where there are such")
    parser.add_argument(
        "--share", type=float, default=0.5, help="of the test queries, to learn from where there are none"
    )
    parser.add_argument("--cache", type=Path, default=Path(".cache/minilm"), help="where vectors are kept")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/results/blend.json")
    options = parser.parse_args()
    path = RESULTS / "blend.json"
    table: dict[str, Any] = {}
    if options.write and path.exists():
        table = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    system = System.of(f"words=auto,dense=dense:{minilm_folder()}", "minmax")
    for folder in options.folders:
        held_out = load_dataset(str(folder))
        splits = ["test"]
        if (folder / "qrels" / f"{options.train_split}.tsv").exists():
            train = apart(load_dataset(str(folder), options.train_split), held_out)
            splits.append(options.train_split)
        else:
            train, held_out = halves(held_out, options.share)
        with kept([load_minilm(folder, options.cache, split) for split in splits]):
            made = learn_blend(train, held_out, system)
        legs = {**made.to_json(), "fused": system.fusion.spec}
        table[folder.name] = legs
        print(folder.name, json.dumps(legs), flush=True)
        if options.write:
            ratio = float(np.mean([one["comparisons"][0]["b"] / one["comparisons"][0]["a"] for one in table.values()]))
            around = circumstances(["numen", "numpy", "lightgbm", "sentence-transformers"], folder)
            write("blend", {"benchmark": "blend", "ratio": ratio, "datasets": table, **around})


if __name__ == "__main__":
    main()
