"""Documents over HTTP: one, several, streamed; all of them or none."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from numen import Collection
from numen.serve import Limits

Run = Callable[..., None]
ODD = f"/collections/c/documents/{quote('a/b ü?', safe='')}"


def test_a_document_is_got_put_and_deleted_by_any_id(talk: Run) -> None:
    async def what(server: Any) -> None:
        client = server.client
        assert (await client.get(ODD)).json() == {
            "id": "a/b ü?",
            "title": "",
            "text": "An odd id with a slash",
            "metadata": {"lang": "en"},
        }
        put = await client.put(ODD, json={"text": "zebra", "title": None, "shelf": 3})
        assert (put.json()["added"], put.json()["replaced"]) == (0, 1)
        found = await client.post("/collections/c/search", json={"query": "zebra", "legs": ["words"]})
        assert [(hit["id"], hit["metadata"]) for hit in found.json()["hits"]] == [("a/b ü?", {"shelf": 3})]
        assert (await client.delete(ODD)).json() == {"deleted": 1}
        assert (await client.get(ODD)).status_code == (await client.delete(ODD)).status_code == 404
        other = await client.put("/collections/c/documents/x", json={"id": "y", "text": "z"})
        assert other.status_code == 422
        assert "otherwise" in other.json()["error"]["message"]

    talk(what)


def test_several_documents_are_one_commit(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        client = server.client
        before = collection.info().generation
        bad = [{"id": "n1", "text": "new"}, {"id": "n2"}]
        refused = await client.post("/collections/c/documents", json={"documents": bad})
        assert refused.status_code == 422
        assert "documents[1]" in refused.json()["error"]["message"]
        assert collection.info().generation == before
        good = [{"id": "n1", "text": "new"}, {"_id": 7, "text": "seven"}, {"id": "d1", "text": "again"}]
        report = (await client.post("/collections/c/documents", json={"documents": good})).json()
        assert (report["added"], report["replaced"]) == (2, 1)
        assert collection.info().generation == before + 1
        got = await client.post("/collections/c/get_many", json={"ids": ["7", "nobody"]})
        assert [one and one["text"] for one in got.json()["documents"]] == ["seven", None]
        gone = await client.post("/collections/c/delete_many", json={"ids": ["7", "n1", "nobody"]})
        assert gone.json() == {"deleted": 2}

    talk(what)


LINES = {"content-type": "application/x-ndjson"}


def test_json_lines_stream_in_and_out(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        client = server.client

        async def body() -> AsyncIterator[bytes]:
            for number in range(450):
                yield json.dumps({"_id": f"s{number}", "text": f"streamed {number}", "n": number}).encode() + b"\n"

        first = list(collection.documents())
        report = await client.post("/collections/c/documents?commit_every=200", content=body(), headers=LINES)
        assert report.json()["added"] == 450
        out = await client.get("/collections/c/documents")
        assert out.headers["content-type"].startswith("application/x-ndjson")
        documents = [json.loads(line) for line in out.text.splitlines()]
        assert [one["id"] for one in documents] == [*(one.id for one in first), *(f"s{n}" for n in range(450))]
        assert documents[-1]["metadata"] == {"n": 449}
        assert len((await client.get("/collections/c/documents?limit=3")).text.splitlines()) == 3
        again = b"".join(
            json.dumps({"id": f"s{n}", "text": f"streamed {n}", "n": n}).encode() + b"\n" for n in range(9)
        )
        resumed = await client.post("/collections/c/documents?resume=true", content=again, headers=LINES)
        assert resumed.json()["unchanged"] == 9

    talk(what)


def test_a_bad_line_changes_nothing_and_is_named(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        body = b'{"id": "s1", "text": "fine"}\n{"id": "s2"}\n'
        refused = await server.client.post("/collections/c/documents", content=body, headers=LINES)
        assert refused.status_code == 422
        assert refused.json()["error"]["message"].startswith("body, line 2: ")
        assert collection.get("s1") is None

    talk(what)


def test_changes_wait_for_the_one_writer(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        puts = (server.client.put(f"/collections/c/documents/p{n}", json={"text": "x"}) for n in range(20))
        assert [answer.status_code for answer in await asyncio.gather(*puts)] == [200] * 20
        assert len(collection) == 24

    talk(what)


def test_a_writer_elsewhere_is_waited_for_and_then_told(tmp_path: Path, serving: Any) -> None:
    Collection.create(tmp_path / "c").close()
    here, elsewhere = Collection.open(tmp_path / "c"), Collection.open(tmp_path / "c")
    go_on, writing = threading.Event(), threading.Event()

    def slowly() -> Any:
        yield {"id": "1", "text": "one"}
        writing.set()
        go_on.wait()

    thread = threading.Thread(target=lambda: elsewhere.add(slowly()))
    thread.start()
    writing.wait()

    async def whole() -> None:
        async with serving({"c": here}, limits=Limits(write_patience=0.1)) as server:
            busy = await server.client.put("/collections/c/documents/2", json={"text": "two"})
            assert (busy.status_code, busy.json()["error"]["code"]) == (409, "writer_busy")
            assert int(busy.headers["retry-after"]) >= 1
            assert str(tmp_path) not in busy.text
            go_on.set()
            thread.join()
            done = await server.client.put("/collections/c/documents/2", json={"text": "two"})
            assert done.status_code == 200

    try:
        asyncio.run(whole())
    finally:
        go_on.set()
        thread.join()
        elsewhere.close()


@pytest.mark.parametrize("how", [{"read_only": True}, {"keys": {"r" * 20: "read"}}])
def test_what_may_only_read_changes_nothing(how: dict[str, Any], collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        headers = {"authorization": f"Bearer {'r' * 20}"}
        for method, path, body in (
            ("PUT", "documents/x", {"text": "x"}),
            ("DELETE", "documents/d1", None),
            ("POST", "documents", {"documents": []}),
            ("POST", "delete_many", {"ids": ["d1"]}),
        ):
            answer = await server.client.request(method, f"/collections/c/{path}", json=body, headers=headers)
            assert answer.status_code == 403, path
        stream = await server.client.post(
            "/collections/c/documents", content=b'{"id":"x","text":"x"}', headers={**headers, **LINES}
        )
        assert stream.status_code == 403
        assert len(collection) == 4
        info = (await server.client.get("/collections/c", headers=headers)).json()
        assert info["writable"] is False

    talk(what, **how)
