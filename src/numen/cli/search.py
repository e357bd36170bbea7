"""`numen search`: the hits of a query, with the places that match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from numen.cli.explained import print_explanation
from numen.cli.options import Feedback, Folder, Fuse, Json, RerankBy
from numen.cli.output import console, counted, print_json, safe
from numen.cli.progress import progress_shown
from numen.cli.snippet import LONGEST, marked, shown_snippet
from numen.errors import InputError, OptionError
from numen.types import JSON, Hit, Results

if TYPE_CHECKING:
    from numen.encode.bm25 import BM25
    from numen.search import Collection, Explanation

__all__ = ["print_hits", "search"]

_LINES = 2  # lines of the terminal that a snippet fills
_INDENT = 4  # columns before a snippet
_SHORTEST = 20  # columns that a title keeps beside a long id


def search(
    folder: Folder,
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for.")],
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many hits at most.")] = 10,
    leg: Annotated[
        list[str] | None,
        typer.Option("--leg", metavar="NAME", help="Search this leg only; give it again for more. All if not given."),
    ] = None,
    k1: Annotated[
        float | None, typer.Option("--k1", metavar="X", help="BM25: how soon repetition stops to count.")
    ] = None,
    b: Annotated[
        float | None, typer.Option("--b", metavar="X", help="BM25: how much long documents pay, 0 to 1.")
    ] = None,
    delta: Annotated[
        float | None, typer.Option("--delta", metavar="X", help="BM25L and BM25+: the least a match adds.")
    ] = None,
    formula: Annotated[
        str | None,
        typer.Option(
            "--formula", metavar="NAME", help="BM25: robertson, lucene (if not given), atire, bm25l or bm25+."
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            metavar="EXPR",
            help="Only documents whose metadata fit: \"year >= 2020 and lang in ['de','fr']\".",
        ),
    ] = None,
    fuse: Fuse = None,
    feedback: Feedback = None,
    rerank: RerankBy = None,
    full: Annotated[bool, typer.Option("--full", help="Show whole texts instead of snippets.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what gave each hit how much of its score.")] = False,
    highlights: Annotated[
        bool, typer.Option("--highlights", help="With --json: where title and text match, and a snippet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Search a collection."""
    from numen.search import Collection

    given = {"formula": formula, "k1": k1, "b": b, "delta": delta}
    if highlights and not as_json:
        raise OptionError("--highlights goes with --json; on a terminal matches are always shown")
    words = _unicode(" ".join(query))
    with Collection.open(folder, read_only=True) as collection, progress_shown():
        how: dict[str, Any] = {
            "legs": leg or None,
            "fuse": fuse,
            "feedback": feedback,
            "bm25": _bm25(given),
            "where": where,
        }
        results = collection.search(words, k, **how, rerank=rerank)
        explanations = [collection.explain(words, hit.id, k, **how) for hit in results] if explain else None
        documents = collection.count(where)
        if as_json:
            printed = results_json(results, explanations, where)
            if highlights:
                for hit, shown in zip(results, printed["hits"], strict=True):
                    shown |= _matches(collection, results.query, hit, leg)
            print_json(printed)
            return
        out = console()
        print_hits(out, collection, results, leg, full=full, explanations=explanations)
    if results.hits:
        kept = "" if where is None else " that the filter keeps"
        out.print(f"{counted(len(results), 'hit')} among {counted(documents, 'document')}{kept}", style="dim")
    else:
        among = "" if where is None else f" among {counted(documents, 'document')} that the filter keeps"
        out.print(Text(f"no match for {safe(words)!r}{among}" + (" (k is 0)" if k == 0 else "")))
    for name in results.truncated:
        out.print(Text(f"leg {name!r}: its model reads only the beginning of so long a query"))


