"""Rewrite the figures of README.md and docs/ from benchmarks/results/, and the demo from `numen demo`."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENCODERS = ("auto", "numen:32768", "bm25", "bm25:english")

SEGMENT = 65_536
"""The most documents that a segment holds."""

CHECKSUM = 0.3
"""Seconds to check a gigabyte that lies in memory (numen.index.files)."""

DISK = 2e9
"""Bytes a second that a fast disk reads."""


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
    """nDCG@10 / R@100 of each encoder on each dataset, a dash where it was not measured; the best of a row in bold."""
    lines = ["| dataset | documents | " + " | ".join(ENCODERS) + " |", "|---|---|" + "---|" * len(ENCODERS)]
    for name, row in results("quality")["datasets"].items():
        known = {e: row["measures"][e] for e in ENCODERS if e in row["measures"]}
        cells = {e: (one["nDCG@10"], one["R@100"]) for e, one in known.items()}
        best = [max(cell[i] for cell in cells.values()) for i in (0, 1)]
        shown = [
            " / ".join(
                f"**{v:.3f}**" if v == best[i] and len(cells) > 1 else f"{v:.3f}" for i, v in enumerate(cells[e])
            )
            if e in cells
            else "-"
            for e in ENCODERS
        ]
        lines.append(f"| {name} | {row['documents']:,} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def ablation() -> str:
    """What each part of `auto` contributes, from benchmarks/ablation.py: relative to its base."""
    figures = results("ablation")
    lines = ["| | nDCG@10 | least of the six | R@100 | kept when misspelt |", "|---|---|---|---|---|"]
    for name, row in figures["variants"].items():
        lines.append(f"| {name} | " + " | ".join(f"{value:.3f}" for value in row["relative"].values()) + " |")
    return "\n".join(lines)


def in_short() -> str:
    """The means of benchmarks/quality.py over the development datasets, over those of bm25:english."""
    means = results("quality")["means over the development datasets"]
    base = {name: means[name]["bm25:english"] for name in ("nDCG@10", "R@100")}
    lines = ["| | nDCG@10 | R@100 | kept when misspelt |", "|---|---|---|---|"]
    for system in ("auto", "auto with feedback", "bm25:english with feedback"):
        shown = [f"{means[name][system] / base[name]:.3f} ×" for name in base]
        lines.append(f"| `{system}` | " + " | ".join([*shown, f"{means['kept'][system]:.0%}"]) + " |")
    lines.append(f"| `bm25:english` | 1 | 1 | {means['kept']['bm25:english']:.0%} |")
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


def sparse() -> str:
    """What benchmarks/learned_sparse.py and benchmarks/sentences.py measured, beside the yardstick."""
    lines = [
        "| | documents | built / s | bytes a posting | queries / s | yardstick | times | 2 threads / 1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, label in (
        ("learned_sparse_topic200k", "learned-sparse, `topic`"),
        ("learned_sparse_topic200k_8bit", "the same, `precision=8bit`"),
        ("learned_sparse_topic1m", "learned-sparse, `topic`"),
        ("learned_sparse_iid200k", "learned-sparse, `iid`"),
    ):
        row = results(name)
        build, speed = row["build"], row["queries_per_second"]
        cells = [
            label,
            f"{row['documents']:,}",
            f"{build['documents_per_second']:,.0f}",
            f"{build['bytes_a_posting']:.2f}",
            *(f"{speed[who]:,.0f}" for who in ("numen", "yardstick")),
            f"{row['ratio']:.2f}",
            f"{row['ratios']['batch, 2 threads / 1']:.2f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    row = results("sentences")
    speed = row["queries_per_second"]
    cells = [
        "sentences of arXiv, `bm25`",
        f"{row['documents']:,}",
        f"{row['documents_indexed_per_second']:,.0f}",
        f"{row['bytes_a_posting']:.2f}",
        *(f"{speed[who]:,.0f}" for who in ("numen", "yardstick")),
        f"{row['ratio']:.2f}",
        "",
    ]
    lines.append("| " + " | ".join(cells) + " |")
    about = results("learned_sparse_topic1m_approximate0.95")["approximate"]
    peer, speed, found = about["seismic"], about["queries_per_second"], about["recall"]
    lines += [
        "",
        f"`approximate=0.95` on the million: {speed['numen, approximate']:,.0f} queries a second at a measured recall "
        f"of {found['numen, approximate']:.3f}; Seismic on {peer['documents']:,} of them, built in "
        f"{peer['build_seconds']:,.0f} s: {speed['seismic']:,.0f} at {found['seismic']:.3f}.",
    ]
    return "\n".join(lines)


def growth() -> str:
    """The table of benchmarks/scale.py."""
    lines = [
        "| documents | built / s | peak memory, GB | bytes a posting | first answer, s | batch, queries / s "
        "| yardstick | single p50 / p99, ms | yardstick |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for documents, row in results("scale")["documents"].items():
        build, speed, latency = row["build"], row["queries_per_second"], row["latency_ms"]
        cells = [
            f"{int(documents):,}",
            f"{build['documents_per_second']:,.0f}",
            f"{build['peak_rss_bytes'] / 1e9:.2f}",
            f"{build['bytes_a_posting']:.2f}",
            f"{row['open_to_first_answer_seconds']:.2f}",
            *(f"{speed[name]:,.0f}" for name in ("numen", "yardstick")),
            *(f"{latency[name]['p50']:.2f} / {latency[name]['p99']:.2f}" for name in ("numen", "yardstick")),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def hundred_million() -> str:
    """What 100 million documents would take, from the largest collection of benchmarks/scale.py."""
    figures = results("scale")
    documents, row = max(((int(n), row) for n, row in figures["documents"].items()), key=lambda one: one[0])
    times = 100_000_000 / documents
    build = row["build"]
    batch = 1000 / row["queries_per_second"]["numen"]
    here, there = (math.ceil(n / SEGMENT) for n in (documents, 100_000_000))
    fixed = max(row["latency_ms"]["numen"]["p50"] - batch, 0.0)
    index = build["index_bytes"] * times
    rows = [
        ("postings", f"{build['postings'] / 1e6:,.0f} million", f"{build['postings'] * times / 1e9:,.1f} billion"),
        ("index, float32 values", f"{build['index_bytes'] / 1e9:.2f} GB", f"{index / 1e9:,.0f} GB"),
        (
            "catalog, ids alone",
            f"{build['catalog_bytes'] / 1e6:,.0f} MB",
            f"{build['catalog_bytes'] * times / 1e9:,.1f} GB, and the texts",
        ),
        ("segments", f"{here:,}", f"{there:,}"),
        ("building, one thread", f"{build['seconds']:,.0f} s", f"{build['seconds'] * times / 3600:,.1f} hours"),
        (
            "reading every byte against its checksum, at the first search",
            f"{build['index_bytes'] / 1e9 * CHECKSUM:.1f} s",
            f"{index / 1e9 * CHECKSUM:,.0f} s from memory, {index / DISK:,.0f} s from a disk of 2 GB/s",
        ),
        (
            "postings of one query",
            f"{row['postings_a_query'] / 1e6:.1f} million",
            f"{row['postings_a_query'] * times / 1e6:,.0f} million "
            f"({row['postings_a_query'] * times * build['bytes_a_posting'] / 1e9:.2f} GB if all were read)",
        ),
        ("a query in a batch", f"{batch:.1f} ms", f"{batch * times:,.0f} ms"),
        (
            "a query alone, p50",
            f"{row['latency_ms']['numen']['p50']:.1f} ms",
            f"{batch * times + fixed:,.0f} ms",
        ),
    ]
    lines = [f"| | {documents:,} documents, measured | 100,000,000 documents, on paper |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {now} | {then} |" for what, now, then in rows)])


def real_text() -> str:
    """What benchmarks/sentences.py measured, as a sentence."""
    figures = results("sentences")
    speed = figures["queries_per_second"]
    return (
        f"{figures['documents']:,} sentences of arXiv abstracts, {figures['postings'] / 1e6:.1f} million postings, "
        f"{figures['queries']:,} logged queries, k = {figures['k']}: {figures['documents_indexed_per_second']:,.0f} "
        f"documents indexed a second, {figures['bytes_a_posting']:.2f} bytes a posting, {speed['numen']:,.0f} queries "
        f"a second in one batch (the yardstick on the same weights: {speed['yardstick']:,.0f})."
    )


def machine(name: str) -> str:
    """Where a benchmark ran."""
    figures = results(name)
    return (
        f"One thread of an {figures['machine']['processor']}, Python {figures['machine']['python']}, numba "
        f"{figures['versions']['numba']}, commit {figures['commit']}, median of {figures['rounds']} rounds."
    )


def fill(page: str, contents: dict[str, str]) -> None:
    """Put each content between its markers in a page."""
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    for name, content in contents.items():
        pattern = rf"(<!-- {name} -->).*?(<!-- /{name} -->)"
        filled, found = re.subn(pattern, lambda m, c=content: f"{m[1]}\n{c}\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"{page} must have the marker {name} once, not {found} times")
        text = filled
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Fill the pages."""
    figures = results("limit")
    where = (
        f"bm25s {figures['versions']['bm25s']} (numba) and scikit-learn {figures['versions']['scikit-learn']}, in turn "
        f"in one process, median of {figures['rounds']} rounds, one thread of an {figures['machine']['processor']}"
    )
    fill(
        "README.md",
        {"demo": demo(), "quality": quality(), "sweep": sweep(), "speed": speed(), "where": where, "sparse": sparse()},
    )
    fill("docs/AUTO.md", {"in-short": in_short(), "ablation": ablation()})
    fill(
        "docs/SCALE.md",
        {
            "machine": machine("scale"),
            "growth": growth(),
            "hundred-million": hundred_million(),
            "real-text": real_text(),
        },
    )


if __name__ == "__main__":
    main()
