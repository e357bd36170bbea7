"""From what a collection stores of an encoder back to the encoder."""

from __future__ import annotations

from typing import Any

from numen.encode.auto import AutoEncoder
from numen.encode.dense import DenseEncoder
from numen.encode.encoder import Encoder
from numen.encode.given import GivenEncoder
from numen.encode.given_dense import GivenDenseEncoder
from numen.encode.hashed import HashedEncoder
from numen.encode.sparse import LearnedSparse
from numen.encode.words import WordsEncoder
from numen.errors import FormatError, OptionError

__all__ = ["encoder_from_json"]


def encoder_from_json(data: dict[str, Any]) -> Encoder:
    """The encoder that wrote `data`; FormatError for a kind this numen does not know."""
    kinds: dict[str, Any] = {
        "auto": AutoEncoder,
        "hashed": HashedEncoder,
        "words": WordsEncoder,
        "given": GivenEncoder,
        "given-dense": GivenDenseEncoder,
        "sparse": LearnedSparse,
        "dense": DenseEncoder,
    }
    kind = data.get("kind")
    if kind not in kinds:
        raise FormatError(f"this numen knows no encoder of kind {kind!r}; it knows {', '.join(kinds)}")
    try:
        encoder: Encoder = kinds[kind].from_json({name: value for name, value in data.items() if name != "kind"})
        return encoder
    except (KeyError, TypeError, OptionError) as error:
        raise FormatError(f"this numen cannot read an encoder of kind {kind!r} as it was stored: {error}") from error
