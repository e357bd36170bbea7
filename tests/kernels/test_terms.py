"""Sorted lists of terms joined, against plain Python."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index.keys import TermKeys, Vocabulary
from numen.kernels import reference
from numen.kernels.places import find_terms
from numen.kernels.terms import order_terms, unite_terms

ALIKE = st.builds(
    bytes.__add__, st.sampled_from([b"", b"the same", b"the same at first, and on"]), st.binary(max_size=3)
)
"""Terms that begin alike, up to where kernels look at them for the third time."""

TERMS = st.sets(st.binary(max_size=4) | st.text(max_size=3).map(str.encode), max_size=12).map(sorted)


def listed(blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> list[bytes]:
    data = blob.tobytes()
    return [data[a:b] for a, b in itertools.pairwise(starts.tolist())]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=4) | st.sampled_from([b"\0" * n for n in range(20)]) | ALIKE, max_size=80))
def test_terms_in_order(terms: list[bytes]) -> None:
    keys = TermKeys.of(terms)
    assert order_terms(keys.blob, keys.starts).tolist() == reference.order_terms(terms)
    order, sorted_keys = Vocabulary.of(terms).in_order()
    assert (order.tolist(), sorted_keys.terms()) == (reference.order_terms(terms), sorted(terms))
    assert list(Vocabulary.of(terms)) == terms


@settings(max_examples=300, deadline=None)
@given(st.lists(TERMS | st.lists(ALIKE, max_size=60), max_size=3).map(lambda lists: [*itertools.chain(*lists)]))
def test_terms_each_once(terms: list[bytes]) -> None:
    keys = TermKeys.of(terms)
    blob, starts, places = unite_terms(keys.blob, keys.starts)
    assert (listed(blob, starts), places.tolist()) == reference.unite_terms(terms)


@settings(max_examples=300, deadline=None)
@given(TERMS, st.lists(st.binary(max_size=2)), st.data())
def test_terms_are_found_in_any_order(terms: list[bytes], others: list[bytes], data: st.DataObject) -> None:
    wanted = data.draw(st.permutations([*terms, *others]))
    if data.draw(st.booleans()):
        wanted = sorted(wanted)
    keys, sought = TermKeys.of(terms), TermKeys.of(wanted)
    found = find_terms(keys.blob, keys.starts, sought.blob, sought.starts)
    assert found.tolist() == reference.find_terms(terms, wanted).tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(TERMS, min_size=1, max_size=7), st.data())
def test_any_number_of_lists_and_some_of_their_terms(lists: list[list[bytes]], data: st.DataObject) -> None:
    keys = TermKeys.of(lists[0]).union([TermKeys.of(terms) for terms in lists[1:]])
    everything = sorted(set().union(*lists))
    assert keys.terms() == everything
    places = sorted(data.draw(st.sets(st.integers(0, len(everything) - 1)))) if everything else []
    assert keys.select(np.array(places, np.int64)).terms() == [everything[place] for place in places]
