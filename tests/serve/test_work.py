"""Work waits for its turn, but not many wait, and not long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from numen import Collection
from numen.errors import WriterBusy
from numen.serve import Limits
from numen.serve.refusal import Refusal
from numen.serve.work import Turns


def _turns(at_once: int = 1, waiting: int = 1, patience: float = 60, seconds: float | None = None) -> Turns:
    return Turns("test", at_once, waiting, patience, seconds, "overloaded")


def test_one_more_than_may_wait_is_refused_at_once() -> None:
    async def whole() -> None:
        turns, go_on = _turns(), threading.Event()
        first = asyncio.create_task(turns.do(go_on.wait))
        second = asyncio.create_task(turns.do(lambda: "second"))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await turns.do(lambda: "third")
        assert (refused.value.code, refused.value.status) == ("overloaded", 503)
        assert refused.value.retry_after
        assert (turns.running, turns.waiting) == (1, 1)
        go_on.set()
        assert (await first, await second) == (True, "second")
        assert await turns.do(lambda: "fourth") == "fourth"
        assert (turns.running, turns.waiting) == (0, 0)
        turns.close()

    asyncio.run(whole())


def test_patience_ends() -> None:
    async def whole() -> None:
        turns, go_on = _turns(patience=0.02), threading.Event()
        first = asyncio.create_task(turns.do(go_on.wait))
        await asyncio.sleep(0)
        with pytest.raises(Refusal, match="in vain"):
            await turns.do(lambda: None)
        go_on.set()
        await first
        turns.close()

    asyncio.run(whole())


def test_what_takes_too_long_holds_its_place_until_it_ends() -> None:
    async def whole() -> None:
        turns, go_on = _turns(seconds=0.02), threading.Event()
        with pytest.raises(Refusal) as refused:
            await turns.do(go_on.wait)
        assert refused.value.code == "too_slow"
        assert turns.running == 1
        go_on.set()
        assert await turns.do(lambda: 1) == 1
        turns.close()

    asyncio.run(whole())


def test_errors_come_through_and_free_the_place() -> None:
    def broken() -> None:
        raise ValueError("this")

    async def whole() -> None:
        turns = _turns()
        for _ in range(3):
            with pytest.raises(ValueError, match="this"):
                await turns.do(broken)
        assert turns.running == 0
        turns.close()

    asyncio.run(whole())


def test_a_change_is_tried_again_while_another_process_writes() -> None:
    tries = []

    def busy() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise WriterBusy("busy")
        return "done"

    async def whole() -> None:
        turns = _turns()
        assert await turns.change(busy) == "done"
        turns.close()

    asyncio.run(whole())
    assert len(tries) == 3


def test_searches_beyond_the_queue_get_503_and_the_service_recovers(
    collection: Collection, talk: Callable[..., None]
) -> None:
    go_on = threading.Event()
    search = collection.search

    def slow(*given: Any, **options: Any) -> Any:
        go_on.wait()
        return search(*given, **options)

    async def what(server: Any) -> None:
        collection.search = slow  # type: ignore[method-assign]

        def ask() -> Any:
            return asyncio.create_task(server.client.post("/collections/c/search", json={"query": "layer"}))

        asked = [ask() for _ in range(10)]
        done, waiting = await asyncio.wait(asked, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 7:
            more, waiting = await asyncio.wait(waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        for one in done:
            answer = one.result()
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
            assert int(answer.headers["retry-after"]) >= 1
        assert (await server.client.get("/health")).status_code == 200
        go_on.set()
        assert [one.status_code for one in await asyncio.gather(*waiting)] == [200] * 3
        assert (await ask()).status_code == 200

    talk(what, limits=Limits(at_once=1, waiting=2, patience=60))


def test_before_it_is_ready_searches_are_refused(serving: Any, collection: Collection) -> None:
    async def whole() -> None:
        async with serving({"c": collection}, wait=False) as server:
            first = await server.client.get("/ready")
            early = await server.client.post("/collections/c/search", json={"query": "x"})
            assert (first.status_code, early.json()["error"]["code"]) == (503, "starting")
            assert (await server.client.get("/health")).status_code == 200
            while (await server.client.get("/ready")).status_code != 200:
                await asyncio.sleep(0.005)
            assert (await server.client.post("/collections/c/search", json={"query": "x"})).status_code == 200

    asyncio.run(whole())
