"""The short strings that name encoders, the same in Python, in the terminal and in files.

NAME[:ARGUMENT][,OPTION=VALUE]...

auto                        BM25 over words that stand for classes of near words (docs/AUTO.md)
numen  numen:DIM            hashed n-grams; options weights=3:1+4:5+5:10, split=, hash=, signed=
bm25   bm25:LANGUAGE        BM25, plain or with a Snowball stemmer and stop words; options
                                formula=, k1=, b=, delta=, single=, fold_diacritics=, unspaced=, lookalikes=
given  given:DIM  given:terms   vectors that come with documents and queries; options precision=8bit, negative=allow
given:dense:DIM             dense vectors that come with them; options
                                precision=float32|float16|int8|8bit, similarity=dot|cosine
sparse:MODEL                a model's weights of tokens (SPLADE and its kin); options
                                top=, threshold=, query_top=, precision=8bit
dense:MODEL                 a sentence-transformers model, by folder or hub name; options
                                precision=, backend=torch|onnx|openvino, query_prompt="", document_prompt="", pooling=
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numen.encode.encoder import Encoder
from numen.errors import OptionError, nearest

__all__ = ["DEFAULT", "NAMES", "parse_encoder"]

DEFAULT = "auto"
"""The encoder of whoever names none."""

NAMES = ("auto", "numen", "bm25", "given", "sparse", "dense")
HASHED_OPTIONS = ("weights", "split", "hash", "signed")
BM25_OPTIONS = ("formula", "k1", "b", "delta", "single", "fold_diacritics", "unspaced", "lookalikes")
GIVEN_OPTIONS = ("precision", "negative")
SPARSE_OPTIONS = ("top", "threshold", "query_top", "precision")
DENSE_OPTIONS = ("precision", "backend", "query_prompt", "document_prompt", "pooling")
GIVEN_DENSE_OPTIONS = ("precision", "similarity")

SHAPES = (
    "auto",
    "numen",
    "numen:DIM",
    "bm25",
    "bm25:LANGUAGE",
    "given",
    "given:DIM",
    "given:terms",
    "given:dense:DIM",
    "sparse:MODEL",
    "dense:MODEL",
)
"""What an encoder's string may begin with."""


def parse_encoder(spec: str) -> Encoder:
    """The encoder that `spec` names; OptionError, with the nearest legal name, if it names none."""
    head, *rest = spec.strip().split(",")
    name, colon, argument = head.partition(":")
    options: dict[str, str] = {}
    for part in rest:
        option, equals, value = part.partition("=")
        if not equals:
            raise OptionError(f"{part!r} in encoder {spec!r} is no OPTION=VALUE")
        options[option.strip()] = value.strip()
    match name:
        case "auto":
            if colon or options:
                raise OptionError(
                    f"encoder 'auto' takes no argument, but {spec!r} gives one; name 'bm25' or 'numen' to set any"
                )
            from numen.encode.auto import AutoEncoder

            return AutoEncoder()
        case "bm25":
            return _bm25(spec, argument if colon else "", options)
        case "numen":
            return _hashed(spec, argument if colon else "", options)
        case "given":
            return _given(spec, argument if colon else "", options)
        case "sparse":
            return _sparse(spec, argument, options)
        case "dense":
            from numen.encode.dense import DenseEncoder

            _known(spec, options, DENSE_OPTIONS)
            chosen: dict[str, Any] = {option: _unquoted(value) for option, value in options.items()}
            return DenseEncoder(argument, **chosen)
    raise OptionError(f"unknown encoder {spec!r}; {nearest(name, SHAPES)}")


