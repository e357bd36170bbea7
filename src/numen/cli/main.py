"""The command `numen`: its commands in a sensible order, and one clear line for everything that goes wrong."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from numen import __version__
from numen.cli.add import add
from numen.cli.check import check
from numen.cli.compact import compact
from numen.cli.delete import delete
from numen.cli.demo import demo
from numen.cli.eval import evaluate_dataset
from numen.cli.index import index
from numen.cli.info import info
from numen.cli.limit import make_limit
from numen.cli.room import room
from numen.cli.search import search
from numen.cli.serve import serve
from numen.cli.tune import tune_system
from numen.errors import NumenError

__all__ = ["app", "main"]

_BAD_INPUT, _STOPPED, _BROKEN_PIPE = 2, 130, 141  # exit codes; the last two are 128 + SIGINT and 128 + SIGPIPE

_EPILOG = "\n".join(
    (
        "Examples:",
        "  numen demo",
        "  numen index corpus.jsonl --into papers",
        "  numen search papers 'boundary layer' -k 5",
        "  numen serve papers",
        "  numen eval scifact/ --encoder numen:32768 --encoder bm25",
    )
)


class _Commands(TyperGroup):
    """The group of all commands, which turns what is raised inside one into a line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (NumenError, OSError, KeyboardInterrupt) as error:
            if os.environ.get("NUMEN_TRACEBACK") == "1":
                raise
            raise typer.Exit(_reported(error)) from None


def _reported(error: BaseException) -> int:
    """The exit code for `error`, once it is said on standard error."""
    if isinstance(error, BrokenPipeError):  # the reader, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails once more
        return _BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        typer.echo(f"numen: stopped; {str(error) or 'nothing was changed'}", err=True)
        return _STOPPED
    typer.echo(f"numen: error: {error}", err=True)
    return _BAD_INPUT


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"numen {__version__}")
        raise typer.Exit


@app.callback()
def numen(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Exact, updatable search with the evaluation beside it."""


app.command()(demo)
app.command()(index)
app.command()(add)
app.command()(delete)
app.command()(compact)
app.command()(search)
app.command()(serve)
app.command()(info)
app.command()(check)
app.command("eval")(evaluate_dataset)
app.command("tune")(tune_system)
app.command()(room)
app.command("limit")(make_limit)


def main() -> None:
    """Runs the command line of this process and ends it: 0 done, 1 problems found, 2 bad input, 130 stopped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character is no reason to fail
    app(prog_name="numen")


if __name__ == "__main__":
    main()
