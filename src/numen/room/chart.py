"""A line chart as SVG, drawn to be read at a glance: bands, reference lines, and a text that says what it shows.

Colours, and what dark mode makes of them, come from the page's style sheet by class (s0 to s7); text keeps its size on
a phone because the drawing is narrow. Nothing is loaded from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import TypeAlias

from numen.errors import InputError

__all__ = ["COLOURS", "Chart", "Line", "short"]

COLOURS = 8

_At: TypeAlias = Callable[[float, float], tuple[float, float]]

WIDTH, HEIGHT = 480, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 18, 14, 46


@dataclass(frozen=True)
class Line:
    """points: (x, y), from left to right. band: (low, high) at each point. flat: a reference, drawn across at its first
    y. dots: only the points. dashed: a line of dashes. marks: a dot at each point.
    colour: its class, s0 to s7; by its place if not given."""

    name: str
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...] = ()
    flat: bool = False
    dots: bool = False
    dashed: bool = False
    marks: bool = True
    colour: int | None = None


@dataclass(frozen=True)
class Chart:
    """title: what is to be seen. text: the same for those who do not see it. x is drawn on a logarithmic scale; y from
    0 to `top`, or to what the lines need. percent: y is a
    share. powers: x counts in powers of two, so that K is 1,024 and M 1,048,576."""

    title: str
    text: str
    x: str
    y: str
    lines: tuple[Line, ...]
    percent: bool = True
    powers: bool = False
    top: float | None = None

    def __post_init__(self) -> None:
        if not any(line.points for line in self.lines):
            raise InputError(f"the figure {self.title!r} has no points")

    def svg(self, name: str) -> str:
        """The drawing; `name` tells its labels from those of other drawings on the page."""
        xs = [x for line in self.lines if not line.flat for x, _ in line.points] or [1.0, 10.0]
        low, high = log10(min(xs)), log10(max(xs))
        if high - low < 1e-9:
            low, high = low - 0.5, high + 0.5
        ys = [y for line in self.lines for _, y in line.points] + [y for line in self.lines for y in _ends(line)]
        top = self.top if self.top is not None else _round_up(max([*ys, 1e-9]))

        def at(x: float, y: float) -> tuple[float, float]:
            across = (log10(x) - low) / (high - low)
            up = min(max(y / top, 0), 1)
            return (_LEFT + across * (WIDTH - _LEFT - _RIGHT), HEIGHT - _BOTTOM - up * (HEIGHT - _TOP - _BOTTOM))

        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{name}-t {name}-d">',
            f'<title id="{name}-t">{escape(self.title)}</title><desc id="{name}-d">{escape(self.text)}</desc>',
        ]
        for step in range(5):
            value = top * step / 4
            _, down = at(10**low, value)
            label = f"{value * 100:.3g} %" if self.percent else short(value)
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{down:.1f}" y2="{down:.1f}"/>')
            parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{down + 4:.1f}" text-anchor="end">{label}</text>')
        for value in _ticks(10**low, 10**high, self.powers):
            across, _ = at(value, 0)
            parts.append(
                f'<text class="tick" x="{across:.1f}" y="{HEIGHT - _BOTTOM + 17}" text-anchor="middle">'
                f"{_binary(value) if self.powers else short(value)}</text>"
            )
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(
            f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(self.x)}</text>'
        )
        for number, line in enumerate(self.lines):
            parts += _drawn(line, _colour(line, number), at, (10**low, 10**high))
        return "".join([*parts, "</svg>"])

    def legend(self) -> str:
        """The names of the lines beside their colours."""
        items = "".join(
            f'<li><span class="key s{_colour(line, number)}{" dash" if line.flat or line.dashed else ""}"></span>'
            f"{escape(line.name)}</li>"
            for number, line in enumerate(self.lines)
            if line.points
        )
        return f'<ul class="legend">{items}</ul>'


def short(value: float) -> str:
    """A number in few characters: 512, 4k, 1.5M."""
    for unit, step in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= step:
            return f"{value / step:.3g}{unit}"
    return f"{value:.3g}"


def _drawn(line: Line, colour: int, at: _At, across: tuple[float, float]) -> list[str]:
    if not line.points:
        return []
    if line.flat:
        (x1, y1), (x2, _) = at(across[0], line.points[0][1]), at(across[1], line.points[0][1])
        return [f'<line class="line dash s{colour}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y1:.1f}"/>']
    places = [at(x, y) for x, y in line.points]
    out = []
    if line.band and len(line.band) > 1:
        xs = [x for x, _ in line.points]
        upper = [at(x, high) for x, (_, high) in zip(xs, line.band, strict=True)]
        lower = [at(x, low) for x, (low, _) in zip(xs, line.band, strict=True)]
        outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
        out.append(f'<polygon class="band s{colour}" points="{outline}"/>')
    if not line.dots and len(places) > 1:
        route = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline class="line s{colour}{" dash" if line.dashed else ""}" points="{route}"/>')
    if line.marks and not line.dashed:
        out += [f'<circle class="dot s{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
    return out


def _colour(line: Line, place: int) -> int:
    return (place if line.colour is None else line.colour) % COLOURS


def _ends(line: Line) -> list[float]:
    return [high for _, high in line.band]


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 4, 5 or 8 times a power of ten."""
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 2.5, 4, 5, 8, 10) if step * power >= value * (1 - 1e-9))


def _ticks(low: float, high: float, powers: bool) -> list[float]:
    """Two to seven round numbers: powers of two, or 1, 2 and 5 times powers of ten, thinned evenly."""
    first, last = floor(log10(low)) - 1, ceil(log10(high)) + 1
    if powers:
        steps = [2.0**power for power in range(-4, 41)]
    elif high / low > 100:
        steps = [10.0**power for power in range(first, last)]
    else:
        steps = [step * 10.0**power for power in range(first, last) for step in (1, 2, 5)]
    ticks = [value for value in steps if low * 0.999 <= value <= high * 1.001]
    return ticks[:: max(1, ceil(len(ticks) / 7))] or [low, high]


def _binary(value: float) -> str:
    """A number of dimensions in few characters: 512, 4K, 1M."""
    if value >= 1 << 20:
        return f"{value / (1 << 20):.3g}M"
    return f"{value / 1024:.3g}K" if value >= 1024 else f"{value:.3g}"
