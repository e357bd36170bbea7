"""The short strings: each names one encoder, each encoder names its string, and wrong ones say what is near."""

from __future__ import annotations

import json

import pytest

from numen import BM25, Analyzer, HashedEncoder, WordsEncoder, parse_encoder
from numen.encode import encoder_from_json
from numen.encode.auto import AutoEncoder
from numen.errors import FormatError, InputError, OptionError

SPECS = {
    "auto": AutoEncoder(),
    "bm25": WordsEncoder(),
    "bm25:english": WordsEncoder(Analyzer(language="english")),
    "bm25:turkish,k1=0.9,b=0.4": WordsEncoder(Analyzer(language="turkish"), BM25(k1=0.9, b=0.4)),
    "bm25,formula=bm25+,delta=1": WordsEncoder(bm25=BM25("bm25+", delta=1.0)),
    "bm25,fold_diacritics=also,unspaced=true,lookalikes=true": WordsEncoder(
        Analyzer(fold_diacritics="also", unspaced=True, lookalikes=True)
    ),
    "bm25,single=always,fold_diacritics=true": WordsEncoder(Analyzer(fold_diacritics=True), single="always"),
    "numen": HashedEncoder(),
    "numen:16": HashedEncoder(dim=16),
    "numen:2147483648": HashedEncoder(dim=2**31),
    "numen:512,signed=true,split=words,hash=fnv1a": HashedEncoder(512, split="words", hash="fnv1a", signed=True),
    "numen,weights=2:1+3:4": HashedEncoder(weights={2: 1, 3: 4}),
}


@pytest.mark.parametrize("spec", SPECS)
def test_a_string_names_an_encoder_and_the_encoder_names_it(spec: str) -> None:
    encoder = parse_encoder(spec)
    assert encoder == SPECS[spec]
    assert parse_encoder(encoder.spec) == encoder
    assert hash(encoder) == hash(SPECS[spec])


@pytest.mark.parametrize("spec", SPECS)
def test_json_gives_back_the_encoder(spec: str) -> None:
    encoder = parse_encoder(spec)
    assert encoder_from_json(json.loads(json.dumps(encoder.to_json()))) == encoder
    assert eval(repr(encoder)) == encoder


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("bm52", "did you mean 'bm25'"),
        ("nunem:512", "did you mean 'numen"),
        ("", "unknown encoder"),
        ("denser:model", "unknown encoder"),
        ("bm25:englisch", "did you mean 'english'"),
        ("numen:15", "from 16 to 2147483648"),
        ("numen:2147483649", "from 16 to 2147483648"),
        ("numen:-1", "no number of dimensions"),
        ("numen:1e3", "no number of dimensions"),
        ("numen:99999999999999999999", "no number of dimensions"),
        ("numen:²", "no number of dimensions"),
        ("numen,weigths=3:1", "did you mean 'weights'"),
        ("numen,weights=3", "must read like"),
        ("numen,weights=0:1", "gram length"),
        ("numen,hash=md5", "Legal: crc32, fnv1a"),
        ("numen,signed=maybe", "true or false"),
        ("bm25,k1", "no OPTION=VALUE"),
        ("bm25,k1=x", "must be a number"),
        ("bm25,k1=-1", "from 0 to"),
        ("bm25,k1=nan", "from 0 to"),
        ("bm25,b=1.5", "from 0 to 1"),
        ("bm25,formula=bm26", "did you mean 'bm25"),
        ("bm25,single=never", "Legal: alone, always"),
        ("auto:english", "takes no argument"),
    ],
)
def test_a_wrong_string_says_what_is_legal(spec: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        parse_encoder(spec)
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "dense"},
        {"kind": "words"},
        {"kind": "hashed", "dim": 32, "unknown": 1},
        {"kind": "words", "analyzer": {"unknown": 1}, "bm25": {}, "single": "alone"},
        {"kind": "words", "analyzer": {}, "bm25": {"k7": 1}, "single": "alone"},
    ],
)
def test_stored_settings_of_another_numen_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(FormatError, match="this numen"):
        encoder_from_json(data)
