"""Keys are found in all segments at once where the plain version finds them, few or many, at the edges too."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.keys import NumberKeys, TermKeys
from numen.index.packing import pack
from numen.index.rows import Rows
from numen.kernels import reference
from numen.kernels.places import find_keys_in_all, find_terms_in_all


def leg(rng: np.random.Generator, terms: list[bytes] | None, numbers: NDArray[np.uint32] | None) -> Inverted:
    """A leg in which document d has the keys d, d + 1 and d + 2."""
    n = len(terms) if terms is not None else len(numbers if numbers is not None else ())
    keys = np.arange(n) if numbers is None else numbers
    rows = [keys[d : d + 3] for d in range(n)]
    builder = LegBuilder("ratio")
    starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    flat = np.concatenate([*rows, np.empty(0, np.int64)]).astype(np.uint32)
    builder.append(Rows(starts, flat, np.ones(len(flat), np.uint32), np.full(n, 3, np.uint32)))
    return pack(builder.finish(terms))


@pytest.mark.parametrize("sizes", [(1, 63), (64, 65), (5_000, 200), (1_000,)])
@pytest.mark.parametrize("most", [3, 2_000])
def test_terms(sizes: tuple[int, ...], most: int) -> None:
    rng = np.random.default_rng(sum(sizes) + most)
    some = [b"%c%s" % (65 + int(i) % 3, str(i).encode()) for i in rng.integers(0, 10**6, 6_000)]
    # Many that begin with the same eight bytes, and some that are the beginning of others.
    some += [b"the same " + term for term in some[:2_000]] + [b"", b"\0", b"\0\0", b"the same", b"the same\0"]
    pool = sorted(set(some))
    parts, known = [], []
    for size in sizes:
        terms = sorted(pool[i] for i in rng.permutation(len(pool))[:size])
        parts.append(leg(rng, terms, None))
        known.append(terms)
    table = np.stack([part.table_row for part in parts])
    wanted = sorted({pool[i] for i in rng.permutation(len(pool))[:most]} | {b"", b"\0", b"zzz", b"the same"})
    keys = TermKeys.of(wanted)
    places, frequencies = np.empty((len(sizes), len(wanted)), np.int64), np.zeros(len(wanted), np.int64)
    find_terms_in_all(table, *keys.sealed(), places, frequencies)
    assert places.tolist() == [reference.find_terms(terms, wanted).tolist() for terms in known]
    expected = np.zeros(len(wanted), np.int64)
    for part, row in zip(parts, places, strict=True):
        expected[row >= 0] += part.frequencies[row[row >= 0]]
    assert frequencies.tolist() == expected.tolist()


@pytest.mark.parametrize("most", [1, 5, 900])
def test_numbers(most: int) -> None:
    rng = np.random.default_rng(most)
    known = [np.unique(rng.integers(0, 2_000, size)).astype(np.uint32) for size in (1, 50, 1_500)]
    parts = [leg(rng, None, numbers) for numbers in known]
    table = np.stack([part.table_row for part in parts])
    wanted = np.unique(rng.integers(0, 2_100, most)).astype(np.uint32)
    places, frequencies = np.empty((3, len(wanted)), np.int64), np.zeros(len(wanted), np.int64)
    find_keys_in_all(table, NumberKeys(wanted).numbers, places, frequencies)
    assert places.tolist() == [reference.find_keys(numbers, wanted).tolist() for numbers in known]
    total = sum(int(part.frequencies[row[row >= 0]].sum()) for part, row in zip(parts, places, strict=True))
    assert frequencies.sum() == total
