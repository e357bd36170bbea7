"""`numen info`: what a collection holds."""

from __future__ import annotations

from dataclasses import asdict

from numen.cli.options import Folder, Json
from numen.cli.output import console, counted, print_json, size, table

__all__ = ["info"]


def info(folder: Folder, as_json: Json = False) -> None:
    """Show what a collection holds: documents, legs, sizes."""
    from numen.search import Collection

    with Collection.open(folder, read_only=True) as collection:
        held = collection.info()
    if as_json:
        print_json(asdict(held))
        return
    out = console()
    deleted = f", {held.deleted:,} deleted ones not yet swept out" if held.deleted else ""
    rows = [
        ("collection", held.path),
        ("documents", f"{held.documents:,} in {counted(held.segments, 'segment')}{deleted}"),
        ("fields", ", ".join(held.fields)),
        ("on disk", f"index {size(held.bytes_index)}, texts and catalog {size(held.bytes_catalog)}"),
        ("format", f"{held.format}, commit {held.generation:,}"),
    ]
    out.print(table(("", ""), rows, left=2))
    out.print()
    legs = ((leg.name, leg.encoder, f"{leg.terms:,}", f"{leg.postings:,}", size(leg.bytes)) for leg in held.legs)
    out.print(table(("leg", "encoder", "terms", "postings", "size"), legs, left=2))
