"""Names for as many people as are asked for: no two alike, the same for the same seed."""

from __future__ import annotations

from importlib.resources import files
from math import gcd

from numen.errors import InputError
from numen.room.draws import below, drawn_from

__all__ = ["People"]


class People:
    """`people[i]` is the name of person i, from 0 to count - 1: first and last name, in large crowds a middle name
    too."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self._first, self._last = (_words(name) for name in ("first_names.txt", "last_names.txt"))
        pairs = len(self._first) * len(self._last)
        self._middle = count > pairs
        self._names = pairs * (len(self._first) if self._middle else 1)
        if count > self._names:
            raise InputError(f"{count:,} documents are more than there are names ({self._names:,})")
        draw = drawn_from(seed, "people")
        self._shift = below(self._names, draw)
        self._stride = 1 + below(self._names - 1, draw)
        while gcd(self._stride, self._names) > 1:  # then i -> stride * i + shift visits each number once
            self._stride += 1

    def __getitem__(self, person: int) -> str:
        number = (person * self._stride + self._shift) % self._names
        number, last = divmod(number, len(self._last))
        middle, first = divmod(number, len(self._first))
        names = [self._first[first], self._last[last]]
        return " ".join([names[0], self._first[middle], names[1]] if self._middle else names)


def _words(file: str) -> list[str]:
    return files("numen.room").joinpath("data", file).read_text(encoding="utf-8").split()
