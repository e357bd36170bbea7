"""The page: verdict, figures, tables and how to make them again, in one file that asks nothing of any network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from numen import __version__
from numen.errors import InputError
from numen.room.figures import figures
from numen.room.geometry import Geometry
from numen.room.growth import ASSUMPTION as GROWTH
from numen.room.room import Room
from numen.room.size import Size

__all__ = ["page", "write_report"]


def write_report(room: Room, path: Path, command: str = "") -> tuple[Path, Path]:
    """Writes the page, and the figures as JSON beside it; gives both paths. command: what was typed to make it.

    InputError unless the path ends in .html.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{path} does not end in .html; the page is HTML, and its figures go into the .json beside it")
    beside = path.with_suffix(".json")
    path.write_text(page(room, command), encoding="utf-8", newline="\n")
    text = json.dumps(room.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    beside.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path, beside


def page(room: Room, command: str = "") -> str:
    """The whole page as HTML. Only its own style sheet takes effect: its policy forbids any request."""
    style = files("numen.room").joinpath("data", "page.css").read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    title = f"How much room does {room.dataset} need?"
    return "".join(
        [
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>\n{style}</style></head>\n<body><main>\n",
            *_top(room, title),
            *_charts(room),
            *_sweep(room),
            *_theory(room),
            *_geometry(room.geometry),
            *_collisions(room),
            *_again(room, command),
            "</main></body></html>\n",
        ]
    )


def _top(room: Room, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f'<p class="soft">{room.documents:,} documents, {room.queries:,} queries, {room.judgements:,} judgements; '
        f"at most {room.largest:,} answers to a query. Judged by {escape(room.by)}.</p>"
    )
    sentences = "".join(f"<p>{_kept(sentence)}</p>" for sentence in room.verdict.sentences)
    evidence = "".join(f"<li>{escape(line)}</li>" for line in room.verdict.evidence)
    yield f'<section class="verdict" aria-label="Verdict">{sentences}'
    yield f"<details><summary>What that rests on</summary><ul>{evidence}</ul></details></section>\n"
    for note in room.notes:
        yield f'<p class="soft">Note: {escape(note)}</p>'


def _charts(room: Room) -> Iterator[str]:
    yield '<h2>At a glance</h2><div class="figures">'
    for number, (chart, caption) in enumerate(figures(room)):
        yield f"<figure><h3>{escape(chart.title)}</h3>{chart.svg(f'f{number}')}{chart.legend()}"
        yield f"<figcaption>{escape(caption)}</figcaption></figure>\n"
    yield "</div>"


def _sweep(room: Room) -> Iterator[str]:
    yield "<h2>All sizes</h2>"
    names = list(room.verdict.recommended.measures)
    head = ("representation", *names, f"95 % band of {room.by}", "bytes", "bytes a document", "ms a query")
    sizes = [size for members in room.families().values() for size in members]
    rows = [_row(size, room, names) for size in (*sizes, *room.references)]
    chosen = [size is room.verdict.recommended for size in (*sizes, *room.references)]
    yield _table(head, rows, chosen)
    yield '<p class="soft">In bold: what the verdict recommends. Bytes are those of the index, texts apart.</p>'


def _row(size: Size, room: Room, names: Sequence[str]) -> tuple[str, ...]:
    low, high = size.band[room.by]
    return (
        size.name,
        *(f"{size.measures[name]:.4f}" for name in names),
        f"{low:.3f} to {high:.3f}",
        f"{size.index_bytes:,}",
        f"{size.index_bytes / room.documents:,.0f}",
        f"{size.latency_ms:.2f}",
    )


def _theory(room: Room) -> Iterator[str]:
    yield "<h2>What is proved</h2>"
    for bound in room.bounds:
        figures_of = "; ".join(
            f"{escape(name)}: <b>{value:,.0f}</b>"
            if value >= 10 or value == int(value)
            else f"{escape(name)}: <b>{value:.3g}</b>"
            for name, value in bound.figures.items()
        )
        yield f"<h3>{escape(bound.title)}</h3><p>{figures_of}</p>"
        yield f'<p>{escape(bound.meaning)} <span class="soft">{escape(bound.assumes)}</span></p>'
    if room.growth:
        yield f'<p class="soft">Growth: {escape(GROWTH)}</p>'


def _geometry(found: Geometry | None) -> Iterator[str]:
    if found is None:
        return
    yield "<h2>How the dense vectors lie</h2>"
    rows = (
        ("dimensions, as printed", f"{found.dim:,}", "what each vector costs"),
        ("effective dimensions", f"{found.effective:.0f}", "as many even ones would spread the vectors as much"),
        ("hold 90 % of the variance", f"{found.for_90:,}", "principal directions"),
        ("hold 99 %", f"{found.for_99:,}", "principal directions"),
        ("mean cosine of two documents", f"{found.mean_cosine:.3f}", "0 if they use all directions"),
        ("isotropy", f"{found.isotropy:.3f}", "1 if no direction is preferred"),
        ("hubness", f"{found.hubness:.2f}", "0 if no document is near too many others"),
        ("never a neighbour", f"{found.never:.1%}", "documents that no other one has among its 10 nearest"),
        ("effective dimensions of answers", f"{found.answers_effective:.0f}", "of the relevant documents alone"),
        ("variance in the answers' directions", f"{found.answers_share:.1%}", "of all documents"),
    )
    yield _table((f"{found.documents:,} documents", "", "meaning"), rows, words=True)


def _collisions(room: Room) -> Iterator[str]:
    if not room.collisions:
        return
    yield "<h2>Collisions</h2>"
    head = ("dimensions", "pairs by chance", "16 hashes", "CRC-32, expected", "counted", "share expected", "counted")
    rows = [
        (
            f"{one.dim:,}",
            f"{one.chance_pairs:,.0f}",
            f"{one.hashes_pairs:,.0f}",
            f"{one.expected_pairs:,.0f}",
            f"{one.counted_pairs:,}",
            f"{one.expected_shared:.1%}",
            f"{one.counted_shared:.1%}",
        )
        for one in room.collisions
    ]
    yield _table(head, rows)
    yield "<p>What they do to inner products of documents, beside those without collisions:</p>"
    yield _table(
        ("hashing", "dimensions", "mean error", "expected", "spread", "expected", "99.9 % below"),
        [
            (
                f"{'signed' if one.signed else 'unsigned'}, {one.hashes} hash{'es' if one.hashes > 1 else ''}",
                f"{one.dim:,}",
                f"{one.mean:+.4f}",
                f"{one.expected_mean:+.4f}",
                f"{one.spread:.4f}",
                "" if one.expected_spread is None else f"{one.expected_spread:.4f}",
                f"{one.largest:.4f}",
            )
            for one in room.errors
        ],
    )
    if room.pairs:
        named = "; ".join(f"{escape(p.first)} and {escape(p.second)} ({p.second_documents:,})" for p in room.pairs[:12])
        yield (
            "<p>At 4,096 dimensions these pairs blur most, with the number of sampled documents that have the rarer "
            f"one: {named}.</p>"
        )


def _again(room: Room, command: str) -> Iterator[str]:
    yield "<h2>To make this again</h2>"
    if command:
        yield f"<pre><code>{escape(command)}</code></pre>"
    settings = ", ".join(
        f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in room.settings.items()
    )
    yield f'<p class="soft">numen {escape(__version__)}; {escape(settings)}; {room.seconds:,.0f} seconds. '
    yield "Quality is the same each time, times are those of the machine. "
    yield "The same figures as JSON stand in the file beside this one.</p>"


def _kept(text: str) -> str:
    """Escaped, no line ending between a number and its per cent sign."""
    return escape(text).replace(" %", "&nbsp;%")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], chosen: Sequence[bool] = (), words: bool = False) -> str:
    columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = []
    for number, row in enumerate(rows):
        mark = ' class="chosen"' if number < len(chosen) and chosen[number] else ""
        first, *others = row
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        lines.append(f'<tr{mark}><th scope="row">{escape(first)}</th>{cells}</tr>')
    kind = ' class="words"' if words else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(head[0])}"><table{kind}>'
        f"<thead><tr>{columns}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>\n"
    )
