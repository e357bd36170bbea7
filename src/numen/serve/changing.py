"""The operations on documents: get, add, replace, delete, and all of them as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import ASGIApp

from numen.search import Collection
from numen.serve.answers import document_json, report_json, to_bytes
from numen.serve.bodies import LINES, spooled
from numen.serve.operation import Ask
from numen.serve.refusal import Refusal
from numen.serve.searching import json_response
from numen.types import AddReport, Document

__all__ = ["add", "delete", "delete_many", "every", "get", "get_many", "put"]

_AT_ONCE = 200  # documents of one part of a stream


async def get(ask: Ask) -> ASGIApp:
    """One document."""
    hosted, id = ask.service.of(ask.path["collection"]), ask.path["id"]
    document = await ask.service.search(lambda: hosted.collection.get(id))
    if document is None:
        raise _unknown(id)
    return json_response(document_json(document))


async def get_many(ask: Ask) -> ASGIApp:
    """Several documents; null for an id that is not there."""
    hosted, ids = ask.service.of(ask.path["collection"]), ask.body["ids"]

    def work() -> list[Any]:
        found = map(hosted.collection.get, ids)
        return [None if one is None else document_json(one) for one in found]

    return json_response({"documents": await ask.service.search(work)})


async def every(ask: Ask) -> ASGIApp:
    """Every document as JSON lines, in the order of adding: those of one commit."""
    hosted, limit = ask.service.of(ask.path["collection"]), ask.parameters["limit"]
    source = hosted.collection.documents()
    documents: Iterator[Document] = islice(source, limit)

    def part() -> bytes:
        return b"".join(to_bytes(document_json(one)) + b"\n" for one in islice(documents, _AT_ONCE))

    first = await ask.service.export(part)

    async def parts() -> AsyncIterator[bytes]:
        some = first
        try:
            while some:
                yield some
                some = await ask.service.export(part)
        finally:
            with suppress(ValueError):  # a thread is still reading; then it goes with the last one who holds it
                source.close()

    return StreamingResponse(parts(), media_type=LINES)


async def put(ask: Ask) -> ASGIApp:
    """One document, new or in the place of the one of this id."""
    hosted, id = ask.service.of(ask.path["collection"]), ask.path["id"]
    for key in ("_id", "id"):
        if ask.body.pop(key, id) != id:
            raise Refusal("unfit", f"the path says that the id is {id!r}, and {key} of the body says otherwise")
    document = {**ask.body, "_id": id}
    report = await ask.service.change(hosted, lambda: _added(hosted.collection, [document]))
    return json_response(report_json(report))


async def add(ask: Ask) -> ASGIApp:
    """Documents of a JSON body or of JSON lines: one commit, all of them or none."""
    hosted = ask.service.of(ask.path["collection"])
    if ask.body is not None:
        documents = ask.body["documents"]
        report = await ask.service.change(hosted, lambda: _added(hosted.collection, documents))
        return json_response(report_json(report))
    ask.service.check_changes()
    how = ask.parameters
    async with spooled(ask.request, ask.service.limits) as path:
        report = await ask.service.change(hosted, lambda: _streamed(hosted.collection, path, how))
    return json_response(report_json(report))


async def delete(ask: Ask) -> ASGIApp:
    """One document less."""
    hosted, id = ask.service.of(ask.path["collection"]), ask.path["id"]
    deleted = await ask.service.change(hosted, lambda: hosted.collection.delete([id]))
    if not deleted:
        raise _unknown(id)
    return json_response({"deleted": deleted})


async def delete_many(ask: Ask) -> ASGIApp:
    """Several documents less; ids that are not there are no error."""
    hosted, ids = ask.service.of(ask.path["collection"]), ask.body["ids"]
    return json_response({"deleted": await ask.service.change(hosted, lambda: hosted.collection.delete(ids))})


def _added(collection: Collection, given: list[dict[str, Any]]) -> AddReport:
    from numen.search.carried import Carried
    from numen.sources import document_from

    carried = Carried(map(document_from, given), collection.legs)
    return collection.add(carried.documents, vectors=carried.vectors, threads=1)


def _streamed(collection: Collection, path: Path, how: Any) -> AddReport:
    from numen.search.carried import Carried
    from numen.sources.jsonl import read_jsonl

    carried = Carried(read_jsonl(path, name="body"), collection.legs)
    return collection.add(
        carried.documents,
        vectors=carried.vectors,
        threads=1,
        commit_every=how["commit_every"],
        resume=how["resume"],
    )


def _unknown(id: str) -> Refusal:
    return Refusal("unknown_document", f"no document has the id {id!r}")
