"""Which legs the vectors that came with a call belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numen.encode.dense_input import dense_reader
from numen.encode.encoder import Encoder
from numen.encode.given import GivenEncoder
from numen.encode.given_dense import GivenDenseEncoder
from numen.encode.sparse_input import VectorReader, vector_reader
from numen.errors import InputError, OptionError, nearest

__all__ = ["document_readers", "query_readers"]


def document_readers(vectors: Any, encoders: Mapping[str, Encoder]) -> dict[str, VectorReader]:
    """A reader for each leg of given vectors; OptionError where vectors name a wrong leg, InputError where a leg gets
    none."""
    takers = _takers(encoders)
    by_leg = _by_leg(vectors, encoders, takers)
    if missing := [leg for leg in takers if leg not in by_leg]:
        raise InputError(
            f"leg {missing[0]!r} is made with {takers[missing[0]].spec!r} and takes vectors, not texts: "
            f"add(documents, vectors={_example(missing[0], takers)})"
        )
    return {leg: _reader(by_leg[leg], leg, encoder) for leg, encoder in takers.items()}


def query_readers(
    vectors: Any, encoders: Mapping[str, Encoder], names: Sequence[str], *, single: bool
) -> dict[str, VectorReader]:
    """A reader for each searched leg of given vectors.

    names: the legs searched. single: the vectors are those of one query, which may be given as a mapping by itself.
    """
    takers = _takers({name: encoders[name] for name in names})
    if single and isinstance(vectors, Mapping):
        if _is_vector(vectors):
            vectors = [vectors]
        else:
            vectors = {leg: [one] if isinstance(one, Mapping) else one for leg, one in vectors.items()}
    by_leg = _by_leg(vectors, encoders, takers)
    if missing := [leg for leg in takers if leg not in by_leg]:
        others = [name for name in names if name not in takers or name in by_leg]
        without = f"; or search without it: legs={others}" if others else ""
        raise InputError(
            f"leg {missing[0]!r} is made with {takers[missing[0]].spec!r} and takes vectors, not texts: pass "
            f"vectors={_example(missing[0], takers)}{without}"
        )
    if single:
        by_leg = {
            leg: _listed(one) if isinstance(takers.get(leg), GivenDenseEncoder) else one for leg, one in by_leg.items()
        }
    return {leg: _reader(by_leg[leg], leg, encoder) for leg, encoder in takers.items()}


def _takers(encoders: Mapping[str, Encoder]) -> dict[str, GivenEncoder | GivenDenseEncoder]:
    return {leg: one for leg, one in encoders.items() if isinstance(one, GivenEncoder | GivenDenseEncoder)}


def _reader(vectors: Any, leg: str, encoder: GivenEncoder | GivenDenseEncoder) -> VectorReader:
    return (
        dense_reader(vectors, leg, encoder)
        if isinstance(encoder, GivenDenseEncoder)
        else vector_reader(vectors, leg, encoder)
    )


def _listed(vector: Any) -> Any:
    """A single dense vector in a list, whether it is in one already or not."""
    if isinstance(vector, list | tuple):
        return [vector] if vector and isinstance(vector[0], int | float | np.number) else vector
    return [vector] if getattr(vector, "ndim", None) == 1 else vector


def _example(leg: str, takers: Mapping[str, GivenEncoder | GivenDenseEncoder]) -> str:
    return "X" if len(takers) == 1 else f"{{{leg!r}: X, ...}}"


def _by_leg(
    vectors: Any, encoders: Mapping[str, Encoder], takers: Mapping[str, GivenEncoder | GivenDenseEncoder]
) -> dict[str, Any]:
    """Leg -> its vectors, whether they came by leg or for the only leg that takes any.

    encoders: all legs of the collection. takers: those that need vectors now.
    """
    if vectors is None:
        return {}
    every = _takers(encoders)
    if isinstance(vectors, Mapping):
        if vectors and _is_vector(vectors):
            raise InputError("vectors is a single vector; put it in a list: vectors=[vector]")
        for leg in vectors:
            if leg not in encoders:
                raise OptionError(
                    f"vectors are given for leg {leg!r}, which is not there; {nearest(str(leg), encoders)}"
                )
            if leg not in every:
                raise OptionError(
                    f"vectors are given for leg {leg!r}, but {encoders[leg].spec!r} makes its own from the text; "
                    f"legs that take vectors are made with given, given:DIM, given:terms or given:dense:DIM"
                )
            if leg not in takers:
                raise OptionError(f"vectors are given for leg {leg!r}, which is not among the legs searched")
        return dict(vectors)
    if not every:
        raise OptionError(
            "vectors are given, but no leg takes any; make one: legs={'words': 'bm25', 'splade': 'given:30522'}"
        )
    if not takers:
        raise OptionError(f"vectors are given, but none of the legs searched takes any; these do: {', '.join(every)}")
    first = next(iter(takers))
    if len(takers) > 1:
        raise OptionError(f"the legs {', '.join(takers)} take vectors; say whose these are: vectors={{{first!r}: X}}")
    return {first: vectors}


def _is_vector(mapping: Mapping[Any, Any]) -> bool:
    """Are these weights, right or wrong ones, and not vectors by leg?"""
    return all(isinstance(value, int | float | complex | str | bytes | np.generic) for value in mapping.values())
