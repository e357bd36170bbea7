"""Draw docs/limit.svg: what is found on LIMIT in how many dimensions, by MiniLM, its first ones, and numen.

usage: PYTHONPATH=src python scripts/draw_limit.py

From benchmarks/results/limit_dense.json, which is of the same documents for both.
"""

from __future__ import annotations

from fill_room import ROOT, alone, results

from numen.room.chart import Chart, Line


def figure() -> str:
    """The drawing as a file of its own."""
    found = results("limit_dense")
    points: dict[str, list[tuple[float, float, float]]] = {"MiniLM": [], "numen": []}
    for name, values in found["measures"].items():
        family = "MiniLM" if name.startswith("MiniLM") else "numen"
        points[family].append((float(name.replace(":", " ").split()[-1]), values["R@2"], values["R@100"]))
    lines = [
        Line(
            f"{family}, in the first {2 if column == 1 else 100}",
            tuple((one[0], one[column]) for one in sorted(rows)),
            dashed=column == 1,
            colour=at,
        )
        for at, (family, rows) in enumerate(points.items())
        for column in (2, 1)
    ]
    said = "; ".join(f"{line.name}: {line.points[-1][1]:.1%}" for line in lines)
    chart = Chart(
        f"Found on LIMIT, {found['documents']:,} documents, by dimensions",
        f"Recall rises with the number of dimensions. With the most each has, {said}.",
        "dimensions (logarithmic, K = 1,024)",
        "recall",
        tuple(lines),
        powers=True,
        top=1.0,
    )
    return alone(chart, "limit")


if __name__ == "__main__":
    (ROOT / "docs" / "limit.svg").write_text(figure(), encoding="utf-8")
