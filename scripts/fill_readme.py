"""Rewrite the tables of README.md from benchmarks/results/, and its first screen from a run of `numen demo`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENCODERS = ("numen:32768", "bm25", "bm25:english")


def results(name: str) -> dict[str, Any]:
    """The figures of one benchmark."""
    figures: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return figures


def demo() -> str:
    """What `numen demo` prints to 80 columns, up to its first table of measures."""
    command = [sys.executable, "-m", "numen", "demo"]
    done = subprocess.run(command, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True, check=True)
    return f"```text\n{done.stdout.partition('bm25 against')[0].rstrip()}\n```"


def quality() -> str:
    """nDCG@10 / R@100 of each encoder on each dataset; the best of a row in bold."""
    lines = ["| dataset | documents | " + " | ".join(ENCODERS) + " |", "|---|---|" + "---|" * len(ENCODERS)]
    for name, row in results("quality")["datasets"].items():
        cells = {e: (row["measures"][e]["nDCG@10"], row["measures"][e]["R@100"]) for e in ENCODERS}
        best = [max(cell[i] for cell in cells.values()) for i in (0, 1)]
        shown = [
            " / ".join(f"**{v:.3f}**" if v == best[i] else f"{v:.3f}" for i, v in enumerate(cells[e])) for e in ENCODERS
        ]
        lines.append(f"| {name} | {row['documents']:,} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def sweep() -> str:
    """R@100 of numen on LIMIT by dimensions."""
    rows = results("limit_sweep")["datasets"]["limit"]["measures"]
    return ", ".join(f"{name.removeprefix('numen:')}: {m['R@100']:.4f}" for name, m in rows.items())


def speed() -> str:
    """The table of benchmarks/limit.py."""
    figures = results("limit")
    index, search, encode = (
        figures["documents_indexed_per_second"],
        figures["queries_per_second"],
        figures["documents_encoded_per_second"],
    )
    size = figures["index_bytes"]
    memory = figures["peak_rss_bytes_indexing_with_the_documents_in_memory"]
    lines = [
        "| | bm25s (BM25) | numen, `bm25` | numen, `numen:32768` |",
        "|---|---|---|---|",
        "| documents indexed / s | " + " | ".join(f"{index[n]:,.0f}" for n in ("bm25s", "bm25", "numen:32768")) + " |",
        "| queries / s, k = 100 | " + " | ".join(f"{search[n]:,.0f}" for n in ("bm25s", "bm25", "numen:32768")) + " |",
        "| index on disk, MB | " + " | ".join(f"{size[n] / 1e6:,.0f}" for n in ("bm25s", "bm25", "numen:32768")) + " |",
        "| peak memory, GB | " + " | ".join(f"{memory[n] / 1e9:.1f}" for n in ("bm25s", "bm25", "numen:32768")) + " |",
        "",
        f"Encoding alone, documents / s: numen:32768 {encode['numen:32768']:,.0f}, HashingVectorizer with the same "
        f"n-grams and dimensions {encode['HashingVectorizer']:,.0f}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Put each table between its markers."""
    figures = results("limit")
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    where = (
        f"bm25s {figures['versions']['bm25s']} (numba) and scikit-learn {figures['versions']['scikit-learn']}, in turn "
        f"in one process, median of {figures['rounds']} rounds, one thread of an {figures['machine']['processor']}"
    )
    for name, content in (
        ("demo", demo()),
        ("quality", quality()),
        ("sweep", sweep()),
        ("speed", speed()),
        ("where", where),
    ):
        pattern = rf"(<!-- {name} -->).*?(<!-- /{name} -->)"
        filled, found = re.subn(pattern, lambda m, c=content: f"{m[1]}\n{c}\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"README.md must have the marker {name} once, not {found} times")
        text = filled
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
