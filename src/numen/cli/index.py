"""`numen index`: a new collection from a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from numen.cli.adding import Reading, added, all_or_nothing, print_report, report_json
from numen.cli.options import Fields, Json, Quiet, SkipBad, Source, Threads, split_fields
from numen.cli.output import console, print_json, size
from numen.errors import InputError, OptionError

__all__ = ["index"]

_LEG = "words"  # the name of the one leg where none is given


def index(
    source: Source,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The folder to make; it must not be there yet.")],
    leg: Annotated[
        list[str] | None,
        typer.Option("--leg", metavar="NAME=ENCODER", help="A named leg and its encoder; give it once for each leg."),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="ENCODER",
            help=f"Short for --leg {_LEG}=ENCODER: auto (if not given), numen, numen:DIM, bm25 or bm25:LANGUAGE.",
        ),
    ] = None,
    fields: Fields = "title,text",
    skip_bad: SkipBad = False,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a collection from a file, a folder or standard input."""
    from numen.search import Collection

    legs = _legs(leg or [], encoder)
    reading = Reading(source, skip_bad=skip_bad)
    with all_or_nothing(into), Collection.create(into, legs=legs, fields=split_fields(fields)) as collection:
        report = added(collection, reading, threads=threads, quiet=quiet)
        if not report.added:
            raise InputError(
                f"{source}: none of its {report.skipped:,} documents can be used, so {into} was not made; "
                f"the first: {report.problems[0]}"
            )
        result, info = report_json(collection, report), collection.info()
    if as_json:
        print_json(result)
        return
    print_report(report)
    out = console()
    legs_made = ", ".join(f"{made.name} ({made.encoder})" for made in info.legs)
    out.print(f"{into}: {legs_made}, index {size(info.bytes_index)}", soft_wrap=True)
    out.print(f"try: numen search {into} 'some words'", soft_wrap=True)


def _legs(pairs: Sequence[str], encoder: str | None) -> dict[str, str]:
    """Leg names with their encoders. Raises OptionError where the options do not fit together."""
    if encoder is not None and pairs:
        raise OptionError(f"--encoder and --leg together: name every leg, as in --leg {_LEG}={encoder}")
    legs: dict[str, str] = {}
    for pair in pairs:
        name, equals, spec = pair.partition("=")
        if not (name and equals and spec):
            raise OptionError(f"--leg {pair!r}: needs a name and an encoder, as in --leg {_LEG}=bm25:english")
        if name in legs:
            raise OptionError(f"--leg {pair!r}: there is a leg {name!r} already; give each leg its own name")
        legs[name] = spec
    return legs or {_LEG: encoder or "auto"}
