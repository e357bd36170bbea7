"""`numen eval`: how good encoders are on a judged collection, what they cost, and whether a difference is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from numen.cli.options import Fields, Json, Quiet, split_fields
from numen.cli.output import console, counted, print_json, size, table
from numen.cli.progress import progress_shown
from numen.errors import InputError, OptionError
from numen.sources import read_source
from numen.types import JSON

if TYPE_CHECKING:
    from numen.evaluate import Comparison, Dataset, Evaluation, System

__all__ = ["comparison_table", "evaluate_dataset", "print_evaluation"]


def evaluate_dataset(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET",
            help="A folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/), a name that ir_datasets knows, or "
            "with --known-item any SOURCE that numen index takes.",
        ),
    ],
    encoder: Annotated[
        list[str] | None,
        typer.Option(
            "--encoder",
            metavar="ENCODER",
            help="auto (if not given), bm25, bm25:LANGUAGE, numen:DIM, dense:MODEL, sparse:MODEL, multi:MODEL and "
            "others; give it again to compare.",
        ),
    ] = None,
    legs: Annotated[
        list[str] | None,
        typer.Option(
            "--legs",
            metavar="LEGS",
            help="Several legs as one system: 'a=bm25,b=numen:32768'; give it again to compare.",
        ),
    ] = None,
    fuse: Annotated[
        list[str] | None,
        typer.Option(
            "--fuse",
            metavar="HOW",
            help="How --legs are fused: rrf, minmax or zscore, with weights as in minmax,a=0.7,b=0.3; give it again to "
            "compare. If not given: minmax with a leg of dense or token vectors, else rrf.",
        ),
    ] = None,
    feedback: Annotated[
        list[str] | None,
        typer.Option(
            "--feedback",
            metavar="HOW",
            help="Ask again with the terms of the first hits: rm3, rocchio, average or none; give it again to compare.",
        ),
    ] = None,
    typos: Annotated[
        float | None,
        typer.Option(
            "--typos",
            metavar="RATE",
            help="Mistype this share of the queries' words of four letters or more, drawn by --seed.",
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many hits of each query are looked at.")] = 100,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="Which judgements: qrels/NAME.tsv.")] = "test",
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="MEASURE", help="As ir_measures writes it, AP or P@5; give it again for more."
        ),
    ] = None,
    known_item: Annotated[
        bool,
        typer.Option("--known-item", help="Measure without judgements: find each document by its first sentence."),
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=1, help="With --known-item: ask N queries, drawn by --seed."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="For the sample, the typos and the paired test.")
    ] = 0,
    identical: Annotated[
        str,
        typer.Option(
            "--identical",
            metavar="RULE",
            help="A hit that is the query itself is dropped where id and text are the same (same), the id is (id, as "
            "BEIR does), or never (keep).",
        ),
    ] = "same",
    fields: Fields = "title,text",
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="FILE", help="Write the run as TREC does; with several encoders one file each."),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", metavar="N", min=1, help="Threads of both phases.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure encoders on a judged collection, or on your own texts."""
    from numen.evaluate import DEFAULT, Typos, evaluate, load_dataset

    systems = _systems(encoder or [], legs or [], fuse or [], feedback or [])
    if sample is not None and not known_item:
        raise OptionError("--sample goes with --known-item; the queries of a judged collection are all asked")
    if run is not None and not run.parent.is_dir():
        raise InputError(f"--run {run}: there is no folder {run.parent}; make it first")
    judged = _known_item(dataset, sample, seed) if known_item else load_dataset(dataset, split)
    with progress_shown(quiet) as progress:
        evaluation = evaluate(
            judged,
            systems,
            k=k,
            threads=threads,
            measures=measure or DEFAULT,
            identical=identical,
            fields=split_fields(fields),
            typos=None if typos is None else Typos(typos, seed),
            progress=progress,
        )
    written = _write_runs(evaluation, run) if run is not None else []
    if as_json:
        print_json(_json(evaluation, seed))
        return
    out = console()
    print_evaluation(out, evaluation, seed)
    for path in written:
        out.print(f"run written: {path}", markup=False, soft_wrap=True)