def _bm25(spec: str, language: str, options: dict[str, str]) -> Encoder:
    from numen.encode.bm25 import BM25
    from numen.encode.words import ANALYZER_OPTIONS, WordsEncoder
    from numen.text import Analyzer

    _known(spec, options, BM25_OPTIONS)
    numbers: dict[str, Any] = {
        name: _number(spec, name, options[name]) for name in ("k1", "b", "delta") if name in options
    }
    form = replace(BM25(formula=options.get("formula", BM25().formula)), **numbers)
    named: dict[str, Any] = {}
    for name in ANALYZER_OPTIONS:
        if name in options:
            also = (name, options[name]) == ("fold_diacritics", "also")
            named[name] = "also" if also else _truth(spec, name, options[name])
    analyzer = Analyzer(language=language or None, **named)
    return WordsEncoder(analyzer, form, options.get("single", "alone"))


def _hashed(spec: str, argument: str, options: dict[str, str]) -> Encoder:
    from numen.encode.hashed import PAPER_WEIGHTS, HashedEncoder

    _known(spec, options, HASHED_OPTIONS)
    dim = _dimensions(spec, argument, "numen:32768") if argument else 32_768
    weights = dict(PAPER_WEIGHTS)
    if "weights" in options:
        try:
            weights = {int(n): int(w) for n, w in (pair.split(":") for pair in options["weights"].split("+"))}
        except ValueError:
            raise OptionError(f"weights in encoder {spec!r} must read like 3:1+4:5+5:10 (length:weight)") from None
    return HashedEncoder(
        dim=dim,
        weights=weights,
        split=options.get("split", "whitespace"),
        hash=options.get("hash", "crc32"),
        signed="signed" in options and _truth(spec, "signed", options["signed"]),
    )


def _given(spec: str, argument: str, options: dict[str, str]) -> Encoder:
    from numen.encode.given import GivenEncoder

    kind, colon, dim = argument.partition(":")
    if kind == "dense":
        from numen.encode.given_dense import GivenDenseEncoder

        _known(spec, options, GIVEN_DENSE_OPTIONS)
        chosen: dict[str, Any] = dict(options)
        return GivenDenseEncoder(_dimensions(spec, dim if colon else argument, "given:dense:384"), **chosen)
    _known(spec, options, GIVEN_OPTIONS)
    if (negative := options.get("negative", "refuse")) not in ("allow", "refuse"):
        raise OptionError(f"negative in encoder {spec!r} must be allow or refuse, not {negative!r}")
    terms = argument == "terms"
    return GivenEncoder(
        dim=_dimensions(spec, argument, "given:30522, nor is it given:terms") if argument and not terms else None,
        terms=terms,
        precision=options.get("precision", "float32"),
        negative=negative == "allow",
    )


def _sparse(spec: str, model: str, options: dict[str, str]) -> Encoder:
    from numen.encode.sparse import LearnedSparse

    _known(spec, options, SPARSE_OPTIONS)
    return LearnedSparse(
        model,
        top=_whole(spec, "top", options),
        threshold=_number(spec, "threshold", options["threshold"]) if "threshold" in options else 0.0,
        query_top=_whole(spec, "query_top", options),
        precision=options.get("precision", "float32"),
    )


def _dimensions(spec: str, argument: str, example: str) -> int:
    if not argument.isascii() or not argument.isdigit() or len(argument) > 12:
        raise OptionError(f"{argument!r} in encoder {spec!r} is no number of dimensions, such as {example}")
    return int(argument)


def _known(spec: str, options: dict[str, str], legal: tuple[str, ...]) -> None:
    for name in options:
        if name not in legal:
            raise OptionError(f"unknown option {name!r} in encoder {spec!r}; {nearest(name, legal)}")


def _unquoted(value: str) -> str:
    """The value without the quotation marks that keep the spaces at its ends."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _number(spec: str, name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise OptionError(f"{name} in encoder {spec!r} must be a number, not {value!r}") from None


def _whole(spec: str, name: str, options: dict[str, str]) -> int | None:
    """An option that is a whole number; None where it is not given."""
    if name not in options:
        return None
    try:
        return int(options[name])
    except ValueError:
        raise OptionError(f"{name} in encoder {spec!r} must be a whole number, not {options[name]!r}") from None


def _truth(spec: str, name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise OptionError(f"{name} in encoder {spec!r} must be true or false, not {value!r}")
    return value.lower() == "true"
