"""Neighbouring terms by trails, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.encode.auto import AutoEncoder
from numen.index import packing as packing_module
from numen.index.build import LegBuilder
from numen.index.keys import Vocabulary
from numen.index.packing import pack, unpack
from numen.index.trailed import Trailed
from numen.kernels import reference_auto as reference
from numen.kernels.pairs import count_pairs, gather_trails, term_hashes

WORDS = ("red", "green", "blue", "roßfeld", "北京")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=6), max_size=20))
def test_hashes(terms: list[bytes]) -> None:
    words = Vocabulary.of(terms)
    assert term_hashes(words.blob, words.starts).tolist() == [reference.term_hash(term) for term in terms]


def packed(texts: list[str]) -> Trailed:
    counter = AutoEncoder().counter()
    builder = LegBuilder("ratio")
    half = len(texts) // 2
    builder.append(counter.count(texts[:half]))
    builder.append(counter.count(texts[half:]))
    part = pack(builder.finish(counter.vocabulary()))
    assert isinstance(part, Trailed)
    return part


@pytest.mark.parametrize("seed", range(6))
def test_neighbours(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing_module, "MINIMUM", 8)
    monkeypatch.setattr(packing_module, "LONG_MINIMUM", 4)
    rng = np.random.default_rng(seed)
    shares = np.array([0.6, 0.2, 0.1, 0.06, 0.04])
    texts = [" ".join(rng.choice(WORDS, int(rng.integers(0, 8)), p=shares)) for _ in range(int(rng.integers(2, 400)))]
    analyzer = AutoEncoder().analyzer
    rows = [analyzer.terms(text) for text in texts]
    part = packed(texts)
    keys = [term.decode() for term in part.keys.terms()]  # type: ignore[union-attr]
    hashes = {key: reference.term_hash(key.encode()) for key in keys}
    assert part.trail.tolist() == reference.trail_of([[term.encode() for term in row] for row in rows])
    places = {key: i for i, key in enumerate(keys)}
    held = [{places[term]: row.count(term) for term in row} for row in rows]
    trails = [[hashes[term] for term in row] for row in rows]
    pairs = [(a, b) for a in keys for b in keys]
    starts, docs, _, long_of, long_starts, gaps, long_codes, _, _ = part.lists
    pair_starts, found, counts = count_pairs(
        np.array([*(places[a] for a, _ in pairs), -1], np.int64),
        np.array([*(places[b] for _, b in pairs), 0], np.int64),
        np.array([*(hashes[a] for a, _ in pairs), 0], np.uint16),
        np.array([*(hashes[b] for _, b in pairs), 0], np.uint16),
        part.frequencies,
        starts,
        docs,
        long_of,
        long_starts,
        gaps,
        long_codes,
        part.row_of,
        part.rows,
        part.trail_starts,
        part.trail,
    )
    assert pair_starts[-1] == pair_starts[-2]
    for p, (a, b) in enumerate(pairs):
        begin, end = pair_starts[p : p + 2]
        got = dict(zip(found[begin:end].tolist(), counts[begin:end].tolist(), strict=True))
        assert got == reference.count_pairs(trails, held, (places[a], places[b]), (hashes[a], hashes[b]))
        assert (np.diff(found[begin:end].astype(int)) > 0).all()


def test_trails_follow_their_documents() -> None:
    part = packed(["red green", "", "blue blue red"])
    order = np.array([2, 0, 1])
    moved = unpack(part).reordered(order)
    trails = [reference.trail_of([text.encode().split()]) for text in ("red green", "", "blue blue red")]
    assert moved.trail is not None
    assert moved.trail.tolist() == reference.gather_trails(trails, order.tolist())
    lengths = np.array([2, 0, 3], np.uint32)
    assert gather_trails(part.trail, lengths, np.array([2])).tolist() == reference.gather_trails(trails, [2])
