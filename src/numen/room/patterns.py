"""Which documents answer which query: the four patterns of judgements that LIMIT compares.

Source: Weller et al., arXiv 2508.21038. The denser the pattern, the more the answers of queries overlap, and the harder
it is for vectors of few dimensions, although the texts are as easy as before.
"""

from __future__ import annotations

from itertools import combinations, islice
from math import comb

from numen.errors import InputError, OptionError, nearest
from numen.room.draws import below, drawn_from, sample

__all__ = ["PATTERNS", "answers", "dense_size"]

PATTERNS = ("random", "cycle", "disjoint", "dense")
"""random: each query has k documents drawn from all. cycle: the next k of a ring. disjoint: k that no other query has.
dense: the k-subsets, in order, of as few documents as have enough of them."""


def answers(pattern: str, documents: int, queries: int, k: int, seed: int = 0) -> list[tuple[int, ...]]:
    """For each query the numbers of its k documents, from 0 to documents - 1.

    OptionError for an unknown pattern, InputError where there are too few documents for it.
    """
    if pattern not in PATTERNS:
        raise OptionError(f"pattern is {pattern!r}; {nearest(pattern, PATTERNS)}")
    if min(documents, queries, k) < 1:
        raise InputError(f"documents is {documents}, queries {queries} and k {k}; each must be at least 1")
    needed = {
        "random": k if comb(documents, k) >= queries else dense_size(queries, k),
        "cycle": max(queries, k),
        "disjoint": queries * k,
        "dense": dense_size(queries, k),
    }[pattern]
    if documents < needed:
        raise InputError(
            f"the pattern {pattern!r} with {queries:,} queries of {k} documents each needs {needed:,} documents; "
            f"there are {documents:,}: ask for fewer queries, or for more documents"
        )
    match pattern:
        case "dense":
            return list(islice(combinations(range(needed), k), queries))
        case "cycle":
            return [tuple(sorted((query + step) % needed for step in range(k))) for query in range(queries)]
        case "disjoint":
            return [tuple(range(query * k, query * k + k)) for query in range(queries)]
    return _random(documents, queries, k, seed)


def dense_size(queries: int, k: int) -> int:
    """The smallest n with at least `queries` subsets of k: 46 for LIMIT's 1,000 pairs."""
    n = k
    while comb(n, k) < queries:
        n += 1
    return n


def _random(documents: int, queries: int, k: int, seed: int) -> list[tuple[int, ...]]:
    """Different k-subsets of all documents, each as likely as any other."""
    draw = drawn_from(seed, "pattern")
    if comb(documents, k) < 2 * queries:  # so few that drawing would wait long for the last ones
        return sample(list(combinations(range(documents), k)), queries, draw)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < queries:
        chosen: set[int] = set()
        while len(chosen) < k:
            chosen.add(below(documents, draw))
        found[tuple(sorted(chosen))] = None
    return list(found)
