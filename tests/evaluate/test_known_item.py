"""Known-item datasets: first sentences as queries, the rest as documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numen.errors import DatasetError, InputError
from numen.evaluate.known_item import first_sentence, known_item
from numen.types import Document


@pytest.mark.parametrize(
    ("text", "sentence", "rest"),
    [
        ("Return a list. Then more.", "Return a list.", "Then more."),
        ("  Split\n  the path.\n\nMore.", "Split the path.", "More."),
        ("No stop before the blank line\n \nRest here", "No stop before the blank line", "Rest here"),
        ("Pi is 3.14 in os.path today! Yes.", "Pi is 3.14 in os.path today!", "Yes."),
        ("Why?! Because.", "Why?!", "Because."),
        ("He said “stop.” Then he went.", "He said “stop.”", "Then he went."),
        ("(In brackets.) After.", "(In brackets.)", "After."),
        ("猫が好き。犬も好き。", "猫が好き。", "犬も好き。"),
        ("他说：「走！」然后走了。", "他说：「走！」", "然后走了。"),
        ("यह पहला वाक्य है। यह दूसरा है।", "यह पहला वाक्य है।", "यह दूसरा है।"),
        ("هل هذا سؤال؟ نعم.", "هل هذا سؤال؟", "نعم."),
        ("Only one sentence.", "Only one sentence.", ""),
        ("no stop at all", "no stop at all", ""),
        ("", "", ""),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_end_it(text: str, sentence: str, rest: str) -> None:
    assert first_sentence(text) == (sentence, rest)


def test_a_sentence_without_end_is_cut_between_words() -> None:
    sentence, rest = first_sentence("word " * 1000)
    assert sentence == " ".join(["word"] * 60)
    assert rest.startswith("word word")


def test_a_text_without_spaces_is_cut_at_the_bound() -> None:
    assert first_sentence("ก" * 1000) == ("ก" * 300, "ก" * 700)


def test_a_stop_at_the_bound_is_not_taken_for_an_end() -> None:
    sentence, rest = first_sentence("x " * 148 + "a 3.14 b " + "y " * 50)
    assert sentence == ("x " * 148 + "a").strip()
    assert rest.startswith("3.14 b")


@given(st.text(st.characters() | st.sampled_from(".!?。 \n"), max_size=700))
def test_sentence_and_rest_lose_nothing_but_white_space(text: str) -> None:
    sentence, rest = first_sentence(text)
    assert len(sentence) <= 300
    assert "".join((sentence + rest).split()) == "".join(text.split())


_DOCUMENTS = [
    Document("a", "Sorts a list. Stable.", "sort", {"n": 1}),
    Document("b", "Closes the file."),
    Document("c", "... Dots first."),
    Document("d", "Opens it. For reading."),
    Document("e", "opens IT. For writing."),
    Document("f", "Joins two paths.\n\nWith a slash."),
    Document("g", "Same again. Same again."),
    Document("h", ""),
]


def test_queries_are_first_sentences_and_documents_the_rest() -> None:
    dataset = known_item(_DOCUMENTS)
    assert dataset.queries == {"a": "Sorts a list.", "f": "Joins two paths."}
    assert dataset.qrels == {"a": {"a": 1}, "f": {"f": 1}}
    corpus = {document.id: document for document in dataset.documents()}
    assert corpus["a"] == Document("a", "Stable.", "sort", {"n": 1})
    assert corpus["f"].text == "With a slash."


def test_documents_that_are_not_asked_for_stay_in_the_corpus() -> None:
    dataset = known_item(_DOCUMENTS)
    corpus = {document.id: document.text for document in dataset.documents()}
    assert list(corpus) == list("abcdefgh")
    assert corpus["b"] == "Closes the file."
    assert corpus["c"] == "... Dots first."
    assert corpus["d"] == "For reading."
    assert corpus["g"] == "Same again. Same again."
    assert dataset.notes == (
        "known item: of 8 documents 2 can be asked for; 2 have no word in their first sentence, 2 hold nothing else, "
        "2 begin like another",
    )


def test_a_sentence_that_is_another_documents_whole_text_is_not_asked_for() -> None:
    dataset = known_item(
        [Document("a", "One thing. And more."), Document("b", "One thing."), Document("c", "Two. More.")]
    )
    assert list(dataset.queries) == ["c"]


def test_the_corpus_can_be_read_again_and_again() -> None:
    for source in (_DOCUMENTS, iter(_DOCUMENTS), lambda: iter(_DOCUMENTS)):
        dataset = known_item(source)
        assert list(dataset.documents()) == list(dataset.documents())
        assert len(list(dataset.documents())) == len(_DOCUMENTS)


def test_documents_are_asked_for_lazily() -> None:
    passes = 0

    def begin() -> Iterator[Document]:
        nonlocal passes
        passes += 1
        yield from _DOCUMENTS

    dataset = known_item(begin)
    assert passes == 1
    assert next(dataset.documents()).id == "a"
    assert passes == 2


def test_an_id_that_comes_again_is_asked_for_by_its_last_text() -> None:
    dataset = known_item(
        [Document("a", "Old one. Text."), Document("b", "Other. Text."), Document("a", "New one. Text.")]
    )
    assert dataset.queries == {"a": "New one.", "b": "Other."}


def _many() -> list[Document]:
    return [Document(f"d{i}", f"Sentence number {i}. The rest of {i}.") for i in range(500)]


def test_a_sample_depends_on_the_seed_alone() -> None:
    drawn = known_item(_many(), limit=20, seed=1)
    assert len(drawn.queries) == len(drawn.qrels) == 20
    assert drawn.queries == known_item(reversed(_many()), limit=20, seed=1).queries
    assert drawn.queries != known_item(_many(), limit=20, seed=2).queries
    assert list(drawn.queries) == [key for key in known_item(_many()).queries if key in drawn.queries]
    assert "20 queries drawn with seed 1" in drawn.notes
    assert len(list(drawn.documents())) == 500


def test_a_limit_above_all_takes_all() -> None:
    assert len(known_item(_many(), limit=10_000).queries) == 500


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_an_error(limit: int) -> None:
    with pytest.raises(InputError, match="limit"):
        known_item(_many(), limit=limit)


@pytest.mark.parametrize("documents", [[], [Document("a", "One sentence.")], [Document("a", "!? ...")]])
def test_nothing_to_ask_for_is_an_error_that_says_why(documents: list[Document]) -> None:
    with pytest.raises(DatasetError, match=rf"no query can be made.*of {len(documents)} documents"):
        known_item(documents)
