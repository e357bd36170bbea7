"""What the tests of the service share: a small collection behind HTTP, asked in this process."""

from __future__ import annotations

import asyncio
import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from numen import Collection

pytest.importorskip("starlette", reason="the extra `serve` is not installed")
httpx = pytest.importorskip("httpx")

from numen.serve import Keys, Limits, Log  # noqa: E402
from numen.serve.app import create_app  # noqa: E402

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "d1", "title": "Wings", "text": "The boundary layer of a wing in slow flow.", "year": 1962, "lang": "en"},
    {
        "id": "d2",
        "title": "Heat",
        "text": "Heat transfer through a laminar boundary layer.",
        "year": 1999,
        "lang": "de",
    },
    {"id": "d3", "text": "Nothing but supersonic nozzles, and a ünïcode word. <script>alert(1)</script>"},
    {"id": "a/b ü?", "text": "An odd id with a slash", "lang": "en"},
]


class Server:
    """An application that is running, and what it wrote."""

    def __init__(self, app: Any, client: Any, written: io.StringIO) -> None:
        self.app, self.client, self.written = app, client, written

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


@asynccontextmanager
async def started(app: Any) -> AsyncIterator[None]:
    """The application between its start and its stop, as a server runs it."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "state": {}}, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
        await task


def made() -> Collection:
    """A collection in memory with the documents, in two legs."""
    collection = Collection.create(legs={"words": "bm25", "grams": "numen:256"})
    collection.add(DOCUMENTS)
    return collection


@pytest.fixture
def collection() -> Collection:
    return made()


@asynccontextmanager
async def _serving(
    collections: Mapping[str, Collection],
    *,
    keys: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    wait: bool = True,
    queries: bool = False,
    **more: Any,
) -> AsyncIterator[Server]:
    """The collections behind HTTP, once they are ready."""
    written = io.StringIO()
    app = create_app(collections, keys=Keys.of(keys or {}), limits=limits, log=Log(written, queries=queries), **more)
    transport = httpx.ASGITransport(app=app)
    async with started(app), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        while wait and (await client.get("/ready")).status_code != 200:
            await asyncio.sleep(0.005)
        yield Server(app, client, written)


@pytest.fixture
def serving() -> Any:
    """`async with serving({"name": collection}, keys=..., limits=...) as server`: `server.client` asks it."""
    return _serving


Talk = Callable[[Server], Awaitable[None]]


@pytest.fixture
def talk(collection: Collection) -> Callable[..., None]:
    """`talk(what, keys=...)`: run the coroutine function `what` with a server of the collection `c`."""

    def run(what: Talk, **how: Any) -> None:
        async def whole() -> None:
            async with _serving({"c": collection}, **how) as server:
                await what(server)

        asyncio.run(whole())

    return run


class Process:
    """`numen serve` as a process of its own. without: packages that it does not find."""

    def __init__(self, folder: Path, *options: str, without: Sequence[str] = ()) -> None:
        self.log = (folder.parent / f"log-{time.monotonic_ns()}").open("w+", encoding="utf-8")
        hidden = f"import sys; sys.modules.update(dict.fromkeys({list(without)}))"
        start = ["-c", f"{hidden}; from numen.cli.main import main; main()"] if without else ["-m", "numen"]
        command = [sys.executable, *start, "serve", f"c={folder}", "--port", "0", *options]
        self.process = subprocess.Popen(command, stderr=self.log, stdout=self.log)
        self.port = self._port()
        self.base = f"http://127.0.0.1:{self.port}"
        while self.ask("/ready")[0] != 200:
            assert self.process.poll() is None, self.written()
            time.sleep(0.05)

    def _port(self) -> int:
        while True:
            found = re.search(r"at http://127\.0\.0\.1:(\d+)/", self.written())
            if found:
                return int(found[1])
            assert self.process.poll() is None, self.written()
            time.sleep(0.05)

    def written(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8")

    def ask(self, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, {"content-type": "application/json"} if data else {}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(30)
        self.log.close()
        return code


@contextmanager
def _running(folder: Path, *options: str, without: Sequence[str] = ()) -> Iterator[Process]:
    process = Process(folder, *options, without=without)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def running() -> Any:
    """`with running(folder, *options) as process`: `numen serve` on the collection in the folder, as `c`, ready."""
    return _running
