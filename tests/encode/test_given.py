"""Given vectors: the encoder's string and settings, what it asks the index for, what it hands to it."""

from __future__ import annotations

import numpy as np
import pytest

from numen.encode import encoder_from_json, parse_encoder
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.given import GivenEncoder
from numen.encode.given_vectors import GivenVectors
from numen.encode.sparse_input import all_vectors, vector_reader
from numen.errors import FormatError, InputError, OptionError
from numen.index.keys import NumberKeys, TermKeys


def vectors(encoder: GivenEncoder, *rows: dict[int, float] | dict[str, float]) -> GivenVectors:
    found: GivenVectors = all_vectors(vector_reader(rows, "leg", encoder))
    return found


def named(query: QueryCounts) -> list[dict[str, float]]:
    """Each query as key -> weight."""
    keys = query.keys
    names = (
        [str(n) for n in keys.numbers.tolist()] if isinstance(keys, NumberKeys) else [t.decode() for t in keys.terms()]
    )
    assert query.values is not None
    out = []
    for begin, end in zip(query.starts[:-1].tolist(), query.starts[1:].tolist(), strict=True):
        places = query.terms[begin:end].tolist()
        out.append({names[p]: float(v) for p, v in zip(places, query.values[begin:end].tolist(), strict=True)})
    return out


@pytest.mark.parametrize(
    ("spec", "encoder"),
    [
        ("given", GivenEncoder()),
        ("given:30522", GivenEncoder(30_522)),
        ("given:1", GivenEncoder(1)),
        ("given:4294967296", GivenEncoder(1 << 32)),
        ("given:2147483648,negative=allow", GivenEncoder(1 << 31, negative=True)),
        ("given:terms", GivenEncoder(terms=True)),
        ("given,precision=8bit", GivenEncoder(precision="8bit")),
        ("given:terms,precision=8bit,negative=allow", GivenEncoder(terms=True, precision="8bit", negative=True)),
    ],
)
def test_strings_and_json_come_back_as_the_same_encoder(spec: str, encoder: GivenEncoder) -> None:
    assert parse_encoder(spec) == encoder
    assert encoder.spec == spec
    assert encoder_from_json(encoder.to_json()) == encoder
    assert encoder.form == ("scaled" if encoder.precision == "8bit" else "product")


