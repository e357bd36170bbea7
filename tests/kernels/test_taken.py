"""Some of many terms, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.index.keys import TermKeys, Vocabulary
from numen.kernels import reference
from numen.kernels.taken import take_terms


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=5), max_size=20), st.data())
def test_terms_are_taken_in_any_order_and_more_than_once(terms: list[bytes], data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(0, len(terms) - 1), max_size=30)) if terms else []
    keys = TermKeys.of(terms)
    blob, starts = take_terms(keys.blob, keys.starts, np.array(numbers, np.int64))
    assert list(Vocabulary(blob, starts)) == reference.take_terms(terms, numbers)
