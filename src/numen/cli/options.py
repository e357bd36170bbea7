"""The arguments and options that several commands share, each with one name, one meaning and one help text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from numen.errors import OptionError

__all__ = [
    "CommitEvery",
    "Feedback",
    "Fields",
    "Folder",
    "Fuse",
    "Json",
    "Memory",
    "NamedLegs",
    "Quiet",
    "Resume",
    "SkipBad",
    "Source",
    "Threads",
    "named_legs",
    "split_fields",
]

Folder: TypeAlias = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the collection.")]

Source: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A .jsonl, .jsonl.gz, .csv, .tsv or .parquet file, a folder of text files, '-' for JSON lines "
        "on standard input, or 'stdlib:' for the documentation of this Python.",
    ),
]

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else, to stdout.")]

Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]

SkipBad: TypeAlias = Annotated[
    bool, typer.Option("--skip-bad", help="Count documents that cannot be used and go on, instead of stopping.")
]

Threads: TypeAlias = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, help="Threads; if not given, one for each core.")
]

Memory: TypeAlias = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="What building may take, such as 512MB; 1GB if not given."),
]

CommitEvery: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--commit-every",
        metavar="N",
        min=1,
        help="Commit after each N documents, so that what is stopped can be resumed; if not given, once at the end.",
    ),
]

Resume: TypeAlias = Annotated[
    bool,
    typer.Option("--resume", help="Go on where a run was stopped: leave out documents that are there unchanged."),
]

NamedLegs: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--leg", metavar="NAME=ENCODER", help="A named leg and its encoder; give it once for each leg."),
]

Fuse: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--fuse",
        metavar="HOW",
        help="How several legs are fused: rrf, minmax or zscore, with weights as in minmax,words=0.7,grams=0.3. "
        "If not given: minmax with a leg of dense or token vectors, else rrf.",
    ),
]

Feedback: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--feedback",
        metavar="HOW",
        help="Ask again with the terms of the first hits: rm3, rocchio or average; rm3,documents=5,original=0.7.",
    ),
]

RerankBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rerank",
        metavar="MODEL",
        help="Score the first 50 hits again by this cross-encoder, a folder or hub name; MODEL,documents=100 for more.",
    ),
]

Fields: TypeAlias = Annotated[
    str, typer.Option("--fields", metavar="NAMES", help="What is indexed of a document: title, text or both.")
]


def named_legs(pairs: Sequence[str]) -> dict[str, str]:
    """Leg names with their encoders, of NAME=ENCODER each; OptionError for another form, or a name given twice."""
    legs: dict[str, str] = {}
    for pair in pairs:
        name, equals, spec = pair.partition("=")
        if not (name and equals and spec):
            raise OptionError(f"--leg {pair!r}: needs a name and an encoder, as in --leg words=bm25:english")
        if name in legs:
            raise OptionError(f"--leg {pair!r}: there is a leg {name!r} already; give each leg its own name")
        legs[name] = spec
    return legs


def split_fields(fields: str) -> tuple[str, ...]:
    """The names in a comma-separated list, without the white space around them."""
    return tuple(name.strip() for name in fields.split(",") if name.strip())