def results_json(
    results: Results, explanations: Sequence[Explanation] | None = None, where: str | None = None
) -> dict[str, JSON]:
    """The results as `search --json` prints them; with `explanations`, each hit has its own; `where` only if given."""
    hits = [asdict(hit) for hit in results.hits]
    for hit, explanation in zip(hits, explanations or (), strict=explanations is not None):
        hit["explanation"] = asdict(explanation)
    return {
        "query": results.query,
        "k": results.k,
        "exact": results.exact,
        **({"truncated": list(results.truncated)} if results.truncated else {}),
        **({} if where is None else {"where": where}),
        "hits": hits,
    }


def _matches(collection: Collection, query: str, hit: Hit, legs: Sequence[str] | None) -> dict[str, JSON]:
    """Where a hit matches: character spans [begin, end) of its title and text, and the part with the most."""
    part = collection.snippet(query, hit.text[:LONGEST], legs=legs or None)
    fields = {"title": hit.title, "text": hit.text[:LONGEST]}
    return {
        "highlights": {name: collection.highlights(query, text, legs=legs or None) for name, text in fields.items()},
        "snippet": {"start": part.start, "end": part.end, "text": part.text, "highlights": part.highlights},
    }


def print_hits(
    out: Console,
    collection: Collection,
    results: Results,
    legs: Sequence[str] | None = None,
    *,
    full: bool = False,
    explanations: Sequence[Explanation] | None = None,
) -> None:
    """Prints each hit: rank, score, title and id on one line, then text or a snippet; what `legs` matched is marked.

    explanations: one for each hit, printed below it.
    """
    plain = not out.is_terminal

    def matches(text: str) -> list[tuple[int, int]]:
        return collection.highlights(results.query, text[:LONGEST], legs=legs or None)

    for number, hit in enumerate(results):
        out.print(_heading(hit, matches, out.width, plain=plain), no_wrap=True, overflow="ellipsis")
        text = hit.text[:LONGEST] if not full else hit.text
        spans = matches(text)
        if full:
            out.print(marked(text, spans, plain=plain), soft_wrap=True)
            out.print()
        elif text.strip():
            width = out.width - _INDENT
            body = shown_snippet(text, spans, _LINES * width - 2 * _INDENT, plain=plain)
            for line in _lines(out, body, width):
                out.print(Text(" " * _INDENT) + line, no_wrap=True, overflow="ellipsis")
        if explanations is not None:
            print_explanation(out, explanations[number])


def _lines(out: Console, body: Text, width: int) -> list[Text]:
    """The first lines of `body` wrapped to `width`; the last ends in "..." where there would be more."""
    lines = list(body.wrap(out, width))
    for line in lines:
        line.rstrip()
    if len(lines) > _LINES:
        last = lines[_LINES - 1]
        if len(last.plain) > width - 4:
            last.right_crop(len(last.plain) - max(last.plain.rfind(" ", 0, width - 3), 1))
        last.rstrip()
        last.append(" ...")
    return lines[:_LINES]


def _heading(hit: Hit, matches: Callable[[str], list[tuple[int, int]]], width: int, *, plain: bool) -> Text:
    """Rank, score, title and id on one line; where it is too short, the title gives way first."""
    title = hit.title or hit.id
    start = Text.assemble(f"{hit.rank:>2}. ", (f"{hit.score:<7.4g}  ", "cyan"))
    identifier = Text(f"  {safe(hit.id)}" if hit.id != title else "", "dim")
    shown = marked(title, matches(title), plain=plain, squeeze=True)
    shown.truncate(max(width - start.cell_len - identifier.cell_len, _SHORTEST), overflow="ellipsis")
    return Text.assemble(start, shown, identifier)


def _bm25(given: dict[str, Any]) -> BM25 | None:
    """The BM25 of the options that were given, None where none was."""
    from numen.encode.bm25 import BM25

    chosen = {name: value for name, value in given.items() if value is not None}
    return BM25(**chosen) if chosen else None


def _unicode(query: str) -> str:
    """The query itself. Raises InputError where the shell passed bytes that are no UTF-8."""
    try:
        query.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"the query {query!r} is not UTF-8; set the terminal to UTF-8") from None
    return query
