"""The figures of a room: which lines they show, and what they say in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from numen.room.chart import Chart, Line
from numen.room.room import Room
from numen.room.size import Size, knee

__all__ = ["figures"]


def figures(room: Room) -> Iterator[tuple[Chart, str]]:
    """Each chart with the sentence that stands under it."""
    families = room.families()
    wide = {
        name: sizes for name, sizes in families.items() if name == "numen" or name.endswith((", first", ", projected"))
    }
    everything = {**families, **{size.name: [size] for size in room.references}}
    colours = {name: number for number, name in enumerate(everything)}
    if any(len(sizes) > 1 for sizes in wide.values()):
        yield _quality(room, wide, colours)
    yield (
        Chart(
            f"{room.by} against bytes",
            _spoken(everything, room.by, lambda size: f"{size.index_bytes:,} bytes"),
            "bytes of the index (logarithmic)",
            room.by,
            tuple(
                replace(_line(name, sizes, room.by, lambda size: size.index_bytes), colour=colours[name])
                for name, sizes in everything.items()
            ),
            top=1.0,
        ),
        "What is found, for what it weighs. Up and to the left is better.",
    )
    yield (
        Chart(
            f"{room.by} against time",
            _spoken(everything, room.by, lambda size: f"{size.latency_ms:.2f} ms"),
            "milliseconds a query, by itself (logarithmic)",
            room.by,
            tuple(
                replace(
                    _line(name, sizes, room.by, lambda size: max(size.latency_ms, 1e-3)),
                    colour=colours[name],
                    dots=True,
                )
                for name, sizes in everything.items()
            ),
            top=1.0,
        ),
        "What is found, for how long one query takes. A dense model's own time to encode the query is not in it.",
    )
    if room.growth:
        yield _growth(room, {size.name: colours[name] for name, sizes in everything.items() for size in sizes})
    if room.collisions:
        yield _collisions(room)
    if len(room.free) > 1:
        yield _free(room)


def _quality(room: Room, wide: dict[str, list[Size]], colours: dict[str, int]) -> tuple[Chart, str]:
    lines = [
        replace(_line(name, sizes, room.by, lambda size: size.room, band=True), colour=colours[name])
        for name, sizes in wide.items()
    ]
    lines += [
        Line(size.name, ((1.0, size.measures[room.by]),), flat=True, colour=colours[size.name])
        for size in room.references
    ]
    knees = ", ".join(f"{knee(sizes, room.by).room:,} for {name}" for name, sizes in wide.items() if len(sizes) > 1)
    return (
        Chart(
            f"{room.by} against dimensions",
            _spoken(wide, room.by, lambda size: f"{size.room:,} dimensions")
            + " For comparison: "
            + ", ".join(f"{size.name} {size.measures[room.by]:.1%}" for size in room.references)
            + ".",
            "dimensions (logarithmic, K = 1,024)",
            room.by,
            tuple(lines),
            powers=True,
            top=1.0,
        ),
        f"What is found in so much room; bands are 95 % confidence over queries. More stops paying at: {knees}.",
    )


def _growth(room: Room, colours: dict[str, int]) -> tuple[Chart, str]:
    lines = tuple(
        Line(name, tuple((float(n), v) for n, v in points), colour=colours.get(name))
        for name, points in room.growth.items()
    )
    said = "; ".join(
        f"{name}: {points[0][1]:.1%} at {points[0][0]:,} documents, {points[-1][1]:.1%} at {points[-1][0]:,}"
        for name, points in room.growth.items()
        if points
    )
    return (
        Chart(
            f"R@{room.settings['k']} as the collection grows",
            f"{said}.",
            "documents (logarithmic)",
            "recall",
            lines,
            top=1.0,
        ),
        f"What stays found among more documents like these. Today there are {room.documents:,}; more than that is an "
        "extrapolation.",
    )


def _collisions(room: Room) -> tuple[Chart, str]:
    expected = tuple((float(one.dim), one.expected_shared) for one in room.collisions)
    counted = tuple((float(one.dim), one.counted_shared) for one in room.collisions)
    first, last = room.collisions[0], room.collisions[-1]
    return (
        Chart(
            "n-grams that share their dimension",
            f"Of {first.grams:,} different n-grams {first.counted_shared:.1%} share a dimension with another one at "
            f"{first.dim:,} dimensions, and {last.counted_shared:.1%} at {last.dim:,}; expected are "
            f"{first.expected_shared:.1%} and {last.expected_shared:.1%}.",
            "dimensions (logarithmic, K = 1,024)",
            "share",
            (Line("expected", expected, dashed=True), Line("counted", counted, dots=True)),
            powers=True,
            top=1.0,
        ),
        f"{first.grams:,} different n-grams in buckets: what to expect of the hash, and what is counted.",
    )


def _free(room: Room) -> tuple[Chart, str]:
    points = tuple((float(one.dim), one.accuracy) for one in room.free)
    said = ", ".join(f"{one.accuracy:.1%} with {one.dim} dimensions" for one in room.free)
    return (
        Chart(
            "Free vectors on these judgements",
            f"Vectors trained on the judgements alone, without any text, put in front {said} of the answers.",
            "dimensions (logarithmic, K = 1,024)",
            "answers in front",
            (Line("free vectors", points),),
            powers=True,
            top=1.0,
        ),
        "The best that any encoder of so many dimensions could do: vectors trained on the judgements, without texts.",
    )


def _line(name: str, sizes: Sequence[Size], by: str, x: Callable[[Size], float], band: bool = False) -> Line:
    ordered = sorted(sizes, key=x)
    points = tuple((float(x(size)), size.measures[by]) for size in ordered)
    return Line(name, points, tuple(size.band[by] for size in ordered) if band else ())


def _spoken(families: dict[str, list[Size]], by: str, place: Callable[[Size], str]) -> str:
    parts = []
    for name, sizes in families.items():
        ends = [sizes[0], sizes[-1]] if len(sizes) > 1 else sizes
        parts.append(f"{name}: " + " and ".join(f"{size.measures[by]:.1%} at {place(size)}" for size in ends))
    return "; ".join(parts) + "."
