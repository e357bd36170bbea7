"""Work waits for its turn, but not many wait, and not long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from numen import Collection
from numen.errors import WriterBusy
from numen.serve import Limits, work
from numen.serve.refusal import Refusal
from numen.serve.work import MOST_TOGETHER, TOGETHER_SECONDS, Turns


def _turns(at_once: int = 1, waiting: int = 1, patience: float = 60, seconds: float | None = None) -> Turns:
    return Turns("test", at_once, waiting, patience, seconds, "overloaded")


async def _steps(n: int) -> None:
    """The other tasks of the loop go on, as far as they do not wait for a thread."""
    for _ in range(n):
        await asyncio.sleep(0)


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


def test_what_waits_of_one_kind_is_done_in_one_call_and_gets_its_own_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[int]] = []

    async def whole() -> None:
        turns, go_on = _turns(waiting=60), threading.Event()

        def squares(given: list[int]) -> list[int]:
            calls.append(given)
            return [one * one for one in given]

        monkeypatch.setattr(work, "TOGETHER_SECONDS", 1e9)  # however slow this machine is
        first = asyncio.create_task(turns.do(go_on.wait))
        await asyncio.sleep(0)
        alike = [asyncio.create_task(turns.together(squares, n, "square")) for n in range(20)]
        other = asyncio.create_task(turns.together(squares, 100, "other"))
        alone = asyncio.create_task(turns.together(squares, 101, None))
        await asyncio.sleep(0)
        assert turns.waiting == 22
        go_on.set()
        assert await asyncio.gather(*alike) == [n * n for n in range(20)]
        assert (await first, await other, await alone) == (True, 10_000, 10_201)
        turns.close()

    asyncio.run(whole())
    assert calls == [list(range(MOST_TOGETHER)), list(range(MOST_TOGETHER, 20)), [100], [101]]


def test_what_is_slow_is_done_one_by_one() -> None:
    sizes: list[int] = []

    async def whole() -> None:
        turns, go_on = _turns(waiting=60), threading.Event()

        def slow(given: list[int]) -> list[int]:
            sizes.append(len(given))
            time.sleep(2 * TOGETHER_SECONDS)
            return given

        first = asyncio.create_task(turns.do(go_on.wait))
        await asyncio.sleep(0)
        alike = [asyncio.create_task(turns.together(slow, n, "slow")) for n in range(3)]
        await asyncio.sleep(0)
        go_on.set()
        assert await asyncio.gather(first, *alike) == [True, 0, 1, 2]
        turns.close()

    asyncio.run(whole())
    assert sizes == [1, 1, 1]


def test_one_that_is_amiss_spoils_no_other_that_is_done_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def inverse(given: list[int]) -> list[float]:
        return [1 / one for one in given]

    async def whole() -> None:
        turns, go_on = _turns(waiting=60), threading.Event()
        monkeypatch.setattr(work, "TOGETHER_SECONDS", 1e9)
        first = asyncio.create_task(turns.do(go_on.wait))
        await asyncio.sleep(0)
        asked = [asyncio.create_task(turns.together(inverse, n, "inverse")) for n in (1, 0, 2)]
        await asyncio.sleep(0)
        go_on.set()
        one, none, half = await asyncio.gather(*asked, return_exceptions=True)
        assert (await first, one, half) == (True, 1.0, 0.5)
        assert isinstance(none, ZeroDivisionError)
        turns.close()

    asyncio.run(whole())


def test_who_no_longer_waits_is_not_worked_for() -> None:
    done = []

    async def whole() -> None:
        turns, go_on = _turns(waiting=2), threading.Event()
        first = asyncio.create_task(turns.do(go_on.wait))
        second = asyncio.create_task(turns.do(lambda: done.append("second")))
        third = asyncio.create_task(turns.do(lambda: done.append("third")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        assert turns.waiting == 1
        go_on.set()
        await asyncio.gather(first, third)
        turns.close()

    asyncio.run(whole())
    assert done == ["third"]


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


def test_searches_that_wait_together_get_what_each_gets_alone(
    collection: Collection, talk: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, batches = threading.Event(), []
    search, search_many = collection.search, collection.search_many

    def slow(*given: Any, **options: Any) -> Any:
        go_on.wait()
        return search(*given, **options)

    def many(queries: list[str], *given: Any, **options: Any) -> Any:
        batches.append(list(queries))
        return search_many(queries, *given, **options)

    bodies: list[dict[str, Any]] = [
        {"query": "laminar layer", "highlights": True},
        {"query": "heat"},
        {"query": "wing flow"},
        {"query": "zzzz"},
        {"query": "layer", "k": 1},
        {"query": "layer", "where": {"lang": "en"}},
        {"query": "layer", "where": "lang = 'en'"},
        {"query": "layer", "legs": ["nosuch"]},
    ]

    async def what(server: Any) -> None:
        async def ask(body: Any) -> Any:
            answer = (await server.client.post("/collections/c/search", json=body)).json()
            return {**answer, "milliseconds": 0, "error": answer.get("error", {}).get("code")}

        alone = [await ask(body) for body in bodies]
        assert alone[-1]["error"] == "unfit"
        monkeypatch.setattr(work, "TOGETHER_SECONDS", 1e9)
        collection.search, collection.search_many = slow, many  # type: ignore[method-assign, assignment]
        first = asyncio.create_task(ask({"query": "wing"}))
        await _steps(100)
        waiting = [asyncio.create_task(ask(body)) for body in bodies]
        await _steps(100)
        go_on.set()
        assert await asyncio.gather(*waiting) == alone
        await first

    talk(what, limits=Limits(at_once=1, patience=60))
    assert batches == [["heat", "wing flow", "zzzz"]]


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
