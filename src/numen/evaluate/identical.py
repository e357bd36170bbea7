"""The rule for a document that is identical to its query.

In some collections the queries are themselves documents. ArguAna asks for the counter-argument to an argument which
stands in the corpus too, under the same id: every search finds it first, and no measure means anything until it is
dropped (nDCG@10 31.5 with it and 41.4 without, when BEIR mended this). BEIR drops every hit that has the query's id.

That rule must not be the default. Ids are often nothing but numbers: Cranfield's queries and its documents are both
called 1, 2, 3, ..., and so query 1 would lose document 1, perhaps a good answer, by an accident of numbering. The
default asks for the same text as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from numen.errors import OptionError, nearest
from numen.types import Document

__all__ = ["MODES", "check_mode", "same_text", "twins", "without"]

MODES = ("same", "id", "keep")
"""same: a hit with the query's id and text is dropped; id: one with the query's id (BEIR's rule); keep: none."""


def check_mode(mode: str) -> str:
    """The mode itself; OptionError if it is none of MODES."""
    if mode not in MODES:
        raise OptionError(f"identical={mode!r} is no rule for identical documents; {nearest(mode, MODES)}")
    return mode


def same_text(query: str, document: Document) -> bool:
    """True if the query equals the document's text, or its title, a space and its text.

    Letter case (by Unicode case folding) and the kind and amount of white space make no difference.
    """
    wanted = _squeezed(query)
    return wanted in (_squeezed(document.text), _squeezed(f"{document.title} {document.text}"))


def twins(mode: str, queries: Mapping[str, str], get: Callable[[str], Document | None]) -> set[str]:
    """Ids of the queries whose own document must not count as a hit: that document has the same id.

    `get(id)` gives the document of this id, or None; for a collection pass `collection.get`.
    """
    if check_mode(mode) == "keep":
        return set()
    found = ((query, text, get(query)) for query, text in queries.items())
    return {query for query, text, document in found if document and (mode == "id" or same_text(text, document))}


def without(hits: Sequence[tuple[str, float]], twin: str, k: int) -> list[tuple[str, float]]:
    """The first k hits after the document with the id `twin` is dropped; to be sure of k, search for k + 1."""
    return [hit for hit in hits if hit[0] != twin][:k]


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())
