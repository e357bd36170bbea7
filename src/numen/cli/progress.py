"""Progress on standard error: a bar on a terminal, a line per finished stage in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from numen.cli.compiling import compilation_said
from numen.cli.output import console, speed
from numen.types import Progress

__all__ = ["progress_shown"]

_RATED = 10  # a stage of fewer units (segments, say) has no rate worth telling


class _Count(ProgressColumn):
    """Units done, of how many, and how many a second."""

    def render(self, task: Task) -> Text:
        done = f"{task.completed:,.0f}" + (f"/{task.total:,.0f}" if task.total else "")
        rate = f"{task.completed / task.elapsed:,.0f}/s" if task.elapsed else ""
        return Text(f"{done}  {rate}")


class _Drawn:
    """A Progress callback that draws one bar per stage; those that are over stand still."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._stage, self._done = "", 0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage != self._stage:
            if self._stage:
                self._bars.update(self._tasks[self._stage], completed=self._done, total=self._done)
            self._stage = stage
        elif done < self._done:
            self._bars.reset(self._tasks[stage])  # the same stage once more
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)
        self._done = done


class _Logged:
    """A Progress callback that writes one line when a stage is over."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._stage, self._done = "", 0
        self._start = self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self.finish()
        if stage != self._stage or done < self._done:  # another stage, or the same once more
            self._stage = stage
            self._start = self._last if done else now  # what is done at the first call began at the call before it
        self._done, self._last = done, now

    def finish(self) -> None:
        """Writes the line of the last stage, where there was one."""
        if self._stage and self._done:
            seconds = self._last - self._start
            took = speed(self._done, seconds) if self._done >= _RATED else f"{seconds:.1f} s"
            line = f"{self._stage}: {self._done:,} in {took}"
            self._out.print(line, markup=False, soft_wrap=True)
        self._stage = ""


@contextmanager
def progress_shown(quiet: bool = False) -> Iterator[Progress | None]:
    """A Progress callback for as long as the block lasts, None with `quiet`; kernel compilation is announced too."""
    out = console(stderr=True)
    if quiet:
        yield None
        return
    if out.is_terminal:
        columns = (TextColumn("{task.description}", markup=False), BarColumn(None), _Count(), TimeElapsedColumn())
        bars = Bars(*columns, TimeRemainingColumn(), console=out, transient=True, expand=True)
        with bars, compilation_said(out):
            yield _Drawn(bars)
        return
    logged = _Logged(out)
    with compilation_said(out):
        yield logged
    logged.finish()
