"""A leg `auto`: what words stand for, that it survives misspelling, and that its hits explain to their scores."""

from __future__ import annotations

import pytest

from numen import Analyzer, Collection
from numen.encode import encoder_from_json, parse_encoder
from numen.encode.auto import AutoEncoder
from numen.encode.bm25 import BM25
from numen.errors import OptionError

TEXTS = {
    "birch": "Birch Trees by the river",
    "trees": "trees of the forest, a birch among them",
    "compiler": "The compilers compiled it with one compiler",
    "berlin": "Die Straßen von Berlin",
    "yoruba": "ọkọ̀ ojú omi",
    "beijing": "我爱北京天安门",
    "thai": "ภาษาไทยง่าย",
    "arabic": "السيارة الجديدة",
    "numbers": "in 1984 and 1985",
}


@pytest.fixture
def collection() -> Collection:
    made = Collection.create(legs={"words": "auto"})
    made.add([{"id": id, "text": text} for id, text in TEXTS.items()])
    return made


def ids(collection: Collection, query: str) -> list[str]:
    return [hit.id for hit in collection.search(query).hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("compiling", "compiler"),
        ("cmopilers", "compiler"),
        ("strassen", "berlin"),
        ("oko oju", "yoruba"),
        ("北京", "beijing"),
        ("ไทย", "thai"),
        ("سيارة", "arabic"),
        ("Brich Tress", "birch"),
    ],
)
def test_the_first_hit(collection: Collection, query: str, first: str) -> None:
    assert ids(collection, query)[0] == first


def test_neighbours_come_before_words_apart(collection: Collection) -> None:
    assert ids(collection, "birch trees")[:2] == ["birch", "trees"]
    kinds = [part.kind for part in collection.explain("birch trees", "birch").legs[0].parts]
    assert "pair" in kinds
    assert "pair" not in [part.kind for part in collection.explain("birch trees", "trees").legs[0].parts]


def test_numbers_have_no_forms(collection: Collection) -> None:
    assert ids(collection, "1986") == []
    assert ids(collection, "1984") == ["numbers"]


def test_a_short_word_that_is_not_there_stands_for_nothing(collection: Collection) -> None:
    assert ids(collection, "who") == []
    assert collection.explain("who birch", "birch").legs[0].missing == ("who",)


def test_a_deleted_word_is_no_form(collection: Collection) -> None:
    collection.add([{"id": "new", "text": "birches"}])
    assert "birches" in [one.word for one in collection.explain("birch", "birch").legs[0].parts[-1].words]
    collection.delete(["new"])
    for part in collection.explain("birch", "birch").legs[0].parts:
        assert "birches" not in [one.word for one in part.words]


def test_every_hit_explains_to_its_score() -> None:
    words = "model models modeling remodel heat heated heating wing wings the of flow".split()
    texts = [" ".join(words[(i * j) % len(words)] for j in range(1, 2 + i % 9)) for i in range(1, 60)]
    with Collection.create(legs={"words": "auto"}) as collection:
        collection.add([{"id": f"a{i}", "text": text} for i, text in enumerate(texts)])
        collection.add([{"id": f"b{i}", "text": text} for i, text in enumerate(texts[::-1])])
        collection.delete([f"a{i}" for i in range(0, 50, 3)])
        for query in ("heated models of the wing", "modles heatd", "the flow", "remodeling wnigs", "flow flow of"):
            for hit in collection.search(query, 100).hits:
                explanation = collection.explain(query, hit.id, 100)
                assert explanation.score == hit.score
                parts = explanation.legs[0].parts
                assert sum(part.contribution for part in parts) == pytest.approx(hit.score, abs=1e-5)
                for part in parts:
                    if part.kind != "pair":
                        assert sum(one.contribution for one in part.words) == pytest.approx(part.contribution, abs=1e-5)
                        assert all(0 < one.weight <= 1 and one.document_frequency > 0 for one in part.words)


def test_a_filter_leaves_out_documents(collection: Collection) -> None:
    collection.add([{"id": "old", "text": "birch trees", "metadata": {"year": 1900}}])
    assert [hit.id for hit in collection.search("birch trees", where="year = 1900").hits] == ["old"]


def test_highlights_show_what_matched(collection: Collection) -> None:
    text = TEXTS["compiler"]
    assert [text[a:b] for a, b in collection.highlights("compiler", text)] == ["compilers", "compiled", "compiler"]
    assert [text[a:b] for a, b in collection.highlights("cmopiler", text)] == ["compiler"]


def test_stored_it_is_the_same() -> None:
    encoder = parse_encoder("auto")
    assert isinstance(encoder, AutoEncoder)
    assert encoder_from_json(encoder.to_json()) == encoder
    assert encoder.spec == "auto"
    with pytest.raises(OptionError, match="bm25\\+"):
        AutoEncoder(BM25(formula="bm25+"))


def test_scripts_without_spaces_are_cut_as_everywhere() -> None:
    assert AutoEncoder().words("北京 ไทย") == Analyzer(unspaced=True).terms("北京 ไทย")
    assert AutoEncoder().words("北京") == ["北", "京", "北京"]


def test_empty_queries_and_collections() -> None:
    with Collection.create(legs={"words": "auto"}) as collection:
        assert collection.search("anything").hits == ()
        collection.add([{"id": "1", "text": ""}, {"id": "2", "text": "word"}])
        assert collection.search("").hits == ()
        assert [hit.id for hit in collection.search("word", 5).hits] == ["2"]
        assert collection.search("word", 0).hits == ()
