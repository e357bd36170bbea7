"""What a merge makes of segments' documents, values and rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.encode import parse_encoder
from numen.index import order, packing
from numen.index.build import LegBuilder
from numen.index.inverted import Inverted
from numen.index.lists import Lists
from numen.index.merge import merge
from numen.index.rows import Form
from numen.index.segment import LiveSegment, Segment

SPECS = {"words": "bm25", "grams": "numen:64"}
NOBODY = np.empty(0, np.uint16)


def live(n_docs: int, n_dead: int = 0) -> LiveSegment:
    """A segment of this size without ids and terms: all that is looked at where nothing lives."""
    nothing = np.empty(0, np.uint8)
    segment = Segment(0, np.arange(n_docs), nothing, np.zeros(1, np.uint32), nothing.astype(np.uint16), {})
    return LiveSegment(segment, np.arange(n_dead, dtype=np.uint16))


def segment_of(number: int, keys: Sequence[int], texts: Sequence[str]) -> Segment:
    legs = {}
    for name, spec in SPECS.items():
        encoder = parse_encoder(spec)
        counter, builder = encoder.counter(), LegBuilder(encoder.form)
        builder.append(counter.count(texts))
        legs[name] = builder.finish(counter.vocabulary())
    return Segment.of(number, np.array(keys, np.int64), [f"id{key}" for key in keys], legs)


def assert_same(one: Segment, other: Segment) -> None:
    assert set(one.arrays()) == set(other.arrays())
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name, strict=True)


def said_of(segment: Segment, leg: str, keys: Sequence[int], numbers: Sequence[int]) -> NDArray[np.float64]:
    """float64 (documents, numbers): the values of documents by catalog key; for the scaled form code times scale."""
    part = segment.legs[leg]
    own = part.keys.numbers.tolist()  # type: ignore[union-attr]
    places = np.array([own.index(number) if number in own else -1 for number in numbers])
    docs = segment.docs_of(np.array(keys, np.int64)).tolist()
    assert min(docs) >= 0
    scales = part.doc_values if part.form == "scaled" else np.ones(segment.n_docs)
    return np.array([part.values_of(doc, places) * scales[doc] for doc in docs], np.float64)


def test_a_merge_is_a_build_of_what_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 4)
    monkeypatch.setattr(packing, "LONG_MINIMUM", 2)
    rng = np.random.default_rng(2)
    words = ["common", "often", "rare", "seldom", "once", "twice"]

    def text() -> str:
        return " ".join(["common"] * int(rng.choice([1, 3, 300])) + list(rng.choice(words, int(rng.integers(0, 9)))))

    for _ in range(20):
        keys = rng.permutation(90)
        parts = [np.sort(part) for part in np.split(keys, [5, 40, 41])]  # keys interleave, as after earlier merges
        texts = {int(key): text() for key in keys}
        dead = [np.sort(rng.choice(len(p), int(rng.integers(0, len(p) + 1)), replace=False)) for p in parts]
        lives = [
            LiveSegment(segment_of(n, part.tolist(), [texts[int(key)] for key in part]), gone.astype(np.uint16))
            for n, (part, gone) in enumerate(zip(parts, dead, strict=True))
        ]
        kept = [int(k) for part, gone in zip(parts, dead, strict=True) for k in np.delete(part, gone)]
        got = merge(9, lives)
        if not kept:
            assert got is None
            continue
        assert got is not None
        assert_same(got, segment_of(9, kept, [texts[key] for key in kept]))


def test_rows_and_large_counts_go_through_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MINIMUM", 2)
    texts = ["often " * 3, "often " * 70_000, "often other", "often " * 255, "often " * 254, "other"]
    halves = [segment_of(0, [0, 2, 4], texts[::2]), segment_of(1, [1, 3, 5], texts[1::2])]
    grams: Inverted = halves[0].legs["grams"]
    assert len(grams.row_places) > 0
    whole = merge(2, [LiveSegment(half, NOBODY) for half in halves])
    assert whole is not None
    assert_same(whole, segment_of(2, [0, 2, 4, 1, 3, 5], texts[::2] + texts[1::2]))
    assert sorted(whole.legs["words"].exceptions.counts.tolist()) == [255, 70_000]
    again = merge(3, [LiveSegment(whole, whole.docs_of(np.array([1, 3])).astype(np.uint16))])
    assert again is not None
    assert_same(again, segment_of(3, [0, 2, 4, 5], [texts[i] for i in (0, 2, 4, 5)]))


@pytest.mark.parametrize("form", ["ratio"])
def test_documents_that_were_put_in_another_order_keep_what_they_say(
    form: Form, lists_of: Callable[[NDArray[Any], Form], Lists], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "MINIMUM", 50)
    monkeypatch.setattr(order, "SEEDS", 6)
    monkeypatch.setattr(order, "FREQUENT", 3)
    rng = np.random.default_rng(8)
    sizes, numbers = [120, 60, 40, 80], range(12)  # the third has too few documents for another order
    keys = np.split(rng.permutation(1_000)[: sum(sizes)], np.cumsum(sizes)[:-1])
    tables = [np.where(rng.random((size, 12)) < 0.15, rng.choice([0.5, 1, 2.25, 300], (size, 12)), 0) for size in sizes]
    tables = [np.ceil(table) if form == "ratio" else table.astype(np.float32) for table in tables]
    lists = [lists_of(table, form) for table in tables]
    plain = [[f"id{key}" for key in own.tolist()] for own in keys]
    segments = [
        Segment.of(n, own, ids, {"leg": one}) for n, (own, ids, one) in enumerate(zip(keys, plain, lists, strict=True))
    ]
    moved = [own.tolist() != segment.doc_keys.tolist() for own, segment in zip(keys, segments, strict=True)]
    assert moved == [True, True, False, True]
    before: dict[int, list[float]] = {}
    for own, table, segment in zip(keys, tables, segments, strict=True):
        assert sorted(segment.doc_keys.tolist()) == sorted(own.tolist())
        assert segment.ids.tolist() == [f"id{key}" for key in segment.doc_keys.tolist()]
        assert np.array(segment.ids)[np.argsort(segment.ranks)].tolist() == sorted(segment.ids.tolist())
        said = said_of(segment, "leg", own.tolist(), numbers)
        before.update(zip(own.tolist(), said.tolist(), strict=True))
        if form != "scaled":
            np.testing.assert_array_equal(said, table)
    dead = [np.sort(rng.choice(size, size // 4, replace=False)).astype(np.uint16) for size in sizes]
    alive = [int(k) for segment, gone in zip(segments, dead, strict=True) for k in np.delete(segment.doc_keys, gone)]
    first = merge(7, [LiveSegment(*pair) for pair in zip(segments[:2], dead[:2], strict=True)])
    assert first is not None
    rest = [LiveSegment(*pair) for pair in zip(segments[2:], dead[2:], strict=True)]
    whole = merge(8, [LiveSegment(first, NOBODY), *rest])
    assert whole is not None
    assert sorted(whole.doc_keys.tolist()) == sorted(alive)
    assert whole.ids.tolist() == [f"id{key}" for key in whole.doc_keys.tolist()]
    # Bit for bit: a scaled value depends on its own document alone.
    assert said_of(whole, "leg", alive, numbers).tolist() == [before[key] for key in alive]
    assert whole.docs_of(np.array([2_000, alive[0]])).tolist()[0] == -1
    lengths = {int(key): d for own in keys for d, key in enumerate(own)}
    if form != "scaled":
        assert whole.legs["leg"].doc_values.tolist() == [lengths[key] for key in whole.doc_keys.tolist()]


def test_scaled_values_do_not_change_through_merges(lists_of: Callable[[NDArray[Any], Form], Lists]) -> None:
    rng = np.random.default_rng(4)
    table = np.exp(rng.normal(0, 3, (30, 9))) * (rng.random((30, 9)) < 0.5)
    table = np.where(np.arange(30)[:, None] == 7, 0, table).astype(np.float32)  # one document without values
    keys = np.arange(30)
    segments = [
        Segment.of(n, part, [str(key) for key in part.tolist()], {"leg": lists_of(table[part], "scaled")})
        for n, part in enumerate(np.split(keys, [1, 5, 20]))
    ]
    alone = Segment.of(9, keys, [str(key) for key in keys.tolist()], {"leg": lists_of(table, "scaled")})
    whole: Segment | None = segments[0]
    for n, segment in enumerate(segments[1:]):
        assert whole is not None
        whole = merge(10 + n, [LiveSegment(whole, NOBODY), LiveSegment(segment, NOBODY)])
    assert whole is not None
    said = said_of(whole, "leg", keys.tolist(), range(9))
    assert said.tolist() == said_of(alone, "leg", keys.tolist(), range(9)).tolist()
    assert (np.abs(said - table) <= table.max(axis=1, keepdims=True) / 255).all()
    assert said[7].tolist() == [0] * 9
    # The largest of each document is what it was, but for rounding.
    np.testing.assert_allclose(said.max(axis=1), table.max(axis=1), rtol=1e-6)


def test_nothing_alive_merges_to_nothing() -> None:
    assert merge(1, [live(3, 3), live(2, 2)]) is None


def test_more_than_fit_one_segment_are_refused() -> None:
    with pytest.raises(ValueError, match="65537 living documents do not fit"):
        merge(1, [live(65_536), live(1)])
