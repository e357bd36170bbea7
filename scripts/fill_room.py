"""Draw docs/room.svg, the README's first figure (what is found on LIMIT in how much room), and fill docs/ROOM.md.

usage: PYTHONPATH=src python scripts/fill_room.py

From benchmarks/results/, and the published figures of learned models (Weller et al., arXiv 2508.21038, table of recall
in the first 100 by truncated dimension).
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from numen.room.chart import HEIGHT, WIDTH, Chart, Line
from numen.room.curse import outranked

ROOT = Path(__file__).resolve().parents[1]

DIMS = (32, 64, 128, 256, 512, 768, 1024, 2048, 3072, 4096)
PUBLISHED = {
    "Promptriever 8B": (0.1, 0.3, 0.6, 1.8, 5.4, 8.7, 12.8, 18.1, 17.8, 18.9),
    "GritLM 7B": (0.8, 0.3, 1.3, 2.8, 6.5, 8.7, 10.6, 11.8, 12.9, 12.9),
    "Gemini Embed": (0.0, 0.3, 0.3, 1.2, 3.6, 7.6, 8.1, 8.5, 10.0),
    "E5-Mistral 7B": (0.5, 0.4, 1.0, 1.9, 3.8, 4.3, 5.9, 6.8, 7.7, 8.3),
}
"""R@100 in per cent, as printed; Gemini has 3,072 dimensions."""

BM25 = 0.936
"""R@100 of BM25, as printed."""

NUMEN = {512: 21.3, 1024: 45.1, 2048: 68.8, 4096: 83.2, 8192: 89.85, 16384: 93.05, 32768: 93.9}
REFERENCE = {
    512: 20.9, 1024: 44.4, 2048: 68.05, 4096: 83.0, 8192: 89.75, 16384: 92.9, 32768: 93.75, 65536: 94.75, 1 << 20: 95.5,
}  # fmt: skip
"""R@100 of NUMEN in per cent by dimensions: as its author printed it for the original documents, and by an independent
implementation for the ones at hand."""

STYLE = """
svg{font-family:system-ui,sans-serif;background:#fdfdfb}text{fill:#5a6069;font-size:13px}.grid{stroke:#d9dce1}
.line{fill:none;stroke:currentColor;stroke-width:2.2}.line.dash{stroke-dasharray:6 4;stroke-width:1.6}
.dot,.band{fill:currentColor}.band{opacity:.16}.name{fill:currentColor;font-size:12px}
.s0{color:#1f63c7}.s1{color:#1d2025}.s2{color:#b8480b}.s3{color:#0d7a63}
.s4{color:#7a3fc0}.s5{color:#8a6a00}.s6{color:#b02a5b}
@media (prefers-color-scheme:dark){
svg{background:#14171b}text{fill:#a3abb5}.grid{stroke:#343a42}.name{fill:currentColor}
.s0{color:#7db0ff}.s1{color:#e8eaed}.s2{color:#ff9f5c}.s3{color:#4fd0b0}.s4{color:#c79bff}.s5{color:#e0c04a}.s6{color:#ff8fb3}}
"""
ROW = 17


def results(name: str) -> dict[str, Any]:
    """The figures of one benchmark, empty where it was not run."""
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def lines() -> list[Line]:
    """numen's sweep, BM25, a small model measured here, and the published ones."""
    points = tuple((float(dim), value) for dim, value in swept().items() if dim <= 1 << 17)
    made = [Line("numen, no training", points), Line("BM25, as published", ((32.0, BM25),), flat=True)]
    small = results("room_dense_limit")
    if small:
        found = tuple((float(dim), values[1]) for dim, values in small["R@100"].items())
        made.append(Line("MiniLM, measured here", found))
    made += [
        Line(name, tuple((float(dim), value / 100) for dim, value in zip(DIMS, values, strict=False)))
        for name, values in PUBLISHED.items()
    ]
    return made


def swept() -> dict[int, float]:
    """Dimensions -> R@100 of numen on LIMIT, as the room measured it."""
    sizes = [size for size in results("room_verdict_limit")["sweep"] if size["family"] == "numen"]
    return {size["room"]: size["measures"]["R@100"] for size in sorted(sizes, key=lambda size: size["room"])}


def sweep() -> str:
    """R@100 on LIMIT by dimensions beside the published figures."""
    found = swept()
    rows = ["| dimensions | " + " | ".join(f"{dim:,}" for dim in found) + " |", "|---" * (len(found) + 1) + "|"]
    rows.append("| `numen room` | " + " | ".join(f"{value:.4f}" for value in found.values()) + " |")
    for name, figures in (("an independent implementation", REFERENCE), ("printed, original documents", NUMEN)):
        cells = [f"{figures[dim] / 100:.4f}" if dim in figures else "" for dim in found]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    away = max(abs(found[dim] - value / 100) for dim, value in REFERENCE.items() if dim in found)
    return "\n".join([*rows, "", f"The largest difference to the independent implementation is {away:.4f}."])


def figure() -> str:
    """What is found on LIMIT by dimensions, as a file of its own."""
    drawn = lines()
    said = "; ".join(f"{line.name} {line.points[-1][1]:.1%}" for line in drawn)
    chart = Chart(
        "Found in the first 100 on LIMIT, by dimensions",
        f"Recall in the first 100 on LIMIT rises with the number of dimensions. With the most each has: {said}.",
        "dimensions (logarithmic, K = 1,024)",
        "R@100",
        tuple(drawn),
        powers=True,
        top=1.0,
    )
    return alone(chart, "room")


def curse() -> str:
    """How often noise outranks an answer: the formula as lines, the simulation as dots."""
    rows: dict[tuple[int, float], list[tuple[float, float, float]]] = {}
    for dim, cosine, documents, seen, formula in results("room_curse")["rows"]:
        rows.setdefault((int(dim), cosine), []).append((float(documents), seen, formula))
    drawn = []
    for number, dim in enumerate(sorted({dim for dim, _ in rows})):
        some = [(cosine, points) for (d, cosine), points in rows.items() if d == dim]
        cosine, points = max(some, key=lambda one: sum(p * (1 - p) for _, _, p in one[1]))  # the one that turns within
        curve = [(10 ** (3 + step / 20), dim) for step in range(81)]
        name = f"{dim} dimensions, cosine {cosine:g}"
        smooth = tuple((n, outranked(cosine, d, round(n))) for n, d in curve)
        drawn.append(Line(name, smooth, marks=False, colour=number))
        drawn.append(Line("", tuple((n, seen) for n, seen, _ in points), dots=True, colour=number))
    chart = Chart(
        "An answer is outranked by noise, by the number of documents",
        "Lines are the formula, dots the share of simulated collections in which at least one random vector was nearer "
        "to the query than the answer; both rise from 0 to 1 as documents grow from a thousand to ten million.",
        "documents of noise (logarithmic)",
        "probability",
        tuple(drawn),
        top=1.0,
    )
    return alone(chart, "curse")


def alone(chart: Chart, name: str) -> str:
    """The drawing, with its style and legend, as a file of its own."""
    named = [(line.colour if line.colour is not None else at, line) for at, line in enumerate(chart.lines) if line.name]
    rows = (len(named) + 1) // 2
    body = chart.svg(name).removesuffix("</svg>")
    taller = f'viewBox="0 0 {WIDTH} {HEIGHT + rows * ROW + 6}"'
    body = body.replace(f'viewBox="0 0 {WIDTH} {HEIGHT}"', f'xmlns="http://www.w3.org/2000/svg" {taller}', 1)
    names = []
    for at, (colour, line) in enumerate(named):
        column, row = divmod(at, rows)
        x, y = 56 + column * 210, HEIGHT + 12 + row * ROW
        dash = " dash" if line.flat else ""
        names.append(
            f'<g class="s{colour}"><line class="line{dash}" x1="{x}" x2="{x + 22}" y1="{y - 4}" y2="{y - 4}"/>'
            f'<text class="name" x="{x + 28}" y="{y}">{escape(line.name)}</text></g>'
        )
    start = body.index("<title")
    return f"{body[:start]}<style>{STYLE}</style>{body[start:]}{''.join(names)}</svg>\n"


def critical() -> str:
    """The table of critical n, here and as published, and the cubics."""
    found = results("room_free")
    rows = [
        "| dimensions | published | here, as published | other seeds | the longer way | other seeds | seconds |",
        "|---" * 7 + "|",
    ]
    for dim, runs in sorted(found["critical"].items(), key=lambda item: int(item[0])):
        longer = found["longer"].get(dim, {})
        cells = (
            found["published"].get(dim, ""),
            *(text for way in (runs, longer) for text in _seeds(way)),
            f"{next(iter(longer.values()))['seconds']:.0f}",
        )
        rows.append(f"| {dim} | " + " | ".join(map(str, cells)) + " |")
    for name, whose in (
        ("published_cubic", "The published values'"),
        ("cubic", "Through our means over seeds, as published, the"),
        ("longer_cubic", "Through those of the longer way, the"),
    ):
        if found.get(name):
            c, r2 = found[name]["coefficients"], found[name]["r2"]
            cubic = f"{c[0]:.3f} + {c[1]:.3f} d + {c[2]:.4f} d^2 + {c[3]:.5f} d^3".replace("+ -", "- ")
            rows += ["", f"{whose} cubic: n = {cubic} (r^2 {r2:.4f})."]
    return "\n".join(rows)


def _seeds(runs: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """(critical n of the first seed, those of the others) of the runs that are done."""
    first, *others = [str(run["n"]) for run in runs.values() if "n" in run]
    return first, ", ".join(others)


def generator() -> str:
    """LIMIT beside its shape with other seeds: means and spread over the seeds."""
    found = results("room_generator")
    summary = found["summary"]
    counts = {kind: sum(name.startswith(kind) for name in found["measures"]) for kind in summary}
    head = ["", "LIMIT", f"numen's list, {counts['seed']} seeds", "within 0.02"]
    head += [f"LIMIT's own list, {counts[kind]} seeds" for kind in counts if kind != "seed"]
    rows = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for encoder, measures in summary["seed"].items():
        for measure in ("nDCG@10", "R@100"):
            ours = measures[measure]
            within, of = ours["within_0.02"]
            cells = [f"{encoder}, {measure}", f"{ours['limit']:.3f}", _spread(ours), f"{within} of {of}"]
            cells += [_spread(summary[kind][encoder][measure]) for kind in counts if kind != "seed"]
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _spread(one: dict[str, float]) -> str:
    return f"{one['mean']:.3f} ± {one['deviation']:.3f}"


def verdicts() -> str:
    """What `numen room` says of two collections."""
    parts = []
    for name in ("cranfield", "limit"):
        if found := results(f"room_verdict_{name}"):
            parts.append(f"**{name}**: {found['verdict']}")
            if found["built_again"] is not None:
                best = found["recommended"]
                size = next(one for one in found["sweep"] if one["encoder"] == best)
                parts.append(
                    f"Built: {best}: {found['measure']} {found['built_again']:.4f} in {found['built_bytes']:,} bytes; "
                    f"the verdict went by {size['measures'][found['measure']]:.4f} and {size['index_bytes']:,}."
                )
    return "\n\n".join(parts)


def filled(page: str, name: str, text: str) -> str:
    """The page with other text between its markers of this name."""
    return re.sub(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m: f"{m[1]}{text}\n{m[2]}", page, flags=re.DOTALL
    )


if __name__ == "__main__":
    path = ROOT / "docs" / "ROOM.md"
    page = path.read_text(encoding="utf-8")
    for name, text in (
        ("critical", critical()),
        ("sweep", sweep()),
        ("generator", generator()),
        ("verdicts", verdicts()),
    ):
        page = filled(page, name, text)
    path.write_text(page, encoding="utf-8")
    (ROOT / "docs" / "curse.svg").write_text(curse(), encoding="utf-8")
    (ROOT / "docs" / "room.svg").write_text(figure(), encoding="utf-8")