def test_defaults_may_be_written_out() -> None:
    assert parse_encoder("given:7, precision=float32 ,negative=refuse") == GivenEncoder(7)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("given:many", "'many' in encoder 'given:many' is no number of dimensions, such as given:30522"),
        ("given:-1", "no number of dimensions"),
        ("given:0", "dim is 0; it must be a whole number from 1 to 4294967296"),
        ("given:4294967297", r"from 1 to 4294967296 \(2\^32\)"),
        ("given:4294967296,negative=allow", r"from 1 to 2147483648 \(2\^31 with negative=allow\)"),
        ("given,precision=4bit", "precision is '4bit'; did you mean '8bit'"),
        ("given,negative=yes", "must be allow or refuse, not 'yes'"),
        ("given,dim=3", "unknown option 'dim'"),
        ("givn", "did you mean 'given'"),
    ],
)
def test_unfit_strings_say_what_is_wrong(spec: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_encoder(spec)


def test_unfit_settings_are_refused() -> None:
    with pytest.raises(OptionError, match="terms have no number of dimensions"):
        GivenEncoder(7, terms=True)
    with pytest.raises(OptionError, match="dim is True"):
        GivenEncoder(True)
    with pytest.raises(FormatError, match="did you mean 'negative'"):
        encoder_from_json({"kind": "given", "negativ": True})


def test_texts_have_no_vector() -> None:
    encoder = GivenEncoder(5)
    with pytest.raises(InputError, match="'given:5' takes vectors, not texts"):
        encoder.query(["text"])
    with pytest.raises(InputError, match="takes vectors, not texts"):
        encoder.counter().count(["text"])


def test_a_query_asks_for_its_indices_with_its_weights() -> None:
    encoder = GivenEncoder(10)
    query = encoder.query_of(vectors(encoder, {7: 0.5, 2: 2.0}, {}, {2: 1.0, 9: 0.25}))
    assert named(query) == [{"2": 2.0, "7": 0.5}, {}, {"2": 1.0, "9": 0.25}]
    assert isinstance(query.keys, NumberKeys)
    assert query.keys.numbers.tolist() == [2, 7, 9]
    assert query.counts.tolist() == [1, 1, 1, 1]
    weights, constants = encoder.weigh(query, np.ones(3, np.int64), Statistics(5, 0), None)
    assert weights.tolist() == [2.0, 0.5, 1.0, 0.25]
    assert constants.tolist() == [0.0, 0.0, 0.0]
    assert [array.dtype.str for array in (weights, constants)] == ["<f4", "<f4"]


def test_terms_are_keys_in_the_order_of_their_bytes() -> None:
    encoder = GivenEncoder(terms=True)
    query = encoder.query_of(vectors(encoder, {"zoo": 1.0, "é": 2.0, "a\0b": 3.0}))
    assert isinstance(query.keys, TermKeys)
    assert query.keys.terms() == [b"a\0b", b"zoo", "é".encode()]
    assert named(query) == [{"zoo": 1.0, "é": 2.0, "a\0b": 3.0}]


def test_a_signed_query_asks_for_both_lists_of_an_index() -> None:
    encoder = GivenEncoder(10, negative=True)
    assert named(encoder.query_of(vectors(encoder, {3: 0.5, 4: -2.0}))) == [{"6": 0.5, "7": -0.5, "8": -2.0, "9": 2.0}]
    encoder = GivenEncoder(terms=True, negative=True)
    query = encoder.query_of(vectors(encoder, {"a": 0.5, "a+": -1.0}))
    assert named(query) == [{"a+": 0.5, "a-": -0.5, "a++": -1.0, "a+-": 1.0}]
    assert query.keys.find(query.keys).tolist() == [0, 1, 2, 3]  # type: ignore[arg-type]


def test_the_highest_index_has_a_key_of_its_own() -> None:
    top = (1 << 31) - 1
    encoder = GivenEncoder(negative=True)
    rows = encoder.counter().rows(vectors(encoder, {top: -1.5, 0: 2.0}))
    assert rows.numbers.tolist() == [0, (1 << 32) - 1]
    assert encoder.named(str((1 << 32) - 1)) == (str(top), -1)
    encoder = GivenEncoder()
    assert encoder.counter().rows(vectors(encoder, {(1 << 32) - 1: 1.0})).numbers.tolist() == [(1 << 32) - 1]


def test_documents_become_rows_of_positive_values() -> None:
    encoder = GivenEncoder(10, negative=True)
    rows = encoder.counter().rows(vectors(encoder, {3: 0.5, 4: -2.0}, {}))
    assert rows.starts.tolist() == [0, 2, 2]
    assert rows.numbers.tolist() == [6, 9]
    assert rows.values.tolist() == [0.5, 2.0]
    assert rows.doc_values.tolist() == [2, 0]
    assert [array.dtype.str for array in (rows.numbers, rows.values, rows.doc_values)] == ["<u4", "<f4", "<u4"]


def test_a_segment_numbers_its_terms_once_over_all_batches() -> None:
    encoder = GivenEncoder(terms=True, negative=True)
    counter = encoder.counter()
    first = counter.rows(vectors(encoder, {"b": 1.0, "a": -1.0}))
    second = counter.rows(vectors(encoder, {"c": 3.0, "a": -2.0}, {"b": -0.5}))
    terms = counter.vocabulary()
    assert terms is not None
    assert sorted(terms) == [b"a-", b"b+", b"b-", b"c+"]
    assert {terms[n]: v for n, v in zip(first.numbers, first.values.tolist(), strict=True)} == {b"b+": 1.0, b"a-": 1.0}
    assert [terms[n] for n in second.numbers[second.starts[1] :]] == [b"b-"]
    assert GivenEncoder().counter().vocabulary() is None


def test_terms_of_rows_left_out_are_not_in_the_vocabulary() -> None:
    encoder = GivenEncoder(terms=True)
    counter = encoder.counter()
    counter.rows(vectors(encoder, {"a": 1.0}, {"b": 1.0}).select([1]))
    assert counter.vocabulary() == [b"b"]


def test_rows_can_be_cut_and_picked() -> None:
    encoder = GivenEncoder(10)
    some = vectors(encoder, {1: 1.0}, {2: 2.0, 3: 3.0}, {}, {4: 4.0})
    assert (some[1:3].starts.tolist(), some[1:3].numbers.tolist()) == ([0, 2, 2], [2, 3])
    picked = some.select([3, 1, 1])
    assert picked.starts.tolist() == [0, 1, 3, 5]
    assert picked.values.tolist() == [4.0, 2.0, 3.0, 2.0, 3.0]
    assert some.select([0, 1, 2, 3]) is some
    assert len(some[4:]) == len(some.select([])) == 0
    with pytest.raises(ValueError, match="not consecutive"):
        some[::2]
