"""What is refused, how it is said, and what every answer carries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from numen import Collection
from numen.errors import InputError
from numen.serve import Limits

Run = Callable[..., None]
SEARCH = "/collections/c/search"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"{", "bad_json", "column 2"),
        (b'{"query": NaN}', "bad_json", "NaN"),
        (b"\xff", "bad_json", "UTF-8"),
        (b"[" * 100_000, "bad_json", "too deeply"),
        (b'{"query": "x", "k": ' + b"9" * 5000 + b"}", "bad_json", "digits"),
        (b"[]", "unfit", "an object"),
        (b"{}", "unfit", "query is missing"),
        (b'{"query": 3}', "unfit", "a string"),
        (b'{"query": "x", "k": -1}', "unfit", "0 or more"),
        (b'{"query": "x", "k": 1.5}', "unfit", "whole number"),
        (b'{"query": "x", "k": true}', "unfit", "whole number"),
        (b'{"query": "x", "k": 1001}', "k_too_large", "1,000"),
        (b'{"query": "x", "fuze": 1}', "unfit", "did you mean 'fuse'"),
        (b'{"query": "x", "legs": []}', "unfit", "at least 1"),
        (b'{"query": "x", "legs": ["word"]}', "unfit", "did you mean 'words'"),
        (b'{"query": "x", "fuse": "rff"}', "unfit", "did you mean 'rrf'"),
        (b'{"query": "x", "feedback": "rm4"}', "unfit", "rm3"),
        (b'{"query": "x", "bm25": {"b": 2}}', "unfit", "bm25.b"),
        (b'{"query": "x", "where": "yaer > 3"}', "unfit", "did you mean 'year'"),
        (b'{"query": "x", "where": "year >"}', "unfit", "character"),
        (b'{"query": "x", "where": []}', "unfit", "a string or an object"),
        (b'{"query": "' + b"x" * 10_001 + b'"}', "query_too_long", "10,000"),
    ],
)
def test_unfit_searches_are_refused_with_a_code_and_a_reason(body: bytes, code: str, said: str, talk: Run) -> None:
    async def what(server: Any) -> None:
        answer = await server.client.post(SEARCH, content=body, headers={"content-type": "application/json"})
        error = answer.json()["error"]
        assert (answer.status_code // 100, error["code"]) == (4, code)
        assert said in error["message"]
        assert error["request_id"] == answer.headers["x-request-id"]

    talk(what)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "unknown_path"),
        ("GET", "/collections/other", 404, "unknown_collection"),
        ("GET", "/collections/c/documents/nobody", 404, "unknown_document"),
        ("GET", "/page/../../../etc/passwd", 404, "unknown_path"),
        ("GET", "/page/..%2f..%2fapp.py", 404, "unknown_path"),
        ("GET", "/page/%00", 404, "unknown_path"),
        ("GET", SEARCH, 405, "wrong_method"),
        ("PATCH", "/collections/c/documents/d1", 405, "wrong_method"),
        ("POST", "/", 405, "wrong_method"),
        ("GET", "/collections/c/documents?limit=0", 422, "unfit"),
        ("GET", "/collections/c/documents?limit=1&limit=2", 422, "unfit"),
        ("GET", "/collections/c/documents?lim=1", 422, "unfit"),
        ("GET", "/" + "x" * 9000, 414, "target_too_long"),
    ],
)
def test_wrong_addresses_are_refused(method: str, path: str, status: int, code: str, talk: Run) -> None:
    async def what(server: Any) -> None:
        answer = await server.client.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        if status == 405:
            assert answer.headers["allow"]

    talk(what)


def test_bodies_are_bounded_in_size_and_time(talk: Run) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 1000

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(3600)

    async def what(server: Any) -> None:
        client, kind = server.client, {"content-type": "application/json"}
        for body in (b" " * 20_000, endless()):
            answer = await client.post(SEARCH, content=body, headers=kind)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
        slow = await client.post(SEARCH, content=stuck(), headers=kind)
        assert (slow.status_code, slow.json()["error"]["code"]) == (408, "body_too_slow")
        lines = {"content-type": "application/x-ndjson"}
        answer = await client.post("/collections/c/documents", content=endless(), headers=lines)
        assert answer.status_code == 413
        wrong = await client.post(SEARCH, content=b"{}", headers={"content-type": "text/plain"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (415, "wrong_content_type")
        batch = await client.post("/collections/c/search_many", json={"queries": ["x"] * 5})
        assert batch.json()["error"]["code"] == "batch_too_large"

    talk(what, limits=Limits(body=10_000, stream=50_000, slow=0.05, batch=4))


def test_every_answer_has_the_headers_of_safety_and_an_id(talk: Run) -> None:
    async def what(server: Any) -> None:
        for path in ("/", "/health", "/nowhere", "/page/app.js"):
            headers = (await server.client.get(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
            assert headers["x-request-id"]
        given = await server.client.get("/health", headers={"x-request-id": "abc-1"})
        assert given.headers["x-request-id"] == "abc-1"
        odd = await server.client.get("/health", headers={"x-request-id": 'a b"<'})
        assert odd.headers["x-request-id"] != 'a b"<'

    talk(what)


def test_other_names_and_other_origins_are_refused(talk: Run) -> None:
    async def what(server: Any) -> None:
        client = server.client
        for host in ("evil.example", "127.0.0.1.evil.example", ""):
            answer = await client.get("/collections", headers={"host": host})
            assert (answer.status_code, answer.json()["error"]["code"]) == (421, "wrong_host")
        for host in ("localhost:8080", "127.0.0.1", "[::1]:8080"):
            assert (await client.get("/collections", headers={"host": host})).status_code == 200
        foreign = await client.get("/collections", headers={"origin": "http://evil.example"})
        assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "foreign_origin")
        own = await client.get("/collections", headers={"origin": "http://127.0.0.1:8080"})
        assert own.status_code == 200

    talk(what)


READ, WRITE = "r" * 24, "w" * 24


def test_keys_give_the_right_to_read_or_to_write(talk: Run) -> None:
    async def what(server: Any) -> None:
        client = server.client

        async def status(method: str, path: str, key: str | None, body: Any = None) -> tuple[int, str]:
            headers = {} if key is None else {"authorization": f"Bearer {key}"}
            answer = await client.request(method, path, json=body, headers=headers)
            return answer.status_code, answer.json().get("error", {}).get("code", "")

        query, document = {"query": "layer"}, {"text": "x"}
        assert await status("POST", SEARCH, None, query) == (401, "no_key")
        assert await status("POST", SEARCH, "x" * 24, query) == (401, "wrong_key")
        assert await status("POST", SEARCH, READ, query) == (200, "")
        assert await status("PUT", "/collections/c/documents/n", READ, document) == (403, "read_only_key")
        assert await status("PUT", "/collections/c/documents/n", WRITE, document) == (200, "")
        assert await status("GET", "/metrics", None) == (401, "no_key")
        assert (await client.get("/health")).status_code == (await client.get("/")).status_code == 200
        basic = await client.get("/collections", headers={"authorization": f"Basic {READ}"})
        assert (basic.status_code, basic.headers["www-authenticate"]) == (401, "Bearer")

    talk(what, keys={READ: "read", WRITE: "write"})


def test_what_goes_wrong_inside_is_told_in_the_log_alone(collection: Collection, talk: Run) -> None:
    async def what(server: Any) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("secret in /etc/passwd")

        collection.search = broken  # type: ignore[method-assign, assignment]
        answer = await server.client.post(SEARCH, json={"query": "layer"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "broken")
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        (line,) = [line for line in server.lines if line["event"] == "error"]
        assert "secret in /etc/passwd" in line["error"]
        assert "Traceback" in line["trace"]
        assert line["request_id"] == answer.headers["x-request-id"]

    talk(what)


@pytest.mark.parametrize("asked", [True, False])
def test_the_log_has_queries_only_if_asked(asked: bool, talk: Run) -> None:
    async def what(server: Any) -> None:
        await server.client.post(SEARCH, json={"query": "confidential"})
        await server.client.get("/collections/c/documents/private-id")
        assert ("confidential" in server.written.getvalue()) is asked
        assert "private-id" not in server.written.getvalue()
        line = next(line for line in server.lines if line.get("operation") == "search")
        assert (line["status"], line["method"]) == (200, "POST")
        assert line["milliseconds"] > 0

    talk(what, queries=asked)


def test_metrics_count_requests_and_say_how_things_stand(talk: Run) -> None:
    async def what(server: Any) -> None:
        for _ in range(3):
            await server.client.post(SEARCH, json={"query": "layer"})
        await server.client.post(SEARCH, json={})
        text = (await server.client.get("/metrics")).text
        lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert lines['numen_requests_total{operation="search",status="200"}'] == "3"
        assert lines['numen_requests_total{operation="search",status="422"}'] == "1"
        assert lines['numen_refused_total{code="unfit"}'] == "1"
        assert lines['numen_documents{collection="c"}'] == "4"
        assert lines['numen_request_seconds_count{operation="search"}'] == "4"
        assert lines['numen_request_seconds_bucket{operation="search",le="+Inf"}'] == "4"
        assert lines["numen_ready"] == "1"

    talk(what)


def test_texts_come_back_as_they_are_and_as_json_only(talk: Run) -> None:
    async def what(server: Any) -> None:
        answer = await server.client.get("/collections/c/documents/d3")
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.content)["text"].endswith("<script>alert(1)</script>")

    talk(what)


def test_half_a_surrogate_pair_is_no_accident(talk: Run) -> None:
    async def what(server: Any) -> None:
        kind = {"content-type": "application/json"}
        for body in (b'{"query": "\\ud800 layer"}', b'{"query": "layer", "where": "year = \'\\ud800\'"}'):
            answer = await server.client.post(SEARCH, content=body, headers=kind)
            assert answer.status_code in (200, 422)
            answer.json()

    talk(what)


def test_names_that_are_no_part_of_a_path_cannot_be_served(collection: Collection) -> None:
    from numen.serve.app import create_app

    for name in ("", "a/b", "..", ".hidden", "ü"):
        with pytest.raises(InputError, match="letters"):
            create_app({name: collection})
    with pytest.raises(InputError, match="no collection"):
        create_app({})
