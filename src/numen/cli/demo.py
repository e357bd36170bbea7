"""`numen demo`: real documents that every machine has, indexed, searched and measured."""

from __future__ import annotations

import platform
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from numen.cli.adding import all_or_nothing
from numen.cli.eval import print_evaluation
from numen.cli.output import console, counted, size, speed
from numen.cli.progress import progress_shown
from numen.cli.search import print_hits
from numen.errors import InputError, MissingExtra
from numen.sources import standard_library
from numen.types import Document

if TYPE_CHECKING:
    from numen.search import Collection

__all__ = ["demo"]

_LEG = "words"
_SEARCHES = (
    ("by name", "OrderedDict.move_to_end"),
    ("by description", "split a string like the shell does"),
    ("with typing errors", "randum shufling"),
)
_OTHERS = ("bm25", "numen:32768")  # what the default is measured beside
_HITS = 3
_QUERIES = 1000  # known-item queries: enough for two decimals, and a second or two of work
_SEED = 0


def demo(
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Keep the collection in this folder, to search it later."),
    ] = None,
) -> None:
    """Index the documentation of this Python, search it, measure it."""
    out = console()
    out.print(Text(f"The documentation of this Python ({platform.python_version()}), read from its source", "bold"))
    with progress_shown() as progress:
        documents = []
        for document in standard_library():
            documents.append(document)
            if progress:
                progress("reading docstrings", len(documents), None)
    if not documents:
        raise InputError("this Python comes without the source of its standard library; try numen index on a file")
    with _indexed(out, documents, into) as collection:
        for how, query in _SEARCHES:
            _search(out, collection, how, query)
    _measure(out, documents)
    _next(out, into)


def _indexed(out: Console, documents: list[Document], into: Path | None) -> Collection:
    """The collection of `documents`, open; where something goes wrong there is none."""
    from numen.encode import DEFAULT
    from numen.search import Collection, warm_up

    with progress_shown():
        warm_up(DEFAULT)  # so that the speed shown is that of indexing, not of compiling
    with all_or_nothing(into) if into is not None else nullcontext(), progress_shown() as progress:
        collection = Collection.create(into, legs={_LEG: DEFAULT})
        try:
            report = collection.add(documents, progress=progress)
        except BaseException:
            collection.close()
            raise
    (leg,) = collection.info().legs
    out.print(
        f"{counted(report.added, 'docstring')} indexed in {speed(report.added, report.seconds)} by {leg.encoder}: "
        f"{leg.terms:,} words, {size(leg.bytes)}"
    )
    return collection


def _search(out: Console, collection: Collection, how: str, query: str) -> None:
    start = time.perf_counter()
    results = collection.search(query, _HITS)
    milliseconds = (time.perf_counter() - start) * 1000
    out.print()
    out.print(Text.assemble("Search ", how, ": ", (query, "bold"), (f"  ({milliseconds:.1f} ms)", "dim")))
    print_hits(out, collection, results, [_LEG])


def _measure(out: Console, documents: list[Document]) -> None:
    """Measures the default and others by known item, or says what to install for it."""
    out.print()
    try:
        from numen.encode import DEFAULT
        from numen.evaluate import evaluate, known_item

        dataset = known_item(documents, _QUERIES, _SEED, name="docstrings")
        with progress_shown() as progress:
            evaluation = evaluate(dataset, [DEFAULT, *_OTHERS], progress=progress)
    except MissingExtra as error:
        out.print(f"Not measured: {error}", markup=False)
        return
    out.print(Text("How good is that? Find a docstring again by its first sentence, taken out of it", "bold"))
    print_evaluation(out, evaluation, _SEED)


def _next(out: Console, into: Path | None) -> None:
    out.print()
    out.print(Text("Next", "bold"))
    if into is not None:
        out.print(f"  numen search {into} 'your own words'", markup=False, soft_wrap=True)
    out.print("  numen index SOURCE --into DIR           your own texts: a file or a folder")
    out.print("  numen eval SOURCE --known-item          measure encoders on them")
    out.print("  numen --help")
    if into is not None:
        out.print(f"  numen serve {into}   a page to search them as you type", markup=False, soft_wrap=True)
    else:
        out.print("  numen demo --into DIR && numen serve DIR   a page to search them as you type", markup=False)
