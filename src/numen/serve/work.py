"""Who may work now: searches in a few threads with a short queue before them, changes one after the other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from numen.errors import WriterBusy
from numen.serve.refusal import Refusal

__all__ = ["MOST_TOGETHER", "Turns"]

T = TypeVar("T")
G = TypeVar("G")

MOST_TOGETHER = 16
"""Pieces of work that are done as one, at most."""

TOGETHER_SECONDS = 0.05
"""How long what is done as one may take, at the pace of late: what is slow is done by each thread one by one."""

_RETRY_SECONDS = 0.02  # between two looks whether another process has finished writing


@dataclass(slots=True, eq=False)
class _Job:
    """Something to do. work: from what was given for jobs of one `kind` to what comes of each; kind None: alone.

    began: when a thread took it, by the clock of the loop; None while it waits. late: what looks after it.
    """

    work: Callable[[list[Any]], Sequence[Any]]
    given: Any
    kind: Hashable
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    began: float | None = None
    late: asyncio.TimerHandle | None = None


_Outcome: TypeAlias = tuple[asyncio.Future[Any], Any, BaseException | None]


class Turns:
    """Threads for one kind of work, and the queue before them; both are bounded, so that overload is told at once.

    at_once: how much is worked on at a time. waiting: how many may wait. patience: seconds that one waits at most.
    seconds: that the work may take before its caller is told that it took too long (it is worked on to its end all the
    same, and holds its place meanwhile: a thread cannot be stopped). full: the code for one who cannot wait.
    """

    def __init__(
        self, name: str, at_once: int, waiting: int, patience: float, seconds: float | None, full: str
    ) -> None:
        self._most_waiting, self._patience, self._seconds, self._full = waiting, patience, seconds, full
        self.name, self._at_once, self._free = name, at_once, at_once
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()  # over _free and _waiting
        self._handed: SimpleQueue[list[_Job] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._pace = TOGETHER_SECONDS  # seconds that one of several took of late

    @property
    def running(self) -> int:
        """How many threads are at work."""
        return self._at_once - self._free

    @property
    def waiting(self) -> int:
        """How much waits for a thread."""
        return len(self._waiting)

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in a thread; Refusal where there is no room or no time."""
        result: T = await self._one(lambda given: [work()], None, None)
        return result

    async def together(self, work: Callable[[list[G]], Sequence[T]], given: G, kind: Hashable) -> T:
        """What `work` makes of `given`. Where several of one kind wait it is called once for them, with a list.

        Should that fail, it is called again for each of them, so that one that is amiss spoils no other.
        """
        result: T = await self._one(work, given, kind)
        return result

    async def _one(self, work: Callable[[list[Any]], Sequence[Any]], given: Any, kind: Hashable) -> Any:
        loop = asyncio.get_running_loop()
        job = _Job(work, given, kind, loop, loop.create_future())
        with self._lock:
            at_once = self._free > 0
            if at_once:
                self._free -= 1
            elif len(self._waiting) >= self._most_waiting:
                raise Refusal(self._full, f"{len(self._waiting):,} wait here already; try again")
            else:
                self._waiting.append(job)
        if not at_once:
            job.late = loop.call_later(self._patience, self._look, job)
        else:
            job.began = loop.time()
            if self._seconds is not None:
                job.late = loop.call_later(self._seconds, self._look, job)
            self._hand(job)
        try:
            return await job.answer
        finally:
            if job.late is not None:
                job.late.cancel()
            if job.began is None:
                self._withdrawn(job)

    def _hand(self, job: _Job) -> None:
        """Give a job to a thread that is free."""
        if len(self._threads) < self._at_once and self.running > len(self._threads):
            thread = threading.Thread(target=self._work, name=f"{self.name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._handed.put([job])

    def _look(self, job: _Job) -> None:
        """Time has gone by: has this job waited too long, or is it worked on for too long?"""
        if job.answer.done():
            return
        if self._withdrawn(job):
            job.answer.set_exception(Refusal(self._full, f"waited for {self._patience:g} seconds in vain; try again"))
        elif self._seconds is not None:
            left = (job.began or 0.0) + self._seconds - job.loop.time()
            if left > 0:
                job.late = job.loop.call_later(left, self._look, job)
            else:
                job.answer.set_exception(
                    Refusal("too_slow", f"this took longer than {self._seconds:g} seconds; ask for less")
                )

    def _withdrawn(self, job: _Job) -> bool:
        """Whether the job waited, and does so no longer."""
        with self._lock:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True

    def _work(self) -> None:
        """What each thread does."""
        while (jobs := self._handed.get()) is not None:
            while jobs:
                loop, kind, began = jobs[0].loop, jobs[0].kind, time.perf_counter()
                outcomes = _outcomes(jobs)
                if kind is not None:
                    self._pace = (self._pace + (time.perf_counter() - began) / len(jobs)) / 2
                jobs = self._next()
                with suppress(RuntimeError):  # the loop has ended, and who asked with it
                    loop.call_soon_threadsafe(_told, outcomes)

    def _next(self) -> list[_Job]:
        """What a thread that is done does next: what has waited longest, and more of the same kind."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return []
            first = self._waiting.popleft()
            jobs = [first]
            if first.kind is not None and self._waiting:
                more = min(MOST_TOGETHER, int(TOGETHER_SECONDS / self._pace)) - 1
                jobs += [job for job in self._waiting if job.kind == first.kind][: max(more, 0)]
                for job in jobs[1:]:
                    self._waiting.remove(job)
        for job in jobs:
            job.began = job.loop.time()
        return jobs

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

    def close(self) -> None:
        """Wait for what is going on; the queue goes."""
        with self._lock:
            gone = list(self._waiting)
            self._waiting.clear()
        refusal = Refusal("stopping", "this service is stopping")
        for job in gone:
            job.loop.call_soon_threadsafe(_told, [(job.answer, None, refusal)])
        for _ in self._threads:
            self._handed.put(None)
        for thread in self._threads:
            thread.join()


def _outcomes(jobs: Sequence[_Job]) -> list[_Outcome]:
    """What comes of jobs of one kind, or what went wrong with each."""
    try:
        results = jobs[0].work([job.given for job in jobs])
    except BaseException as error:
        if len(jobs) == 1:
            return [(jobs[0].answer, None, error)]
        return [outcome for job in jobs for outcome in _outcomes([job])]
    return [(job.answer, result, None) for job, result in zip(jobs, results, strict=True)]


def _told(outcomes: Sequence[_Outcome]) -> None:
    """In the loop: who asked learns what came of it, unless they have gone."""
    for answer, result, error in outcomes:
        if answer.done():
            continue
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
