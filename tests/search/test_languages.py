"""One setting finds the right document in every script, and shows where it matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen import Collection, parse_encoder
from numen.errors import OptionError

EVERYWHERE = "bm25,fold_diacritics=also,unspaced=true,lookalikes=true"
"""What is meant to do for all languages at once."""

PAIRS = {
    "english": ("Boundary layers on a flat plate", "flat PLATE", "plate"),
    "german": ("Die Straßen von Köln im Winter", "KOELN STRASSEN köln", "Köln"),
    "french": ("Un café noir à l’hôtel", "cafe hotel", "café"),
    "spanish": ("La canción del niño", "cancion", "canción"),
    "turkish": ("İstanbul'un sokakları", "istanbul", "İstanbul"),
    "vietnamese": ("Thành phố Hà Nội", "ha noi", "Nội"),
    "yoruba": ("Ọ̀ṣun jẹ́ odò kan", "osun", "Ọ̀ṣun"),
    "greek": ("Η Αθήνα είναι πόλη", "αθηνα", "Αθήνα"),
    "russian": ("Москва река течёт", "москва", "Москва"),
    "russian, two letters latin": ("Вокзал и поезд", "пoeзд", "поезд"),
    "arabic": ("اللُّغَة العربية", "اللغة", "اللُّغَة"),
    "hebrew": ("שָׁלוֹם עולם", "שלום", "שָׁלוֹם"),
    "hindi": ("हिन्दी भाषा का इतिहास", "हिन्दी", "हिन्दी"),
    "tamil": ("தமிழ் மொழி", "தமிழ்", "தமிழ்"),
    "georgian": ("საქართველოს ისტორია", "ისტორია", "ისტორია"),
    "korean": ("서울의 봄", "서울의", "서울의"),
    "chinese": ("黑豹队的防守只丢了三百分", "防守", "防守"),
    "chinese, one character": ("他在喝茶", "茶", "茶"),
    "japanese": ("東京タワーに行きました", "タワー", "タワー"),
    "japanese, half width": ("ﾄｳｷｮｳ駅", "トウキョウ", "ﾄｳｷｮｳ"),
    "thai": ("ฉันรักประเทศไทยมาก", "ประเทศไทย", "ประเทศไทย"),
    "lao": ("ຂ້ອຍຮັກປະເທດລາວ", "ປະເທດ", "ປະເທດ"),
    "khmer": ("ខ្ញុំស្រឡាញ់កម្ពុជា", "កម្ពុជា", "កម្ពុជា"),
    "burmese": ("မြန်မာနိုင်ငံသို့သွားသည်", "နိုင်ငံ", "နိုင်ငံ"),
}
"""language -> (a document, a query, a part of the document that must be marked)."""


@pytest.fixture(scope="module")
def collection() -> Collection:
    made = Collection.create(legs={"words": EVERYWHERE})
    made.add({"id": language, "text": text} for language, (text, _, _) in PAIRS.items())
    return made


@pytest.mark.parametrize("language", PAIRS)
def test_the_right_document_comes_first_and_says_why(collection: Collection, language: str) -> None:
    text, query, shown = PAIRS[language]
    assert collection.search(query)[0].id == language
    spans = collection.highlights(query, text)
    assert any(text[start:end] in shown or shown in text[start:end] for start, end in spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert set(shown) <= set(covered)
    explained = collection.explain(query, language)
    assert sum(part.contribution for part in explained.legs[0].parts) == pytest.approx(explained.score, abs=1e-5)
    assert all(part.found and part.asked and "\x01" not in part.term for part in explained.legs[0].parts)


def test_a_word_as_it_was_asked_for_comes_first() -> None:
    with Collection.create(legs={"w": EVERYWHERE}) as collection:
        collection.add({"id": text, "text": text} for text in ("pâte", "pate", "paté", "other"))
        for query in ("pate", "pâte", "paté"):
            hits = collection.search(query)
            assert hits[0].id == query
            assert {hit.id for hit in hits} == {"pâte", "pate", "paté"}
            assert hits[0].score > hits[1].score
            # Little is made of it: all of them are found by the same word.
            assert hits[2].score > 0.5 * hits[0].score


def test_a_word_of_two_scripts_is_found_by_either() -> None:
    with Collection.create(legs={"w": EVERYWHERE}) as collection:
        collection.add([{"id": "1", "text": "log in at pаypаl"}, {"id": "2", "text": "a letter"}])  # two Cyrillic а
        assert [hit.id for hit in collection.search("paypal")] == ["1"]
        assert [hit.id for hit in collection.search("pаypal")] == ["1"]


def test_parts_of_long_runs_are_found_and_named() -> None:
    with Collection.create(legs={"w": EVERYWHERE}) as collection:
        collection.add([{"id": "1", "text": "我在北京大学学习中文"}, {"id": "2", "text": "他在南京"}])
        (leg,) = collection.explain("北京", "1").legs
        assert {part.asked for part in leg.parts} == {("北",), ("京",), ("北京",)}
        assert {part.found for part in leg.parts} == {("北",), ("京",), ("北京",)}
        assert [hit.id for hit in collection.search("北京")] == ["1", "2"]


def test_options_come_back_from_their_string_and_from_disk(tmp_path: Path) -> None:
    encoder = parse_encoder(EVERYWHERE)
    assert encoder.spec == EVERYWHERE
    with Collection.create(tmp_path / "c", legs={"w": EVERYWHERE}) as collection:
        collection.add([{"id": "1", "text": "北京 café"}])
    with Collection.open(tmp_path / "c", legs={"w": EVERYWHERE}) as collection:
        assert [hit.id for hit in collection.search("京")] == ["1"]
        assert collection.check() == []
    with pytest.raises(OptionError, match="fold_diacritics"):
        parse_encoder("bm25,fold_diacritics=maybe")
    with pytest.raises(OptionError, match="unspaced in encoder"):
        parse_encoder("bm25,unspaced=2")


@pytest.mark.parametrize("language", ["zh", "hi", "ar", "de", "es", "en"])
def test_xquad_is_answered_in_each_language(data_dir: Path, language: str) -> None:
    pytest.importorskip("ir_measures")
    from numen.evaluate import evaluate, load_dataset

    evaluation = evaluate(load_dataset(data_dir / "xquad" / language), [EVERYWHERE, "bm25"], measures=["nDCG@10"])
    ours, plain = (result.measures["nDCG@10"] for result in evaluation.results)
    assert ours > 0.88
    assert ours >= plain - 0.001
