"""`numen index`: a new collection from a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from numen.cli.adding import Reading, added, all_or_nothing, print_report, report_json
from numen.cli.options import (
    CommitEvery,
    Fields,
    Json,
    Memory,
    NamedLegs,
    Quiet,
    Resume,
    SkipBad,
    Source,
    Threads,
    named_legs,
    split_fields,
)
from numen.cli.output import console, print_json, size
from numen.errors import InputError, OptionError

if TYPE_CHECKING:
    from numen.search import Collection

__all__ = ["index"]

_LEG = "words"  # the name of the one leg where none is given
_FIELDS = "title,text"  # what is indexed where --fields is not given


def index(
    source: Source,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The folder to make; it must not be there yet.")],
    leg: NamedLegs = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="ENCODER",
            help=f"Short for --leg {_LEG}=ENCODER: auto (if not given), bm25, bm25:LANGUAGE, numen:DIM, dense:MODEL "
            "and others.",
        ),
    ] = None,
    fields: Fields = _FIELDS,
    skip_bad: SkipBad = False,
    memory: Memory = None,
    commit_every: CommitEvery = None,
    resume: Resume = False,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a collection from a file, a folder or standard input."""
    legs = _legs(leg or [], encoder)
    reading = Reading(source, skip_bad=skip_bad)
    with _opened(into, legs, split_fields(fields), resume=resume) as collection:
        report = added(
            collection,
            reading,
            threads=threads,
            quiet=quiet,
            memory=memory,
            commit_every=commit_every,
            resume=resume,
        )
        if not len(collection):
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
    """Leg names with their encoders, none if none was given. OptionError where the options do not fit together."""
    if encoder is not None and pairs:
        raise OptionError(f"--encoder and --leg together: name every leg, as in --leg {_LEG}={encoder}")
    return named_legs(pairs) or ({_LEG: encoder} if encoder else {})


@contextmanager
def _opened(into: Path, legs: Mapping[str, str], fields: Sequence[str], *, resume: bool) -> Iterator[Collection]:
    """The collection to fill: a new one, which is removed if that fails, or the one to go on with."""
    from numen.encode import DEFAULT
    from numen.index.schema import FILE_NAME
    from numen.index.unmade import is_unmade
    from numen.search import Collection

    if not (resume and (into / FILE_NAME).exists() and not is_unmade(into)):
        made = Collection.create
        with all_or_nothing(into), made(into, legs=legs or {_LEG: DEFAULT}, fields=fields) as collection:
            yield collection
        return
    with Collection.open(into, legs=legs) as collection:
        there = collection.info().fields
        if fields not in (there, split_fields(_FIELDS)):
            raise OptionError(
                f"--fields {','.join(fields)}: {into} was made with {','.join(there)}; leave --fields out to go on"
            )
        yield collection
