"""`numen serve`: collections over HTTP, with a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from numen.cli.output import console
from numen.errors import InputError

if TYPE_CHECKING:
    from numen.search import Collection

__all__ = ["serve"]


def serve(
    folders: Annotated[
        list[str],
        typer.Argument(metavar="DIR ...", help="Folders of collections; NAME=DIR serves one under another name."),
    ],
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Where to listen; any other than this machine takes --keys."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 for any free one.")] = 8080,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FILE", help="API keys: a line each, `read KEY` or `write KEY`."),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nothing can be changed over HTTP.")] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A further name by which it may be called; once for each."),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=N", help="Another limit than usual, such as k=100; once for each."),
    ] = None,
    log_queries: Annotated[
        bool, typer.Option("--log-queries", help="Write the text of queries to the log too.")
    ] = False,
) -> None:
    """Serve collections over HTTP, with a page to search them."""
    from numen.serve import Keys, Limits, Log, check_listening
    from numen.serve import serve as run

    allowed = Keys.read(keys) if keys is not None else Keys()
    limits = Limits.of(limit or [])
    check_listening(host, allowed)
    places = _named(folders)
    opened: dict[str, Collection] = {}
    try:
        for name, folder in places.items():
            opened[name] = _opened(folder, read_only=read_only)

        def began(address: str) -> None:
            console(stderr=True).print(
                f"numen serves {', '.join(places)} at {address}   (Ctrl-C stops it)", markup=False, soft_wrap=True
            )

        run(
            opened,
            host=host,
            port=port,
            keys=allowed,
            limits=limits,
            hosts=allow_host or [],
            read_only=read_only,
            log=Log(queries=log_queries),
            began=began,
        )
    finally:
        for collection in opened.values():
            collection.close()


def _named(folders: list[str]) -> dict[str, Path]:
    """The folders by the names that they are served under; InputError where two have the same."""
    out: dict[str, Path] = {}
    for given in folders:
        match = re.fullmatch(r"([A-Za-z0-9_.-]+)=(.+)", given)
        folder = Path(match[2]) if match and not Path(given).exists() else Path(given)
        name = match[1] if match and not Path(given).exists() else folder.resolve().name
        if name in out:
            raise InputError(f"two collections would be served as {name!r}; name one with NAME=DIR")
        out[name] = folder
    return out


def _opened(folder: Path, *, read_only: bool) -> Collection:
    from numen.search import Collection

    return Collection.open(folder, read_only=read_only)
