"""What benchmarks/peers.py asks of an engine: built by its constructor, it answers a batch and says what it took."""

from __future__ import annotations

from typing import Any, Protocol

from side_by_side import Found

__all__ = ["Engine"]


class Engine(Protocol):
    """An engine that holds documents and a batch of queries."""

    build_seconds: float
    """What indexing took, reading texts and writing files included where the engine does that."""
    bytes: int
    """What lies on disk; in memory for an engine without files."""

    def search(self) -> Any:
        """The k best documents for each query, with their ids, on one thread, in the engine's own shape."""
        ...

    def found(self, answer: Any) -> Found:
        """What `search` returned, as arrays; documents are named by their numbers."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
