"""An MCP server: a language model searches collections and asks why a document was found.

Run it with `python -m numen.doors.mcp DIR ...`; it talks over standard input and output.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numen.errors import InputError, MissingExtra, NumenError
from numen.search import Collection, Explanation

try:
    from mcp.server import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
except ImportError as error:
    raise MissingExtra("mcp", "mcp", "an MCP server") from error

__all__ = ["create_server", "main"]

_MOST_HITS = 50
_PARTS = 12  # of a leg's explanation, the greatest
_TEXT = 2_000  # characters of a hit's text


def create_server(collections: Mapping[str, Collection]) -> MCPServer:
    """A server with the tools `search`, `explain`, `document` and `collections` over these collections, by name."""
    names = ", ".join(collections)
    server = MCPServer("numen", instructions=f"Search in collections of documents: {names}.")

    @contextmanager
    def asked(name: str) -> Generator[Collection]:
        """The collection of this name; what numen says of unfit input is told to the model."""
        if name not in collections:
            raise ToolError(f"no collection {name!r}; there are: {names}")
        try:
            yield collections[name]
        except InputError as error:
            raise ToolError(str(error)) from None

    @server.tool()
    def search(collection: str, query: str, k: int = 10, where: str | None = None) -> list[dict[str, Any]]:
        """The k best documents for a query (typing errors are forgiven), each with id, title, text, score, metadata.

        where: only documents whose metadata fit, such as "year >= 2020 and lang in ['de', 'fr']".
        """
        with asked(collection) as one:
            if not 1 <= k <= _MOST_HITS:
                raise InputError(f"k is {k}; it must be from 1 to {_MOST_HITS}")
            return [
                {
                    "id": hit.id,
                    "title": hit.title,
                    "text": hit.text[:_TEXT],
                    "score": hit.score,
                    "metadata": dict(hit.metadata),
                }
                for hit in one.search(query, k, where=where)
            ]

    @server.tool()
    def explain(collection: str, query: str, id: str) -> dict[str, Any]:
        """Why the document of this id has its score for the query: what each word gave, and which words are missing."""
        with asked(collection) as one:
            return _short(one.explain(query, id))

    @server.tool()
    def document(collection: str, id: str) -> dict[str, Any]:
        """The whole document of this id."""
        with asked(collection) as one:
            found = one.get(id)
            if found is None:
                raise InputError(f"no document has the id {id!r}")
        return {"id": found.id, "title": found.title, "text": found.text, "metadata": dict(found.metadata)}

    @server.tool(name="collections")
    def listed() -> list[dict[str, Any]]:
        """The collections: name, number of documents, and the fields of their metadata, for `where`."""
        return [
            {
                "name": name,
                "documents": len(one),
                "fields": [{"name": field.name, "kinds": list(field.kinds)} for field in one.metadata_fields(0)],
            }
            for name, one in collections.items()
        ]

    return server


def _short(explanation: Explanation) -> dict[str, Any]:
    legs = []
    for leg in explanation.legs:
        parts: list[dict[str, Any]] = (
            [{"word": word.word, "gave": word.contribution, "met": list(word.closest)} for word in leg.words]
            if leg.words
            else [
                {"word": "/".join(part.asked) or part.term, "gave": part.contribution, "met": list(part.found)}
                for part in leg.parts
            ]
        )
        legs.append({**{key: asdict(leg)[key] for key in ("leg", "encoder", "score", "rank", "fused")},
                     "parts": parts[:_PARTS], "missing": list(leg.missing)})  # fmt: skip
    return {"id": explanation.id, "score": explanation.score, "legs": legs}


def main(folders: list[str]) -> int:
    """Serve the collections in these folders, by the folders' names, until standard input ends."""
    if not folders:
        print("usage: python -m numen.doors.mcp DIR ...", file=sys.stderr)
        return 2
    try:
        opened = {Path(folder).resolve().name: Collection.open(folder, read_only=True) for folder in folders}
    except NumenError as error:
        print(f"numen: error: {error}", file=sys.stderr)
        return 2
    create_server(opened).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
