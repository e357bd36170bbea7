"""In which order a segment's documents lie: like beside like, so that searches leave out whole blocks of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from numen.index.lists import Lists

__all__ = ["like_beside_like"]

MINIMUM = 8_192
"""Segments with fewer documents keep the order they have: searches add up all of them anyway."""

SEEDS = 1_024
"""Documents that the others gather around: about 64 each in a full segment."""

FREQUENT = 64
"""Keys of more than one document in so many say little about what documents are alike, and would take the time."""


def like_beside_like(legs: Sequence[Lists]) -> NDArray[np.int64] | None:
    """The documents in the order in which they are best kept, int64 (n_docs); None to keep the order they have.

    The first leg of counts decides (ratio): its searches leave out blocks, and other forms' do not.

    Some documents, spread evenly, are seeds, and every document goes to the seed that it has most in common with:
    rare keys, weighted by their squared inverse document frequency. The same documents always get the same order.
    """
    from numen.kernels.cluster import nearest_seed, rows_of

    lists = next((one for one in legs if one.form == "ratio"), None)
    if lists is None or lists.n_docs < MINIMUM:
        return None
    n_docs = lists.n_docs
    lengths = np.diff(lists.starts)
    keys = np.flatnonzero((lengths > 1) & (lengths * FREQUENT <= n_docs))
    idf = np.log(n_docs / np.maximum(lengths, 1))
    seeds = np.unique(np.linspace(0, n_docs - 1, SEEDS).astype(np.int64))
    number = np.full(n_docs, -1, np.int64)
    number[seeds] = np.arange(len(seeds))
    rows = rows_of(lists.starts, lists.docs, lists.values, keys, number, len(seeds))
    nearest = nearest_seed(lists.starts, lists.docs, lists.values, (idf * idf).astype(np.float32), *rows, n_docs)
    return np.argsort(nearest, kind="stable")
