"""Compile and load the kernels before they are needed."""

from __future__ import annotations

from typing import Any

from numen.encode import DEFAULT, Encoder
from numen.encode.given import GivenEncoder
from numen.encode.given_dense import GivenDenseEncoder

__all__ = ["warm_up"]


def warm_up(encoder: str | Encoder = DEFAULT) -> None:
    """Index and search a few tiny documents with the encoder, so that its kernels are compiled and loaded.

    The first time on a machine this takes some seconds; compiled kernels are kept on disk.
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
