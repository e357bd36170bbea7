"""`numen limit`: a LIMIT collection of any shape, as a folder in BEIR layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numen.cli.options import Quiet
from numen.cli.output import console, counted, safe
from numen.cli.progress import progress_shown
from numen.errors import OptionError

__all__ = ["make_limit"]


def make_limit(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The folder to make, which must not be there.")],
    documents: Annotated[int, typer.Option("--documents", metavar="N", help="How many people.")] = 50_000,
    queries: Annotated[int, typer.Option("--queries", metavar="N", help="How many are asked for.")] = 1_000,
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many documents answer a query.")] = 2,
    pattern: Annotated[
        str, typer.Option("--pattern", metavar="NAME", help="Of judgements: dense, random, cycle or disjoint.")
    ] = "dense",
    held: Annotated[int, typer.Option("--held", metavar="N", help="Attributes of each document.")] = 45,
    attributes: Annotated[
        Path | None,
        typer.Option("--attributes", metavar="FILE", help="Your own: one a line, perhaps a tab and its synonym."),
    ] = None,
    use: Annotated[
        int | None,
        typer.Option("--use", metavar="N", help="How many of the list; 1,850 of numen's own, all of yours."),
    ] = None,
    synonyms: Annotated[
        bool, typer.Option("--synonyms", help="Queries name an attribute differently from documents.")
    ] = False,
    document: Annotated[
        str | None,
        typer.Option("--document", metavar="TEXT", help="'{name} likes {things}.' in another language."),
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="TEXT", help="'Who likes {thing}?' in another language.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--last", metavar="TEXT", help="What stands before the last thing: ' and '.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What is drawn.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Make a LIMIT collection: a task that a child can do and small vectors cannot."""
    from numen.room.attributes import read_attributes
    from numen.room.limit import Limit, Wording, write_limit

    if documents < 1 or queries < 1 or k < 1:
        raise OptionError(f"--documents {documents}, --queries {queries} and -k {k} must each be at least 1")
    given = {"document": document, "query": query, "last": last}
    wording = Wording(**{name: text for name, text in given.items() if text is not None})
    own = None if attributes is None else read_attributes(attributes)
    used = (1_850 if own is None else None) if use is None else use
    shape = Limit(documents, queries, k, pattern, held, used, synonyms, seed, wording)
    with progress_shown(quiet) as progress:
        made = write_limit(shape, into, own, progress)
    out = console()
    numbers = f"{counted(documents, 'document')}, {queries:,} {'query' if queries == 1 else 'queries'}"
    out.print(f"{safe(str(into))}: {numbers}, {counted(made.judgements, 'judgement')}", markup=False, soft_wrap=True)
    first = next(iter(made.queries.values()))
    out.print(f"The first query: {safe(first)}", markup=False, soft_wrap=True)
    out.print(f"numen room {safe(str(into))}", style="dim", markup=False, soft_wrap=True)
