"""`numen check`: is everything that the collection needs there and whole? With --repair, make it so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numen.cli.options import Folder, Json, NamedLegs, named_legs, split_fields
from numen.cli.output import console, counted, print_json
from numen.errors import DamagedError, OptionError

__all__ = ["check"]

Repair = Annotated[
    bool,
    typer.Option("--repair", help="Drop what cannot be read, make again what follows from texts, and say what it was."),
]

LostFields = Annotated[
    str | None, typer.Option("--fields", metavar="NAMES", help="What was indexed of a document: title, text or both.")
]


def check(
    folder: Folder, repair: Repair = False, leg: NamedLegs = None, fields: LostFields = None, as_json: Json = False
) -> None:
    """Check a collection's files; exit code 1 if something is wrong and stays so."""
    from numen.search import Collection

    if (leg or fields) and not repair:
        raise OptionError("--leg and --fields say what a repair cannot read any more; give them with --repair")
    made = named_legs(leg or []) or None
    repaired = Collection.repair(folder, legs=made, fields=split_fields(fields or "") or None) if repair else []
    problems, documents = _looked_at(folder)
    if as_json:
        print_json(
            {
                "path": str(folder),
                "sound": not problems,
                "documents": documents,
                "problems": problems,
                "repaired": repaired,
            }
        )
    else:
        out = console()
        for title, lines in (("repaired", repaired), (counted(len(problems), "problem"), problems)):
            if lines:
                out.print(f"{folder}: {title}", markup=False, soft_wrap=True)
            for line in lines:
                out.print(f"  {line}", markup=False, soft_wrap=True)
        if documents is not None:
            out.print(f"{folder}: sound, {counted(documents, 'document')}", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)


def _looked_at(folder: Path) -> tuple[list[str], int | None]:
    """(what is wrong, the number of documents if nothing is)."""
    from numen.search import Collection

    try:
        with Collection.open(folder, read_only=True) as collection:
            problems = collection.check()
            return problems, None if problems else len(collection)
    except DamagedError as error:
        return [str(error)], None
