"""BM25 in five published forms, all computed at query time.

Nothing of a score is stored: a segment keeps term frequencies and document lengths, and idf, average length, k1, b and
delta come with the query. So documents can be added and removed, and parameters changed, without touching the index.

With f = term frequency, B = 1 - b + b |d| / avgdl, N documents, n of them with the term (Kamphuis, de Vries, Boytsov,
Lin, "Which BM25 do you mean?", ECIR 2020; natural logarithms):

    formula    idf                                   term's part of a document
    robertson  ln(max(1, (N - n + .5) / (n + .5)))   f / (f + k1 B)
    lucene     ln(1 + (N - n + .5) / (n + .5))       f / (f + k1 B)
    atire      ln(N / n)                             f (k1 + 1) / (f + k1 B)
    bm25l      ln((N + 1) / (n + .5))                (k1 + 1) (c + delta) / (k1 + c + delta), c = f / B
    bm25+      ln((N + 1) / n)                       f (k1 + 1) / (f + k1 B) + delta

In the last two a document without the term has a part of its own (f = 0). numen gives every hit that constant, so that
scores are those of the formula; a document that has no term of the query is no hit all the same.

Each part less its constant is weight * f / (f + saturation(d)), which is what the kernel computes: for bm25l,
(k1 + 1) k1 / (k1 + delta) * f / (f + (k1 + delta) B).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numen.errors import OptionError, nearest

__all__ = ["BM25", "FORMULAS"]

FORMULAS = ("robertson", "lucene", "atire", "bm25l", "bm25+")


@dataclass(frozen=True, slots=True)
class BM25:
    """A form of BM25 and its parameters; the defaults are Lucene's.

    formula: one of robertson, lucene, atire, bm25l, bm25+. k1: at least 0, how late a term's frequency saturates.
    b: 0 to 1, how much a document's length counts. delta: at least 0, for bm25l and bm25+ only.
    """

    formula: str = "lucene"
    k1: float = 1.2
    b: float = 0.75
    delta: float = 0.5

    def __post_init__(self) -> None:
        if self.formula not in FORMULAS:
            raise OptionError(f"formula is {self.formula!r}; {nearest(str(self.formula), FORMULAS)}")
        for name, low, high in (("k1", 0.0, 1e6), ("b", 0.0, 1.0), ("delta", 0.0, 1e6)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise OptionError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}")

    def idf(self, documents: int, frequencies: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64: the inverse document frequency of terms that `frequencies` of `documents` have; 0 where none has."""
        n = np.maximum(frequencies, 1).astype(np.float64)
        total = float(documents)
        match self.formula:
            case "robertson":
                idf = np.log(np.maximum(1.0, (total - n + 0.5) / (n + 0.5)))
            case "lucene":
                idf = np.log1p((total - n + 0.5) / (n + 0.5))
            case "atire":
                idf = np.log(total / n)
            case "bm25l":
                idf = np.log((total + 1) / (n + 0.5))
            case _:
                idf = np.log((total + 1) / n)
        return np.where(frequencies > 0, idf, 0.0)

    @property
    def factor(self) -> float:
        """What stands before f / (f + saturation)."""
        match self.formula:
            case "robertson" | "lucene":
                return 1.0
            case "bm25l":
                return (self.k1 + 1) * self.k1 / (self.k1 + self.delta) if self.k1 + self.delta > 0 else 0.0
            case _:
                return self.k1 + 1

    @property
    def constant(self) -> float:
        """The part, before idf, of a term that a document lacks."""
        match self.formula:
            case "bm25l":
                return (self.k1 + 1) * self.delta / (self.k1 + self.delta) if self.k1 + self.delta > 0 else 0.0
            case "bm25+":
                return self.delta
            case _:
                return 0.0

    def saturation(self, lengths: NDArray[np.uint32], average: float) -> NDArray[np.float32]:
        """float32 (n_docs), positive: the frequency at which a term's part is half of its limit.

        average: of the lengths of all living documents, positive.
        """
        longest = int(lengths.max(initial=0))
        if longest >= len(lengths):
            return self._saturation(lengths, average)
        # Once for each length instead of once for each document: every commit changes the average.
        return self._saturation(np.arange(longest + 1, dtype=np.uint32), average)[lengths]

    def _saturation(self, lengths: NDArray[np.uint32], average: float) -> NDArray[np.float32]:
        scale = self.k1 + self.delta if self.formula == "bm25l" else self.k1
        values = scale * (1 - self.b + self.b * lengths.astype(np.float64) / average)
        # Never 0, so that f / (f + s) is 0 and not 0 / 0 for f = 0; too small to show for f >= 1.
        return np.maximum(values, 1e-30).astype(np.float32)
