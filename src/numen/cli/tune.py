"""`numen tune`: parameters chosen on some judged queries, and what they are worth on others."""

from __future__ import annotations

from dataclasses import fields as fields_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from numen.cli.eval import comparison_table
from numen.cli.options import Fields, Json, Quiet, split_fields
from numen.cli.output import console, counted, print_json, table
from numen.cli.progress import progress_shown
from numen.errors import OptionError

if TYPE_CHECKING:
    from numen.evaluate import Blended, System, Tuning

__all__ = ["print_blended", "print_tuning", "tune_system"]

_BEST = 5  # settings, or features, that get a line


def tune_system(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="A folder in BEIR layout, or a name that ir_datasets knows, as numen eval takes it."
        ),
    ],
    encoder: Annotated[
        str | None, typer.Option("--encoder", metavar="ENCODER", help="What is tuned; auto if not given.")
    ] = None,
    legs: Annotated[
        str | None, typer.Option("--legs", metavar="LEGS", help="Or several legs: 'a=bm25,b=numen:32768'.")
    ] = None,
    split: Annotated[
        str, typer.Option("--split", metavar="NAME", help="Which judgements are reported on: qrels/NAME.tsv.")
    ] = "test",
    train_split: Annotated[
        str | None,
        typer.Option(
            "--train-split", metavar="NAME", help="Which are chosen by; if not given, a part of those of --split."
        ),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option("--share", metavar="X", help="Without --train-split: which share to choose by; 0.5 if not given."),
    ] = None,
    measure: Annotated[
        str, typer.Option("--measure", metavar="MEASURE", help="What to choose by, as ir_measures writes it.")
    ] = "nDCG@10",
    blend: Annotated[
        Path | None,
        typer.Option(
            "--blend", metavar="FILE", help="Learn trees over what all legs say instead, and write them to FILE."
        ),
    ] = None,
    fuse: Annotated[
        str | None,
        typer.Option(
            "--fuse", metavar="HOW", help="With --blend: what the trees are compared with; minmax if not given."
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many hits of each query are looked at.")] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="For the parts and the paired test.")] = 0,
    fields: Fields = "title,text",
    threads: Annotated[int, typer.Option("--threads", metavar="N", min=1, help="Threads of both phases.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Choose BM25's parameters, fusion and feedback on judged queries, and report on held-out ones."""
    from numen.encode import DEFAULT
    from numen.evaluate import System, apart, halves, learn_blend, load_dataset, tune

    if encoder is not None and legs is not None:
        raise OptionError("--encoder and --legs are both given; name the encoder as one of the legs")
    if train_split is not None and share is not None:
        raise OptionError("--share draws the training queries from --split; with --train-split they are given")
    if fuse is not None and blend is None:
        raise OptionError("--fuse says what --blend is compared with; numen tune tries every fusion by itself")
    if blend is not None and (blend.is_dir() or not blend.absolute().parent.is_dir()):
        raise OptionError(f"--blend {blend} cannot be written: name a file in a folder that is there")
    held_out = load_dataset(dataset, split)
    if train_split is None:
        train, held_out = halves(held_out, 0.5 if share is None else share, seed)
    else:
        train = apart(load_dataset(dataset, train_split), held_out)
    if blend is not None:
        with progress_shown(quiet) as progress:
            blended = learn_blend(
                train,
                held_out,
                System.of(legs or encoder or DEFAULT, fuse or "minmax"),
                by=measure,
                k=k,
                fields=split_fields(fields),
                seed=seed,
                threads=threads,
                progress=progress,
            )
        blended.blend.save(blend)
        if as_json:
            print_json({"blend": blended.to_json()})
        else:
            print_blended(console(), blended, blend)
        return
    with progress_shown(quiet) as progress:
        tuning = tune(
            train,
            held_out,
            System.of(legs or encoder or DEFAULT),
            by=measure,
            k=k,
            fields=split_fields(fields),
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if as_json:
        print_json(tuning.to_json())
    else:
        print_tuning(console(), tuning)


def print_blended(out: Console, blended: Blended, path: Path) -> None:
    """Prints what the trees are worth on the held-out queries, what they look at, and where they are."""
    queries = f"learned from {_queries(blended.train_queries)}, reported on {blended.held_out_queries:,} others"
    out.print(f"{blended.dataset}: {counted(blended.trees, 'tree')}, {queries}", markup=False)
    out.print()
    out.print(Text(f"the blend against {blended.system.name}, on the held-out queries", "bold"))
    out.print(comparison_table(blended.comparisons))
    out.print("p: two-sided paired randomisation test, 10,000 permutations", style="dim")
    out.print()
    first = list(blended.blend.importances().items())[:_BEST]
    out.print(table(("what it looks at", "share of the gain"), [(name, f"{share:.2f}") for name, share in first]))
    out.print()
    verdict = "Better than fusion" if blended.better else "Not surely better than fusion"
    how = f"numen.search.Blend.load({str(path)!r}).rank_many(collection, queries)"
    out.print(f"{verdict}. Written to {path}; to search with it: {how}", markup=False, soft_wrap=True)


def print_tuning(out: Console, tuning: Tuning) -> None:
    """Prints the best settings on the training queries, the chosen one's worth on the others, and how to use it."""
    queries = f"chosen on {_queries(tuning.train_queries)}, reported on {tuning.held_out_queries:,} others"
    out.print(f"{tuning.dataset}: {counted(len(tuning.tried), 'setting')}, {queries}", markup=False)
    out.print()
    best = sorted(tuning.tried, key=lambda one: -one.value)[:_BEST]
    shown = best if tuning.start in best else [*best, tuning.start]
    rows = [(one.system.name, f"{one.value:.4f}", "as it was" if one == tuning.start else "") for one in shown]
    out.print(table(("training queries", tuning.measure, ""), rows))
    out.print()
    if tuning.chosen == tuning.start:
        out.print(f"Nothing did better than {tuning.start.system.name} as it is.", markup=False, soft_wrap=True)
        return
    out.print(Text(f"{tuning.chosen.system.name} against {tuning.start.system.name}, on the held-out queries", "bold"))
    out.print(comparison_table(tuning.comparisons))
    out.print("p: two-sided paired randomisation test, 10,000 permutations", style="dim")
    out.print()
    if tuning.better:
        verdict = f"Better on queries it was not chosen by. To search so: {options(tuning.chosen.system)}"
    elif tuning.comparisons[0].difference > 0:
        verdict = "Better on queries it was not chosen by, but that may be chance: stay with what there is."
    else:
        verdict = "Not better on queries it was not chosen by: stay with what there is."
    out.print(verdict, markup=False, soft_wrap=True)


def options(system: System) -> str:
    """The options of `numen search` that the system stands for."""
    out = []
    if system.bm25 is not None:
        from numen.encode.bm25 import BM25

        for field in fields_of(BM25):
            if (value := getattr(system.bm25, field.name)) != field.default:
                out.append(f"--{field.name} {value}")
        out = out or [f"--k1 {system.bm25.k1}"]
    if len(system.legs) > 1:
        out.append(f"--fuse {system.fusion.spec}")
    if system.feedback is not None:
        out.append(f"--feedback {system.feedback.spec}")
    return " ".join(out)


def _queries(n: int) -> str:
    return f"{n:,} {'query' if n == 1 else 'queries'}"
