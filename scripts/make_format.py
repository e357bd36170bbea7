"""Write the tiny collection of the current format that tests open ever after, with what it answered when it was made.

usage: make_format.py FOLDER    writes FOLDER/collection and FOLDER/answers.json
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from numen import Collection

LEGS = {
    "words": "bm25",
    "english": "bm25:english",
    "ngrams": "numen:1024",
    "given": "given:1000",
    "small": "given:terms,precision=8bit",
    "signed": "given,negative=allow",
}

TEXTS = [
    "The quick brown fox jumps over the lazy dog",
    "A lazy dog sleeps all day",
    "Foxes are quick and brown, dogs are not",
    "Eine Fähre überquert den See",
    "日本語の文書",
    "numbers 12 and 345, and an e-mail: someone@example.org",
]

QUERIES = ["quick brown foxes", "lazy dogs", "Fähre", "日本", "12 345"]


def vectors(i: int) -> dict[str, Any]:
    """Vectors of every given leg for the i-th text or query."""
    numbers = {(7 * i + 3 * j) % 50: 0.5 + 0.25 * ((i + j) % 5) for j in range(6)}
    return {
        "given": numbers,
        "small": {f"term{number}": weight for number, weight in numbers.items()},
        "signed": {number: weight if number % 3 else -weight for number, weight in numbers.items()},
    }


def answers(collection: Collection) -> dict[str, Any]:
    """For each leg and query the hits' ids and scores."""
    out: dict[str, Any] = {}
    for leg, spec in LEGS.items():
        for i, query in enumerate(QUERIES):
            given = {"vectors": {leg: [vectors(i)[leg]]}} if spec.startswith("given") else {}
            out[f"{leg}: {query}"] = [list(hit) for hit in collection.rank_many([query], 10, legs=[leg], **given)[0]]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Collection.create(folder / "collection", legs=LEGS) as collection:
        for first in (0, 3):
            rows = [vectors(i) for i in range(first, first + 3)]
            collection.add(
                ({"id": f"d{i}", "text": TEXTS[i], "year": 2000 + i} for i in range(first, first + 3)),
                vectors={leg: [row[leg] for row in rows] for leg in rows[0]},
            )
        collection.delete(["d1"])
        found = answers(collection)
    for left in (folder / "collection").glob("catalog.sqlite-*"):
        left.unlink()
    (folder / "answers.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
