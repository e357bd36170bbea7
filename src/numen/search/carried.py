"""Vectors as JSON has them: those that documents carry, {"vectors": {"splade": {"term": weight}}}, and a query's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numen.types import Document

if TYPE_CHECKING:
    from numen.encode import Encoder

__all__ = ["Carried", "vectors_of"]

_KEY = "vectors"


class Carried:
    """Documents, and beside them the vectors that they carry for the legs of given vectors.

    documents: to be read while `vectors` are, a vector of each leg after its document. vectors: by leg; None where no
    leg takes any.
    """

    def __init__(self, documents: Iterable[Document], legs: Mapping[str, Encoder]) -> None:
        from numen.encode.given import GivenEncoder
        from numen.encode.given_dense import GivenDenseEncoder

        self._numbers = {name: not leg.terms for name, leg in legs.items() if isinstance(leg, GivenEncoder)}
        self._numbers |= {name: False for name, leg in legs.items() if isinstance(leg, GivenDenseEncoder)}
        self._waiting: dict[str, deque[object]] = {name: deque() for name in self._numbers}
        self.documents = map(self._part, documents) if self._numbers else documents
        self.vectors = {name: _drained(waiting) for name, waiting in self._waiting.items()} or None

    def _part(self, document: Document) -> Document:
        """The document without the vectors of these legs, which wait to be read."""
        carried = document.metadata.get(_KEY)
        found = carried if isinstance(carried, Mapping) else {}
        for name, waiting in self._waiting.items():
            waiting.append(_indexed(found.get(name)) if self._numbers[name] else found.get(name))
        if not found.keys() & self._waiting.keys():
            return document
        rest = {name: value for name, value in found.items() if name not in self._waiting}
        metadata = {key: value for key, value in document.metadata.items() if key != _KEY}
        return replace(document, metadata={**metadata, _KEY: rest} if rest else metadata)


def vectors_of(given: Mapping[str, Any], legs: Mapping[str, Encoder]) -> dict[str, Any]:
    """A query's vectors by leg, as JSON has them, with whole numbers for indices where the leg takes those."""
    from numen.encode.given import GivenEncoder

    out = {}
    for name, vector in given.items():
        leg = legs.get(name)
        out[name] = _indexed(vector) if isinstance(leg, GivenEncoder) and not leg.terms else vector
    return out


def _drained(waiting: deque[object]) -> Iterator[object]:
    while waiting:
        yield waiting.popleft()


def _indexed(vector: object) -> object:
    """The vector with whole numbers for the strings that JSON has them as; anything else as it is."""
    if not isinstance(vector, Mapping):
        return vector
    out: dict[Any, object] = {}
    for key, value in vector.items():
        number = int(key) if key.isascii() and key.isdecimal() and len(key) < 16 else None
        out[number if str(number) == key else key] = value
    return out
