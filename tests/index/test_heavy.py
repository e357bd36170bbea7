"""Lists by falling weight, and documents as rows, hold what the plain versions do; levels say how far to read."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.index.build import LegBuilder
from numen.index.heavy import Heavy
from numen.index.packing import pack, unpack
from numen.index.rows import Rows
from numen.kernels import reference
from numen.kernels.codes import HEAVY_KEPT, HEAVY_PARTS

SHARES = [0.0, 0.005, 0.05, 0.3, 1.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 900))
def test_lists_by_falling_weight(seed: int, n_docs: int) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random((n_docs, len(SHARES))) < np.array(SHARES)
    docs, keys = np.nonzero(present)
    weights = rng.gamma(2, 0.4, len(docs)).astype(np.float32) + np.float32(0.01)
    starts = np.searchsorted(docs, np.arange(n_docs + 1)).astype(np.int64)
    builder = LegBuilder("product")
    builder.append(Rows(starts, keys.astype(np.uint32), weights, np.ones(n_docs, np.uint32)))
    part = pack(builder.finish([f"{n}".encode() for n in range(len(SHARES))]))
    heavy = Heavy.of(part)

    lists = unpack(part)
    expected = []
    for key, (a, b) in enumerate(itertools.pairwise(lists.starts.tolist())):
        bounds = part.steps[key] * np.arange(256, dtype=np.float32)
        codes = np.maximum(np.searchsorted(bounds, lists.values[a:b]), 1)
        expected.append(list(zip(lists.docs[a:b].tolist(), codes.tolist(), strict=True)))
    kept = reference.sort_by_code(expected, HEAVY_PARTS, HEAVY_KEPT)
    got = [
        list(zip(heavy.docs[a:b].tolist(), heavy.codes[a:b].tolist(), strict=True))
        for a, b in itertools.pairwise(heavy.starts.tolist())
    ]
    assert got == kept
    assert heavy.lengths.tolist() == [len(one) for one in expected]
    for levels, one, whole in zip(heavy.levels.tolist(), kept, expected, strict=True):
        begins = [-(-len(whole) * i // HEAVY_PARTS) for i in range(HEAVY_PARTS)]
        assert levels == [one[at][1] if at < len(one) else 0 for at in begins]
    rows = [
        list(zip(heavy.row_keys[a:b].tolist(), heavy.row_codes[a:b].tolist(), strict=True))
        for a, b in itertools.pairwise(heavy.row_starts.tolist())
    ]
    assert rows == reference.rows_by_document(expected, n_docs)
