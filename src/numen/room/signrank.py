"""Between which dimensions the judgements could be held at all, with exact arithmetic: bounds of their sign rank.

The sign rank of a matrix of +1 (relevant) and -1 (not) is the smallest rank of a real matrix with the same signs;
vectors of that many dimensions, and one threshold for all queries, can return exactly the relevant documents; with a
threshold of its own for each query one dimension less may do (Weller et al., arXiv 2508.21038 v1: signrank - 1 <= d <=
signrank). It says nothing of margins: the numbers may have to be exact to many digits.

Above: each row's sign changes along one order of the documents, plus 1 (Alon, Frankl, Rodl 1985): at most 2k + 1 for
rows with k relevant documents, whatever their number. Below: sqrt(m n) min|a| / ||A|| for every A with these signs
(Forster 2002, in the form of Forster et al. 2001), and the largest set of documents of which queries cut out every
subset (a set shattered by half-spaces of rank r has at most r points).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["ASSUMPTION", "SignRank", "sign_rank"]

ASSUMPTION = (
    "Assumes real numbers without rounding and asks for no gap at all between answers and the rest; documents that no "
    "query is judged to find are taken together as one."
)

_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""What a relevant pair may weigh against another one in Forster's bound; the best counts."""

_SHATTERED = 4
"""Largest set of documents looked for; larger ones need 2^5 and more queries on the same few documents."""

_LARGEST = 4_000_000
"""Cells of the matrix: 32 MB as float64. Above, a sample of the queries bounds from below."""


@dataclass(frozen=True)
class SignRank:
    """lower <= sign rank <= upper; `largest`: the most relevant documents of a query."""

    lower: int
    upper: int
    largest: int
    documents: int
    queries: int


def sign_rank(relevant: Sequence[Sequence[int]], seed: int = 0) -> SignRank:
    """Bounds for judgements given as document numbers by query; each query has at least one."""
    if not relevant or not all(relevant):
        raise InputError("every query needs at least one relevant document; queries without say nothing of rank")
    used = sorted({document for some in relevant for document in some})
    place = {document: at for at, document in enumerate(used)}
    rows = sorted({tuple(sorted(place[document] for document in set(some))) for some in relevant})
    columns = len(used) + 1  # the last one stands for every document that is never relevant
    upper = min(_changes(rows, order, columns) + 1 for order in _orders(rows, columns))
    upper = min(upper, 2 * max(map(len, rows)) + 1, len(rows), columns)
    kept = rows
    if len(rows) * columns > _LARGEST:
        chosen = np.random.default_rng(seed).permutation(len(rows))[: max(_LARGEST // columns, 1)]
        kept = [rows[int(row)] for row in np.sort(chosen)]
    lower = max(_forster(kept, columns), _shattered(rows), 1)
    return SignRank(min(lower, upper), upper, max(map(len, rows)), len(used), len(relevant))


def _orders(rows: Sequence[tuple[int, ...]], columns: int) -> list[NDArray[np.int64]]:
    """Orders of the documents to try: as they are, by how often they are relevant, and so that partners stand
    together."""
    counts = np.bincount(np.concatenate([np.array(row) for row in rows]), minlength=columns)
    chained, seen = [], set()
    partners: dict[int, dict[int, None]] = {}
    for row in rows:
        for document in row:
            partners.setdefault(document, {}).update(dict.fromkeys(row))
    for start in range(columns):
        stack = [start]
        while stack:
            document = stack.pop()
            if document not in seen:
                seen.add(document)
                chained.append(document)
                stack += [other for other in reversed(list(partners.get(document, {}))) if other not in seen]
    return [np.arange(columns), np.argsort(-counts, kind="stable"), np.array(chained)]


def _changes(rows: Sequence[tuple[int, ...]], order: NDArray[np.int64], columns: int) -> int:
    """The most sign changes of a row along the order."""
    position = np.empty(columns, np.int64)
    position[order] = np.arange(columns)
    most = 0
    for row in rows:
        places = np.sort(position[list(row)])
        runs = int(1 + (np.diff(places) > 1).sum())
        most = max(most, 2 * runs - int(places[0] == 0) - int(places[-1] == columns - 1))
    return most


def _forster(rows: Sequence[tuple[int, ...]], columns: int) -> int:
    best = 1.0
    for weight in _WEIGHTS:
        matrix = np.full((len(rows), columns), -1.0)
        for at, row in enumerate(rows):
            matrix[at, list(row)] = weight
        small = matrix @ matrix.T if len(rows) < columns else matrix.T @ matrix
        norm = float(np.sqrt(_largest_eigenvalue(small)))
        best = max(best, np.sqrt(len(rows) * columns) / norm)
    return ceil(best - 1e-6)


def _largest_eigenvalue(matrix: NDArray[np.float64]) -> float:
    """Never too small: the power method's estimate, checked upwards by the norm of what is left."""
    if len(matrix) <= 600:
        return float(np.linalg.eigvalsh(matrix)[-1])
    vector = np.ones(len(matrix)) / np.sqrt(len(matrix))
    value = 0.0
    for _ in range(200):
        image = matrix @ vector
        value = float(np.linalg.norm(image))
        vector = image / value
    residual = float(np.linalg.norm(matrix @ vector - value * vector))
    return value + residual


def _shattered(rows: Sequence[tuple[int, ...]]) -> int:
    """The size of the largest set of documents found of which the queries cut out every subset."""
    sets = [frozenset(row) for row in rows]
    where: dict[int, set[int]] = {}
    for at, row in enumerate(sets):
        for document in row:
            where.setdefault(document, set()).add(at)
    frequent = sorted(where, key=lambda document: -len(where[document]))[:40]
    best = 1 if any(len(found) < len(sets) for found in where.values()) else 0
    for size in range(2, _SHATTERED + 1):
        if len(sets) < 2**size or not any(
            len({row & chosen for row in sets}) == 2**size for chosen in map(frozenset, combinations(frequent, size))
        ):
            break
        best = size
    return best
