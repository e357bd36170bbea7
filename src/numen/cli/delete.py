"""`numen delete`: documents out of a collection, by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from numen.cli.options import Folder, Json
from numen.cli.output import console, counted, print_json, safe
from numen.errors import InputError, OptionError

__all__ = ["delete"]

_SHOWN = 10  # unknown ids that are printed; --json has them all


def delete(
    folder: Folder,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="The ids of the documents.")] = None,
    ids_from: Annotated[
        str | None,
        typer.Option("--ids-from", metavar="FILE", help="A file with one id a line; '-' for standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Delete documents by their ids; ids that are not there are named."""
    from numen.search import Collection

    if not ids and ids_from is None:
        raise OptionError(f"no id given; as in: numen delete {folder} ID, or --ids-from FILE")
    wanted = dict.fromkeys([*(ids or ()), *(_ids_in(ids_from) if ids_from is not None else ())])
    with Collection.open(folder) as collection:
        unknown = [identifier for identifier in wanted if identifier not in collection]
        deleted = collection.delete(wanted)
        left = len(collection)
    if as_json:
        print_json({"path": str(folder), "deleted": deleted, "unknown": unknown, "documents": left})
        return
    out = console()
    out.print(f"{counted(deleted, 'document')} deleted, {left:,} left", soft_wrap=True)
    if unknown:
        shown = ", ".join(safe(repr(identifier)) for identifier in unknown[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
        out.print(f"{counted(len(unknown), 'id')} not there: {shown}{more}", markup=False, soft_wrap=True)


def _ids_in(source: str) -> Sequence[str]:
    """The lines of a file or of standard input, without their ends; empty lines are passed over."""
    try:
        content = typer.get_binary_stream("stdin").read() if source == "-" else Path(source).read_bytes()
        lines = content.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: invalid UTF-8 at offset {error.start}; save the file as UTF-8") from None
    return [line.removesuffix("\r") for line in lines if line.removesuffix("\r")]
