"""The service as a process: slow, broken and hostile clients, a graceful stop, and one that is none."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from numen import Collection

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served") / "c"
    with Collection.create(place, legs={"words": "bm25"}) as collection:
        collection.add([{"id": "1", "text": "a boundary layer"}])
    return place


@pytest.fixture(scope="module", params=[(), ("httptools", "uvloop")], ids=["usual", "plain"])
def server(folder: Path, running: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The service with what it uses where it finds it, and without."""
    limits = ("slow=1", "headers=8192", "connections=40", "idle=5", "body=100000")
    with running(folder, *(part for limit in limits for part in ("--limit", limit)), without=request.param) as process:
        yield process
        assert process.stop(signal.SIGTERM) == 0, process.written()


def _answer(sock: socket.socket) -> bytes:
    out = b""
    try:
        while part := sock.recv(65536):
            out += part
    except ConnectionResetError:
        pass
    return out


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def _still_serves(server: Any) -> bool:
    status, found = server.ask("/collections/c/search", {"query": "layer"})
    return status == 200 and len(found["hits"]) == 1


def _sent(sock: socket.socket, part: bytes, *, pause: float, seconds: float) -> float:
    """Seconds until the other side took no more parts, or all of them."""
    began = time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            sock.sendall(part)
            time.sleep(pause)
    except OSError:
        pass
    return time.monotonic() - began


HEAD = b"POST /collections/c/search HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HT", 408),
        (b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx: y\r\n", 408),
        (HEAD + b"content-length: 50\r\n\r\n{", 408),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n", 408),
        (b"", 408),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"y" * 20_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: y\r\n" % n for n in range(2000)), 431),
        (HEAD + b"content-length: 999999999\r\n\r\n", 413),
        (HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\n{}   ", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: localhost\r\n\r\n", 400),
        (HEAD + b"transfer-encoding: chunked\r\n\r\nno number\r\n", 400),
        (b"GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n", 421),
    ],
)
def test_broken_and_slow_requests_get_an_answer_of_their_own(sent: bytes, status: int, server: Any) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(sent)
        assert _still_serves(server)
        answer = _answer(sock)
    assert _status(answer) == status, answer[:300]
    assert b'"code"' in answer


def test_a_body_that_never_ends_is_refused_and_cut_off(server: Any) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        assert _sent(sock, b"3e8\r\n" + b" " * 1000 + b"\r\n", pause=0.0005, seconds=15) < 15
    assert _still_serves(server)


def test_heads_that_trickle_do_not_go_on_for_ever(server: Any) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        assert _sent(sock, b"x: y\r\n", pause=0.1, seconds=15) < 15


def test_idle_connections_give_way_to_new_ones(server: Any) -> None:
    idle = []
    try:
        for _ in range(150):  # of 40 that are allowed
            idle.append(server.connect())
        assert _still_serves(server)
    finally:
        for sock in idle:
            sock.close()
    assert _still_serves(server)


def test_two_requests_at_once_on_one_connection_are_both_answered(server: Any) -> None:
    with closing(server.connect()) as sock:
        one = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        sock.sendall(one + b"\r\n" + one + b"connection: close\r\n\r\n")
        assert _answer(sock).count(b'{"status":"ok"}') == 2


def test_what_comes_after_a_request_is_refused_after_its_answer(server: Any) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" + b"\x00nonsense\r\n\r\n")
        answer = _answer(sock)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"bad_request"' in answer.partition(b'{"status":"ok"}')[2]


def test_trailers_are_no_headers_and_do_not_go_on_for_ever(server: Any) -> None:
    chunked = HEAD + b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n11\r\n" + b'{"query":"layer"}'
    with closing(server.connect()) as sock:
        sock.sendall(chunked + b"\r\n0\r\nhost: evil.example\r\n\r\n")
        assert _status(_answer(sock)) == 200
    with closing(server.connect()) as sock:
        sock.sendall(chunked + b"\r\n0\r\n")
        assert _sent(sock, b"x: " + b"y" * 5000 + b"\r\n", pause=0.001, seconds=15) < 15
    assert _still_serves(server)


def test_another_protocol_is_not_taken_up(server: Any) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: h2c\r\nconnection: upgrade, close\r\n\r\n")
        assert _status(_answer(sock)) == 200


def test_others_are_served_while_many_are_idle_slow_and_broken(server: Any) -> None:
    begun = {"idle": b"", "head": b"GET / HT", "body": HEAD + b"content-length: 50\r\n\r\n{", "broken": b"\x16\x03"}
    clients: list[tuple[str, socket.socket]] = []
    try:
        for number in range(120):  # of 40 that are allowed
            for name, sent in begun.items():
                clients.append((name, server.connect()))
                clients[-1][1].sendall(sent)
            if number % 20 == 0:
                assert _still_serves(server)
        assert _still_serves(server)
        # Each is told: that there are too many, that it was too slow, or that this is no HTTP.
        told = {(name, _status(_answer(sock))) for name, sock in clients}
    finally:
        for _, sock in clients:
            sock.close()
    assert told <= {(name, status) for name in begun for status in (503, 408)} | {("broken", 400)}
    assert {("idle", 503), ("head", 503), ("broken", 400)} <= told


def test_what_was_acknowledged_is_there_after_a_kill_and_nothing_is_half_written(folder: Path, running: Any) -> None:
    with running(folder) as process:
        for number in range(20):
            assert process.ask(f"/collections/c/documents/k{number}", {"text": f"kept {number}"}, "PUT")[0] == 200
        process.stop(signal.SIGKILL)
    with running(folder) as process:
        status, got = process.ask("/collections/c/get_many", {"ids": [f"k{n}" for n in range(20)]})
        assert status == 200
        assert [one["text"] for one in got["documents"]] == [f"kept {n}" for n in range(20)]
        with closing(process.connect()):  # an idle connection holds nothing up
            assert process.stop(signal.SIGINT) == 0
        assert "Traceback" not in process.written()
    with Collection.open(folder, read_only=True) as collection:
        assert collection.check() == []
