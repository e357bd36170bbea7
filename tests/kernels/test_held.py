"""The words of documents from their trails, against what the documents hold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from numen.index import packing as packing_module
from numen.index.build import LegBuilder
from numen.index.packing import pack
from numen.index.rows import Rows
from numen.kernels import reference_auto as reference
from numen.kernels.held import held_words, terms_by_hash

N_KEYS = 40


def test_terms_of_a_hash_are_in_order() -> None:
    hashes = np.array([7, 65_535, 7, 0, 7], np.uint16)
    starts, terms = terms_by_hash(hashes)
    found = {h: terms[starts[h] : starts[h + 1]].tolist() for h in range(65_536) if starts[h] < starts[h + 1]}
    assert found == reference.terms_by_hash(hashes.tolist())


@pytest.mark.parametrize("seed", range(12))
def test_words_of_documents(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing_module, "MINIMUM", 8)
    monkeypatch.setattr(packing_module, "LONG_MINIMUM", 4)
    rng = np.random.default_rng(seed)
    n_docs = int(rng.integers(1, 500))
    shares = rng.random(N_KEYS) ** 3
    shares[0] = 1.0
    held = [
        {int(key): int(rng.choice([1, 2, 300])) for key in np.flatnonzero(rng.random(N_KEYS) < shares)}
        for _ in range(n_docs)
    ]
    # Few different hashes, so that most words share theirs with others that documents lack.
    hashes = rng.integers(0, 12, N_KEYS).astype(np.uint16)
    trails = [rng.permutation(np.repeat(list(row), list(row.values()))) for row in held]
    builder = LegBuilder("ratio")
    builder.append(
        Rows(
            np.cumsum([0, *map(len, held)]).astype(np.int64),
            np.array([key for row in held for key in row], np.uint32),
            np.array([count for row in held for count in row.values()], np.uint32),
            np.array([sum(row.values()) for row in held], np.uint32),
        )
    )
    part = pack(builder.finish([f"{key:02}".encode() for key in range(N_KEYS)]))
    keys = [int(term) for term in part.keys.terms()]  # type: ignore[union-attr]
    wanted = rng.integers(0, n_docs, 9)
    longest = int(rng.choice([0, 3, 10_000]))
    hash_starts, hash_terms = terms_by_hash(hashes[keys])
    starts, places, counts = held_words(
        wanted,
        longest,
        hash_starts,
        hash_terms,
        *part.lists,
        part.row_of,
        part.rows,
        part.exceptions.keys,
        part.exceptions.docs,
        part.exceptions.counts,
        np.cumsum([0, *map(len, trails)]).astype(np.int64),
        np.concatenate([hashes[trail] for trail in trails]),
    )
    got = [
        {keys[place]: int(count) for place, count in zip(places[a:b], counts[a:b], strict=True)}
        for a, b in itertools.pairwise(starts)
    ]
    marks = [[int(hashes[key]) for key in trail] for trail in trails]
    assert got == reference.held_words(marks, held, hashes.tolist(), wanted.tolist(), longest)
    assert all((np.diff(places[a:b]) > 0).all() for a, b in itertools.pairwise(starts))
