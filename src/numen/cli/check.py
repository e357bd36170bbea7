"""`numen check`: is everything that the collection needs there and whole?"""

from __future__ import annotations

import typer

from numen.cli.options import Folder, Json
from numen.cli.output import console, counted, print_json

__all__ = ["check"]


def check(folder: Folder, as_json: Json = False) -> None:
    """Check a collection's files; exit code 1 if something is wrong."""
    from numen.search import Collection

    with Collection.open(folder, read_only=True) as collection:
        problems = collection.check()
        documents = None if problems else len(collection)
    if as_json:
        print_json({"path": str(folder), "sound": not problems, "documents": documents, "problems": problems})
    elif problems:
        out = console()
        out.print(f"{folder}: {counted(len(problems), 'problem')}", markup=False, soft_wrap=True)
        for problem in problems:
            out.print(f"  {problem}", markup=False, soft_wrap=True)
    elif documents is not None:
        console().print(f"{folder}: sound, {counted(documents, 'document')}", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
