"""The words that queries are looked up in: joined from segments, folded, and for kernels of one kind."""

from __future__ import annotations

import itertools
from typing import Any, cast

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen import Collection
from numen.encode.near import NearWords, _folded_words
from numen.index.keys import TermKeys
from numen.search.vocabularies import vocabularies
from numen.text.normalise import normalise


@settings(deadline=None)
@given(st.sets(st.text("abeé\u0301ёе\U00010400ü", min_size=1, max_size=5)))
def test_words_are_folded_and_in_the_order_of_code_points(words: set[str]) -> None:
    keys = TermKeys.of(sorted(word.encode() for word in words))
    chars, starts, places = _folded_words(keys)
    bare = [
        normalise(word.decode(), case="keep", nfkc=False, fold_diacritics=True) or word.decode()
        for word in keys.terms()
    ]
    expected = sorted(range(len(bare)), key=bare.__getitem__)
    assert places.tolist() == expected
    text = chars.tobytes().decode("utf-32-le")
    assert [text[a:b] for a, b in itertools.pairwise(starts.tolist())] == [bare[place] for place in expected]


def test_kernels_are_compiled_for_one_kind_of_words() -> None:
    from numen.kernels import near

    kernels: list[Any] = [near.alike_words, near.family_words, near.trigram_lists]
    NearWords(TermKeys.of([b"layer", b"layers", "größe".encode()])).alike(b"layre")
    NearWords(TermKeys.of(["größe".encode()])).family(b"layer")
    known = [len(kernel.signatures) for kernel in kernels]
    plain = NearWords(TermKeys.of([b"layer", b"layers"]))
    assert len(plain.family(b"layer")[0]) == 2
    assert len(plain.alike(b"layre")[0]) == 2
    assert [len(kernel.signatures) for kernel in kernels] == known


def test_small_segments_share_a_vocabulary_and_hits_stay_the_same() -> None:
    texts = [f"boundary layer{'s' * (n % 2)} number{n} of wing flow" for n in range(12)]
    with Collection.create() as apart, Collection.create() as together:
        together.add({"id": str(n), "text": text} for n, text in enumerate(texts))
        for n, text in enumerate(texts):
            apart.add([{"id": str(n), "text": text}])
        snapshot = apart._snapshot()
        assert len(snapshot.segments) > 2
        shared = vocabularies(snapshot, "words")
        assert len(shared) == 1
        assert vocabularies(snapshot, "words")[0] is shared[0]
        keys = [cast(TermKeys, live.segment.legs["words"].keys) for live in snapshot.segments]
        every = {term for one in keys for term in one.terms()}
        assert set(shared[0].keys.terms()) == every
        for query in ("boundry layer", "wings number7", "flow"):
            one, other = apart.search(query), together.search(query)
            assert [hit.id for hit in one] == [hit.id for hit in other]
            np.testing.assert_array_equal([hit.score for hit in one], [hit.score for hit in other])
