"""Draws that never change: numbers, samples and shuffles from a text, the same on every machine and Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

__all__ = ["Draw", "below", "drawn_from", "sample"]

Draw: TypeAlias = Callable[[], float]
"""The next random number, from 0 to 1, 1 left out."""

T = TypeVar("T")


def drawn_from(*what: object) -> Draw:
    """The draws that belong to a seed and whatever else tells them apart."""
    return random.Random(" ".join(map(str, what))).random  # of random's methods, the one that never changes


def below(n: int, draw: Draw) -> int:
    """A whole number from 0 to n - 1."""
    return min(int(draw() * n), n - 1)


def sample(items: Sequence[T], count: int, draw: Draw) -> list[T]:
    """`count` different places of `items`, in random order; all of them is a shuffle. count: at most len(items)."""
    moved: dict[int, int] = {}  # Fisher and Yates, but only the places that it touches
    out = []
    for place in range(count):
        other = place + below(len(items) - place, draw)
        out.append(items[moved.get(other, other)])
        moved[other] = moved.get(place, place)
    return out
