"""Compile and load the kernels before they are needed."""

from __future__ import annotations

from typing import Any

from numen.encode import DEFAULT, Encoder
from numen.encode.auto import AutoEncoder
from numen.encode.given import GivenEncoder
from numen.encode.given_dense import GivenDenseEncoder
from numen.encode.hashed import HashedEncoder
from numen.encode.words import WordsEncoder

__all__ = ["warm_up"]


MANY = 9_000
"""Documents whose merge puts them in a new order, and whose most frequent words have long lists and rows."""


def warm_up(encoder: str | Encoder = DEFAULT, *, writing: bool = False) -> None:
    """Index and search a few tiny documents with the encoder, so that its kernels are compiled and loaded.

    writing: as many too as make large merges, for who goes on adding while others search: one compiles while all wait.
    The first time on a machine this takes half a minute; compiled kernels are kept on disk.
    """
    from numen.search.collection import Collection

    with Collection.create(legs={"warm": encoder}) as collection:
        documents = [{"id": str(i), "text": f"warm words number {i} über"} for i in range(4)]
        made = collection.legs["warm"]
        vector: Any = {"warm" if made.terms else 0: 1.0} if isinstance(made, GivenEncoder) else None
        if isinstance(made, GivenDenseEncoder):
            vector = [1.0] * made.dim
        collection.add(documents[:3], vectors=vector and [vector] * 3)
        collection.add(documents[2:], vectors=vector and [vector] * 2)
        collection.rank_many(["warm word", "number"], 2, vectors=vector and [vector] * 2, threads=2)
        collection.compact()
        if writing and isinstance(made, AutoEncoder | HashedEncoder | WordsEncoder):
            collection.add({"id": str(i), "text": f"warm words of number {i} and {i % 97} others"} for i in range(MANY))
            collection.delete(["5"])
            collection.add(documents)
            collection.compact()
            collection.rank_many(["warm numbr others"], 2)
