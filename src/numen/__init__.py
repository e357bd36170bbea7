"""numen: exact, updatable search in which the representation is a part to choose."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numen.encode import Encoder, parse_encoder
    from numen.encode.bm25 import BM25
    from numen.encode.hashed import HashedEncoder
    from numen.encode.words import WordsEncoder
    from numen.errors import NumenError
    from numen.search import Collection, Feedback, Fusion
    from numen.text import Analyzer
    from numen.types import Document, Hit, Results

    open = Collection.open

__all__ = [
    "BM25",
    "Analyzer",
    "Collection",
    "Document",
    "Encoder",
    "Feedback",
    "Fusion",
    "HashedEncoder",
    "Hit",
    "NumenError",
    "Results",
    "WordsEncoder",
    "open",
    "parse_encoder",
]

__version__ = "0.1.0"

_HOMES = {
    "BM25": "numen.encode.bm25",
    "Analyzer": "numen.text",
    "Collection": "numen.search",
    "Document": "numen.types",
    "Encoder": "numen.encode",
    "Feedback": "numen.search",
    "Fusion": "numen.search",
    "HashedEncoder": "numen.encode.hashed",
    "Hit": "numen.types",
    "NumenError": "numen.errors",
    "Results": "numen.types",
    "WordsEncoder": "numen.encode.words",
    "parse_encoder": "numen.encode",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its room when it is first used, so that `import numen` stays light."""
    if name == "open":
        return import_module("numen.search").Collection.open
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'numen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
