"""Who may work now: searches in a few threads with a short queue before them, changes one after the other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from numen.errors import WriterBusy
from numen.serve.refusal import Refusal

__all__ = ["Turns"]

T = TypeVar("T")

_RETRY_SECONDS = 0.02  # between two looks whether another process has finished writing


class Turns:
    """Threads for one kind of work, and the queue before them; both are bounded, so that overload is told at once.

    at_once: how much is worked on at a time. waiting: how many may wait. patience: seconds that one waits at most.
    seconds: that the work may take before its caller is told that it took too long (it is worked on to its end all the
    same, and holds its place meanwhile: a thread cannot be stopped). full: the code for one who cannot wait.
    """

    def __init__(
        self, name: str, at_once: int, waiting: int, patience: float, seconds: float | None, full: str
    ) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._free = asyncio.Semaphore(at_once)
        self._most_waiting, self._patience, self._seconds, self._full = waiting, patience, seconds, full
        self.name, self.waiting, self.running = name, 0, 0

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in a thread; Refusal where there is no room or no time."""
        await self._admitted()
        self.running += 1
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def worked() -> None:  # in the thread; one message to the loop, which is busy enough
            try:
                result = work()
            except BaseException as error:
                loop.call_soon_threadsafe(self._done, answer, None, error)
            else:
                loop.call_soon_threadsafe(self._done, answer, result, None)

        self._pool.submit(worked)
        late = None if self._seconds is None else loop.call_later(self._seconds, self._too_slow, answer)
        try:
            return await answer
        finally:
            if late is not None:
                late.cancel()

    async def change(self, work: Callable[[], T]) -> T:
        """`do` for what needs the one writer: tried again while another process writes, until patience ends."""
        given_up = threading.Event()

        def tried() -> T:
            until = time.monotonic() + self._patience
            while True:
                try:
                    return work()
                except WriterBusy:
                    if time.monotonic() >= until or given_up.wait(_RETRY_SECONDS):
                        raise

        try:
            return await self.do(tried)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def _admitted(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self.waiting >= self._most_waiting:
            raise Refusal(self._full, f"{self.waiting:,} wait here already; try again")
        self.waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience)
        except TimeoutError:
            raise Refusal(self._full, f"waited for {self._patience:g} seconds in vain; try again") from None
        finally:
            self.waiting -= 1

    def _done(self, answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self.running -= 1
        self._free.release()
        if answer.done():  # who asked has gone
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

    def _too_slow(self, answer: asyncio.Future[Any]) -> None:
        if not answer.done():
            answer.set_exception(Refusal("too_slow", f"this took longer than {self._seconds:g} seconds; ask for less"))

    def close(self) -> None:
        """Wait for what is going on; the queue goes."""
        self._pool.shutdown(wait=True, cancel_futures=True)