def _systems(encoders: list[str], legs: list[str], fuse: list[str], feedback: list[str]) -> list[System]:
    """Each encoder and each set of legs, with each kind of fusion and of feedback."""
    from numen.encode import DEFAULT
    from numen.evaluate import System

    if fuse and not legs:
        raise OptionError("--fuse goes with --legs: a single encoder has nothing to be fused with")
    fed = feedback or ["none"]
    plain = encoders or ([] if legs else [DEFAULT])
    ways: list[str | None] = [*fuse] or [None]
    return [System.of(one, None, back) for one in plain for back in fed] + [
        System.of(one, how, back) for one in legs for how in ways for back in fed
    ]


def print_evaluation(out: Console, evaluation: Evaluation, seed: int = 0) -> None:
    """Prints the measures, the comparisons with the first encoder, and the costs, each as a table."""
    queries = f"{evaluation.queries:,} {'query' if evaluation.queries == 1 else 'queries'}"
    documents, judgements = counted(evaluation.documents, "document"), counted(evaluation.judgements, "judgement")
    out.print(f"{evaluation.dataset}: {documents}, {queries}, {judgements}", markup=False)
    out.print()
    names = list(evaluation.results[0].measures)
    rows = [(result.encoder, *(f"{result.measures[name]:.4f}" for name in names)) for result in evaluation.results]
    out.print(table(("encoder", *names), rows))
    if evaluation.typos is not None:
        out.print()
        title = f"kept of what the queries give without typing errors (rate {evaluation.typos.rate:g})"
        out.print(title, style="bold", markup=False)
        kept = [(r.encoder, *(f"{(r.kept or {})[name]:.1%}" for name in names)) for r in evaluation.results]
        out.print(table(("encoder", *names), kept))
    for encoder, comparisons in _comparisons(evaluation, seed).items():
        out.print()
        out.print(f"{encoder} against {evaluation.results[0].encoder}, query by query", style="bold", markup=False)
        out.print(comparison_table(comparisons))
    out.print()
    costs = [
        (
            result.encoder,
            f"{result.documents_per_second:,.0f}",
            f"{result.queries_per_second:,.0f}",
            f"{result.latency_ms['p50']:.2f}",
            f"{result.latency_ms['p99']:.2f}",
            size(result.index_bytes),
            size(result.peak_rss_bytes),
        )
        for result in evaluation.results
    ]
    out.print(table(("encoder", "documents/s", "queries/s", "ms p50", "ms p99", "index", "memory"), costs))
    for note in evaluation.notes:
        out.print(f"note: {note}", style="dim", markup=False)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """A table of two runs compared, a line a measure."""
    rows = [(c.measure, f"{c.difference:+.4f}", c.won, c.lost, c.tied, _p(c.p)) for c in comparisons]
    return table(("measure", "difference", "won", "lost", "tied", "p"), rows)


def _known_item(source: str, sample: int | None, seed: int) -> Dataset:
    from numen.evaluate import known_item

    first = read_source(source)  # an error in the name of the source comes now
    documents = first if source == "-" else lambda: read_source(source)
    return known_item(documents, sample, seed, name=f"{source} (known item)")


def _comparisons(evaluation: Evaluation, seed: int) -> dict[str, Sequence[Comparison]]:
    """For each encoder but the first, how it stands to the first."""
    from numen.evaluate import compare

    first, *others = (result.encoder for result in evaluation.results)
    return {other: compare(evaluation.measured[first], evaluation.measured[other], seed) for other in others}


def _json(evaluation: Evaluation, seed: int) -> dict[str, JSON]:
    first = evaluation.results[0].encoder
    comparisons = [
        {"encoder": other, "against": first, **asdict(comparison)}
        for other, compared in _comparisons(evaluation, seed).items()
        for comparison in compared
    ]
    return {**evaluation.to_json(), "comparisons": comparisons}


def _write_runs(evaluation: Evaluation, path: Path) -> list[Path]:
    """Writes one TREC run per encoder and gives the paths; of several encoders, each goes into the name of its file."""
    from numen.evaluate import write_run

    written = []
    for encoder, run in evaluation.runs.items():
        tag = re.sub(r"[^\w.+=,-]", "-", encoder)
        target = path if len(evaluation.runs) == 1 else path.with_name(f"{path.stem}.{tag}{path.suffix}")
        write_run(run, target, tag=tag)
        written.append(target)
    return written


def _p(p: float) -> str:
    return f"{p:.4f}" if p >= 0.001 else "< 0.001"
