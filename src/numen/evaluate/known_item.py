"""Measuring without judgements: find a document again by its own first sentence, which is taken out of it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from numen.errors import DatasetError, InputError
from numen.evaluate.dataset import Dataset, judged
from numen.evaluate.identical import same_text
from numen.types import Document

__all__ = ["first_sentence", "known_item"]

_LONGEST = 300  # characters of a query: about three lines; longer "sentences" are lists, tables, text without stops

# An end of sentence: a blank line; a stop of the scripts that set no space after one; or any other stop before a space
# or the end, so that "3.14" and "os.path" stay whole. Closing quotes and brackets belong to the sentence.
_CLOSING = r"[\"'”’»)\]」』）】]*"
_END = re.compile(rf"\s*\n\s*\n|[。！？｡।॥։።]+{_CLOSING}|[.!?…؟۔]+{_CLOSING}(?=\s|$)")


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence with its white space squeezed, and the rest of the text without white space at its ends.

    A sentence ends at `.`, `!`, `?` and their like in other scripts, or at a blank line. One of more than 300
    characters is cut at the last space before that (or, where there is none, right there).
    """
    text = text.strip()
    window = text[: _LONGEST + 2]  # one more than a sentence and what follows it: "$" must not match where it is cut
    end = _END.search(window)
    if end and end.end() <= _LONGEST:
        cut = end.end()
    elif len(text) <= _LONGEST:
        cut = len(text)
    else:
        cut = max((space.start() for space in re.finditer(r"\s", window[: _LONGEST + 1])), default=_LONGEST)
    return " ".join(text[:cut].split()), text[cut:].strip()


def known_item(
    documents: Iterable[Document] | Callable[[], Iterable[Document]],
    limit: int | None = None,
    seed: int = 0,
    name: str = "known-item",
) -> Dataset:
    """The dataset whose queries are first sentences, whose documents are the rest, and whose judgements pair the two.

    A query has the id of its document; documents keep their titles. In the corpus, but not asked for, are documents
    whose first sentence has no letter or digit, those that hold nothing else (both stay whole), and those that begin
    with the same sentence as another, but for letter case. `notes` count them. Of all others `limit` are asked for
    (None: all), drawn by `seed` and the ids, so that the order of the documents does not matter.

    `documents` is passed over once here and once at each call of the dataset's `documents()`: pass a function that
    begins anew, or something that can be iterated again. An iterator, which cannot, is kept in memory as a whole;
    otherwise only the first sentences are. DatasetError if no document can be asked for.
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; ask for at least 1 query, or for None, which is all")
    begin = _beginning(documents)
    sentences: dict[str, tuple[str, bool]] = {}  # a document whose id comes again takes the earlier one's place
    for document in begin():
        sentence, rest = _divided(document)
        sentences[document.id] = (sentence, rest is not None)

    uses = Counter(sentence.casefold() for sentence, _ in sentences.values())
    worded = {key: found for key, found in sentences.items() if _has_word(found[0])}
    whole = {key: sentence for key, (sentence, more) in worded.items() if more}
    queries = {key: sentence for key, sentence in whole.items() if uses[sentence.casefold()] == 1}
    notes = [
        f"known item: of {len(sentences)} documents {len(queries)} can be asked for; "
        f"{len(sentences) - len(worded)} have no word in their first sentence, "
        f"{len(worded) - len(whole)} hold nothing else, {len(whole) - len(queries)} begin like another"
    ]
    if not queries:
        raise DatasetError(f"{name}: no query can be made. {notes[0]}; give documents of two sentences and more")
    if limit is not None and limit < len(queries):
        drawn = set(sorted(queries, key=lambda key: _lot(seed, key))[:limit])
        queries = {key: sentence for key, sentence in queries.items() if key in drawn}
        notes.append(f"{limit} queries drawn with seed {seed}")
    qrels = {key: {key: 1} for key in queries}
    return judged(name, lambda: map(_without_sentence, begin()), queries, qrels, tuple(notes))


def _beginning(documents: Iterable[Document] | Callable[[], Iterable[Document]]) -> Callable[[], Iterable[Document]]:
    if callable(documents):
        return documents
    kept = list(documents) if isinstance(documents, Iterator) else documents
    return lambda: kept


def _divided(document: Document) -> tuple[str, Document | None]:
    """The first sentence, and the document without it: None where that would leave no word, or the same words."""
    sentence, text = first_sentence(document.text)
    rest = replace(document, text=text)
    return sentence, rest if _has_word(text) and not same_text(sentence, rest) else None


def _without_sentence(document: Document) -> Document:
    sentence, rest = _divided(document)
    return rest if rest is not None and _has_word(sentence) else document


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _lot(seed: int, key: str) -> bytes:
    return hashlib.blake2b(f"{seed} {key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
