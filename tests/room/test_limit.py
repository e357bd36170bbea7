"""LIMIT of any shape: who is asked for what, the same for the same seed, written as a BEIR folder."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from numen.errors import AlreadyExists, InputError, OptionError
from numen.evaluate import load_dataset
from numen.room import Limit, Wording, make_limit, write_limit
from numen.room.attributes import Attribute, own_attributes, read_attributes
from numen.room.patterns import PATTERNS, answers, dense_size
from numen.room.people import People

SMALL = Limit(documents=60, queries=20, k=2, held=10, attributes=80, seed=1)


def held(text: str) -> list[str]:
    """The attributes of a document."""
    return text.removesuffix(".").split(" likes ", 1)[1].replace(" and ", ", ").split(", ")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("synonyms", [False, True])
def test_exactly_the_judged_people_hold_what_is_asked(pattern: str, synonyms: bool) -> None:
    dataset = make_limit(replace(SMALL, pattern=pattern, synonyms=synonyms))
    other = {a.synonym: a.name for a in own_attributes() if a.synonym}
    documents = {document.id: held(document.text) for document in dataset.documents()}
    assert len(documents) == 60
    assert all(len(set(things)) == len(things) == 10 for things in documents.values())
    for query, text in dataset.queries.items():
        asked = text.removeprefix("Who likes ").removesuffix("?")
        name = other[asked] if synonyms else asked
        assert {id_ for id_, things in documents.items() if name in things} == set(dataset.qrels[query])


@pytest.mark.parametrize("seed", [2, 3])
def test_documents_with_answers_have_as_many_ngrams_as_others(seed: int) -> None:
    dataset = make_limit(Limit(documents=600, seed=seed))
    judged = {id_ for grades in dataset.qrels.values() for id_ in grades}
    lengths: dict[bool, list[int]] = {True: [], False: []}
    for document in dataset.documents():
        lengths[document.id in judged].append(len(document.text) - 2 * document.text.count(" "))
    mine, theirs = (sum(some) / len(some) for some in lengths.values())
    assert mine == pytest.approx(theirs, rel=0.007)


def test_synonyms_share_no_word_with_their_attribute() -> None:
    named = [a for a in own_attributes() if a.synonym]
    assert len(own_attributes()) >= 2_000
    assert len(named) >= 1_000
    assert [a for a in named if set(a.name.lower().split()) & set(a.synonym.lower().split())] == []


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(tmp_path: Path) -> None:
    for name, shape in (("a", SMALL), ("b", SMALL), ("c", replace(SMALL, seed=2))):
        write_limit(shape, tmp_path / name)
    files = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
    a, b, c = ([(tmp_path / name / file).read_bytes() for file in files] for name in "abc")
    assert a == b
    assert all(mine != theirs for mine, theirs in zip(a, c, strict=True))


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    made = write_limit(SMALL, tmp_path / "small")
    read = load_dataset(tmp_path / "small")
    assert (read.queries, read.qrels) == (made.queries, made.qrels)
    assert [d.text for d in read.documents()] == [d.text for d in made.documents()]
    with pytest.raises(AlreadyExists, match="small is there already"):
        write_limit(SMALL, tmp_path / "small")


def test_a_generation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def stop(stage: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_limit(SMALL, tmp_path / "small", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_patterns_are_what_they_are_called() -> None:
    assert answers("dense", 46, 1_000, 2) == list(combinations(range(46), 2))[:1_000]
    assert dense_size(1_000, 2) == 46
    assert answers("cycle", 10, 5, 2) == [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    assert answers("disjoint", 6, 3, 2) == [(0, 1), (2, 3), (4, 5)]
    drawn = answers("random", 1_000, 50, 3, seed=7)
    assert len(set(drawn)) == 50
    assert drawn == answers("random", 1_000, 50, 3, seed=7) != answers("random", 1_000, 50, 3, seed=8)
    assert sorted(answers("random", 5, 10, 2)) == list(combinations(range(5), 2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"documents": 5}, "'dense' with 20 queries of 2 documents each needs 7 documents"),
        ({"pattern": "cycle", "documents": 19}, "needs 20 documents"),
        ({"pattern": "disjoint", "documents": 39}, "needs 40 documents"),
        ({"k": 70}, "needs 71 documents"),
        ({"held": 3}, "let them hold at least 6"),
        ({"attributes": 25}, "leave 5 to fill up"),
        ({"attributes": 9_999}, "the list has"),
        ({"queries": 3_000, "attributes": None, "documents": 500}, "3,000 queries need as many attributes"),
        ({"queries": 0}, "queries 0"),
    ],
)
def test_shapes_that_do_not_fit_say_why(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_limit(replace(SMALL, **change))  # type: ignore[arg-type]


def test_an_unknown_pattern_names_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'dense'"):
        make_limit(replace(SMALL, pattern="dens"))


def test_other_languages_bring_their_list_and_wording(tmp_path: Path) -> None:
    path = tmp_path / "dinge.tsv"
    path.write_text("\n".join(f"Ding{i}\tSache{i}" for i in range(40)), encoding="utf-8")
    wording = Wording("{name} mag {things}.", "Wer mag {thing}?", last=" und ")
    shape = Limit(documents=20, queries=6, k=2, held=5, attributes=None, synonyms=True, wording=wording)
    made = make_limit(shape, read_attributes(path))
    assert all(text.startswith("Wer mag Sache") for text in made.queries.values())
    assert " und Ding" in next(made.documents()).text
    with pytest.raises(InputError, match=r"lacks \{thing\}"):
        Wording(query="Wer?")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Cats\nDogs\ncats\n", "line 3: 'cats' was there before"),
        (b"Cats, Dogs\n", "line 1: expected ATTRIBUTE"),
        (b"\n", "is empty"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_lists_that_cannot_be_used(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_attributes(tmp_path / "list")
    with pytest.raises(InputError, match="there is no file"):
        read_attributes(tmp_path / "absent")


def test_no_two_people_have_one_name() -> None:
    many = People(200_000, seed=1)
    assert len({many[person] for person in range(0, 200_000, 7)}) == len(range(0, 200_000, 7))
    few = People(5_000)
    assert len({few[person] for person in range(5_000)}) == 5_000
    assert len(few[0].split()) == 2
    assert len(many[0].split()) == 3


def test_attributes_are_values() -> None:
    assert Attribute("Cats") == Attribute("Cats", "")
