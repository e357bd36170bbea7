"""A segment's documents by id, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from numen.index.keys import Vocabulary
from numen.kernels import reference
from numen.kernels.ids import fill_ids, find_ids, hash_ids, mark_ids, marked_ids

IDS = st.lists(
    st.sampled_from([b"", b"a", b"b", b"ab", b"ba", "é".encode(), b"a\0b"]) | st.binary(max_size=3), max_size=20
)


@settings(max_examples=300, deadline=None)
@given(IDS, IDS, st.data())
def test_the_living_document_of_each_id(ids: list[bytes], wanted: list[bytes], data: st.DataObject) -> None:
    # As in a segment, at most one document of an id lives.
    last = {id: doc for doc, id in enumerate(ids)}
    dead = [last[id] != doc or data.draw(st.booleans()) for doc, id in enumerate(ids)]
    names, sought = Vocabulary.of(ids), Vocabulary.of(wanted)
    table = np.full(32, -1, np.int32)
    starts = names.starts.astype(np.uint32)
    fill_ids(names.blob, starts, table)
    hashes = hash_ids(sought.blob, sought.starts)
    found = find_ids(names.blob, starts, table, np.array(dead, np.uint8), sought.blob, sought.starts, hashes)
    assert found.tolist() == reference.find_ids(ids, dead, wanted)


@settings(max_examples=100, deadline=None)
@given(IDS, IDS)
def test_ids_that_are_marked(ids: list[bytes], others: list[bytes]) -> None:
    names, sought = Vocabulary.of(ids), Vocabulary.of([*ids, *others])
    bits = np.zeros(1 << 20, np.uint8)
    mark_ids(names.blob, names.starts.astype(np.uint32), bits)
    found = marked_ids(hash_ids(sought.blob, sought.starts), bits)
    assert found.tolist() == [id in ids for id in [*ids, *others]]  # in eight million bits a few ids do not collide
