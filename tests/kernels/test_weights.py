"""A weight is what it was, and its bound never below it, against the plain version."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from numen.index.lists import Exceptions
from numen.kernels import reference
from numen.kernels.codes import WEIGHT_ESCAPE
from numen.kernels.weights import join_weights, split_weights

WEIGHTS = (
    st.floats(width=32, min_value=0, exclude_min=True, max_value=float(np.finfo(np.float32).max))
    | st.floats(width=32, min_value=0.015625, max_value=4)
    | st.sampled_from([1e-45, 1.2e-38, 1.0, 254.0, 255.0, 256.0])
)


def all_at_once(
    lists: list[list[float]], long: bool
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32], Exceptions]:
    """(steps, codes, rests, weights read back, exceptions) of all lists, as short or as long ones of gaps of 1."""
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    values = np.array([weight for one in lists for weight in one], np.float32)
    docs = np.concatenate([np.arange(1, len(one) + 1) for one in [[], *lists]]).astype(np.uint16)
    gaps = np.ones(len(docs), np.uint8)
    nothing, none = np.zeros(len(starts), np.int64), np.arange(len(lists), dtype=np.int32)
    steps = np.zeros(len(lists), np.float32)
    codes, fine = np.zeros(len(values), np.uint8), np.zeros((len(values), 3), np.uint8)
    back = np.zeros_like(values)
    no_docs, no_codes, no_fine, no_values = docs[:0].copy(), codes[:0].copy(), fine[:0].copy(), values[:0].copy()
    if long:
        in_lists = (none, starts, gaps)
        found = split_weights(nothing, no_docs, no_values, *in_lists, values, steps, no_codes, no_fine, codes, fine)
        some = Exceptions.of(*found)
        large = (some.keys, some.docs, some.counts)
        join_weights(nothing, no_docs, no_codes, no_fine, steps, *in_lists, codes, fine, *large, no_values, back)
    else:
        in_lists = (np.full(len(lists), -1, np.int32), nothing[:1], gaps[:0].copy())
        found = split_weights(starts, docs, values, *in_lists, no_values, steps, codes, fine, no_codes, no_fine)
        some = Exceptions.of(*found)
        large = (some.keys, some.docs, some.counts)
        join_weights(starts, docs, codes, fine, steps, *in_lists, no_codes, no_fine, *large, back, no_values)
    return steps, codes, fine.astype(np.int64) @ np.array([1, 1 << 8, 1 << 16]), back, some


@pytest.mark.filterwarnings("ignore:overflow encountered")  # bounds of the largest weights may be infinite
@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(WEIGHTS, max_size=20), min_size=1, max_size=5), st.booleans())
def test_weights_split_and_joined(lists: list[list[float]], long: bool) -> None:
    steps, codes, rests, back, some = all_at_once(lists, long)
    flat = np.array([weight for one in lists for weight in one], np.float32)
    assert back.tolist() == flat.tolist()
    at = 0
    exceptions = []
    for key, one in enumerate(lists):
        if one:
            step, expected, below = reference.split_weights(np.array(one, np.float32))
            assert steps[key] == step
            assert codes[at : at + len(one)].tolist() == expected.tolist()
            assert rests[at : at + len(one)].tolist() == below.tolist()
            exceptions += [(key, int(i) + 1) for i in np.flatnonzero(below == WEIGHT_ESCAPE)]
        at += len(one)
    assert list(zip(some.keys.tolist(), some.docs.tolist(), strict=True)) == exceptions
    bounds = np.repeat(steps, [len(one) for one in lists]) * codes.astype(np.float32)
    assert (bounds >= flat).all()


def test_a_bound_is_at_most_a_255th_of_the_largest_above_its_weight() -> None:
    weights = np.random.default_rng(0).gamma(1, size=5_000).astype(np.float32)
    steps, codes, _, _, _ = all_at_once([weights.tolist()], False)
    over = steps[0].astype(np.float64) * codes - weights
    assert 0 <= over.max() <= weights.max() / 255 * 1.001


def test_a_weight_far_below_its_bound_is_an_exception() -> None:
    steps, codes, rests, back, some = all_at_once([[1.0, 0.0007, 0.0005, 0.5]], True)
    assert codes.tolist() == [255, 1, 1, 128]
    assert (rests == WEIGHT_ESCAPE).tolist() == [False, True, True, False]
    assert some.docs.tolist() == [2, 3]
    assert some.counts.view(np.float32).tolist() == back[1:3].tolist()
    assert steps[0] * 255 >= 1
