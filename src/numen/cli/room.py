"""`numen room`: how much room a dataset needs, measured and explained."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from numen.cli.options import Fields, Json, Quiet, split_fields
from numen.cli.output import console, counted, print_json, size, table
from numen.cli.progress import progress_shown
from numen.errors import InputError, OptionError
from numen.sources import read_source

if TYPE_CHECKING:
    from numen.evaluate import Dataset
    from numen.room import Room

__all__ = ["print_room", "room"]


def room(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="A folder in BEIR layout, a name that ir_datasets knows, or with --known-item any SOURCE.",
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write a page with figures, and FILE.json beside it."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="A dense model too: a sentence-transformers folder or name."),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option("--dims", metavar="N,N,...", help="Dimensions to try, rising; 512 to 65,536 if not given."),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference", metavar="ENCODER", help="What they are compared with: bm25, bm25:english and auto."
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option("--family", metavar="NAME", help="Sweep only these: numen, largest, dense; repeat for more."),
    ] = None,
    measure: Annotated[
        str, typer.Option("--measure", metavar="MEASURE", help="What the verdict goes by, as ir_measures writes it.")
    ] = "R@100",
    answers: Annotated[
        int | None,
        typer.Option("--answers", metavar="K", help="For the bounds: how many documents a query must pick out."),
    ] = None,
    free: Annotated[bool, typer.Option("--free/--no-free", help="Train free vectors on the judgements.")] = True,
    encode: Annotated[
        int | None,
        typer.Option("--encode", metavar="N", help="Let the model encode N documents, and estimate for all."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="DIR", help="Keep the model's vectors here for the next time.")
    ] = None,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="Which judgements: qrels/NAME.tsv.")] = "test",
    known_item: Annotated[
        bool,
        typer.Option("--known-item", help="Measure without judgements: find each document by its first sentence."),
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=1, help="With --known-item: ask N queries, drawn by --seed."),
    ] = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out judgements of documents that are not in the corpus.")
    ] = False,
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many hits of each query are looked at.")] = 100,
    fields: Fields = "title,text",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For everything that is drawn.")] = 0,
    threads: Annotated[int, typer.Option("--threads", metavar="N", min=1, help="Threads of all phases.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say how much room a dataset needs: quality against dimensions, bytes and time, and what theory says."""
    from numen.room import FAMILIES, measure_room
    from numen.room.dense import VectorCache, load_model
    from numen.room.report import write_report
    from numen.room.sweep import REFERENCES

    if sample is not None and not known_item:
        raise OptionError("--sample goes with --known-item; the queries of a judged collection are all asked")
    if model is None and (encode is not None or cache is not None):
        raise OptionError("--encode and --cache are about a dense model: name it with --model")
    if report is not None and not report.parent.is_dir():
        raise InputError(f"--report {report}: there is no folder {report.parent}; make it first")
    wanted = None if dims is None else _dims(dims)
    judged = _dataset(dataset, split, known_item, sample, seed)
    vectors = None
    if model is not None:
        vectors = (_called(model), VectorCache(model, lambda: load_model(model, threads), cache))
    with progress_shown(quiet) as progress:
        found = measure_room(
            judged,
            dims=wanted,
            references=REFERENCES if reference is None else reference,
            families=FAMILIES if family is None else family,
            model=vectors,
            by=measure,
            answers=answers,
            free=free,
            encode=encode,
            k=k,
            fields=split_fields(fields),
            skip_missing=skip_missing,
            threads=threads,
            seed=seed,
            progress=progress,
        )
    written = () if report is None else write_report(found, report, _command())
    if as_json:
        print_json(found.to_json())
    else:
        out = console()
        print_room(out, found)
        for path in written:
            out.print(f"written: {path}", markup=False, soft_wrap=True)


def print_room(out: Console, found: Room) -> None:
    """Prints the verdict, the sweep, collisions, bounds and growth, each as a table."""
    queries = f"{found.queries:,} {'query' if found.queries == 1 else 'queries'}"
    documents, judgements = counted(found.documents, "document"), counted(found.judgements, "judgement")
    out.print(f"{found.dataset}: {documents}, {queries}, {judgements}", markup=False)
    out.print()
    for sentence in found.verdict.sentences:
        out.print(sentence, markup=False, soft_wrap=False)
    for title, sizes in (*found.families().items(), ("references", list(found.references))):
        out.print()
        out.print(title, style="bold", markup=False)
        rows = [
            (
                one.name,
                f"{one.measures[found.by]:.4f}",
                f"{one.band[found.by][0]:.3f} to {one.band[found.by][1]:.3f}",
                f"{one.measures['nDCG@10']:.4f}",
                size(one.index_bytes),
                f"{one.latency_ms:.2f}",
            )
            for one in sizes
        ]
        out.print(table(("", found.by, "95 % band", "nDCG@10", "index", "ms"), rows))
    out.print()
    out.print("collisions of n-grams, expected and counted", style="bold")
    rows_of = [
        (
            f"{c.dim:,}",
            f"{c.expected_pairs:,.0f}",
            f"{c.counted_pairs:,}",
            f"{c.expected_shared:.1%}",
            f"{c.counted_shared:.1%}",
        )
        for c in found.collisions
    ]
    out.print(table(("dimensions", "pairs expected", "counted", "share expected", "counted"), rows_of, left=0))
    for bound in found.bounds:
        out.print()
        out.print(bound.title, style="bold", markup=False)
        shown = "; ".join(f"{name}: {_number(value)}" for name, value in bound.figures.items())
        out.print(shown, markup=False)
        out.print(f"{bound.meaning} {bound.assumes}", style="dim", markup=False)
    if found.free:
        out.print()
        out.print("Free vectors, trained on the judgements alone", style="bold")
        shown = "; ".join(f"{one.dim} dimensions: {one.accuracy:.1%}" for one in found.free)
        out.print(f"{shown} of the answers in front.", markup=False)
    if found.growth:
        out.print()
        out.print(f"R@{found.settings['k']} as the collection grows", style="bold")
        sizes_of = [documents for documents, _ in next(iter(found.growth.values()))]
        rows_grown = [(name, *(f"{value:.3f}" for _, value in points)) for name, points in found.growth.items()]
        out.print(table(("documents", *(f"{n:,}" for n in sizes_of)), rows_grown))
    for note in found.notes:
        out.print(f"note: {note}", style="dim", markup=False)


def _called(model: str) -> str:
    """A model's name, without the folders it lies in."""
    path = Path(model)
    if not path.is_dir():
        return model
    return path.parent.name if path.name == "model" else path.name


def _command() -> str:
    """The command line of this process, as one would type it."""
    return shlex.join(["numen", *sys.argv[1:]])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.3g}"


def _dims(given: str) -> list[int]:
    try:
        return [int(part) for part in given.replace("_", "").split(",")]
    except ValueError:
        raise OptionError(f"--dims {given!r}: give whole numbers with commas between, such as 512,4096,32768") from None


def _dataset(name: str, split: str, known: bool, sample: int | None, seed: int) -> Dataset:
    from numen.evaluate import known_item, load_dataset

    if not known:
        return load_dataset(name, split)
    first = read_source(name)  # an error in the name of the source comes now
    documents = first if name == "-" else lambda: read_source(name)
    return known_item(documents, sample, seed, name=f"{name} (known item)")
