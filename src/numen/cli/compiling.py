"""The first run on a machine compiles the kernels; this says so, so that nobody thinks that numen hangs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

__all__ = ["compilation_said"]


@contextmanager
def compilation_said(out: Console) -> Iterator[None]:
    """Prints one line to `out` if a kernel is compiled, rather than loaded from the cache, while the block runs."""
    from numba.core import event

    class FirstStart(event.Listener):
        def __init__(self) -> None:
            self.said = False

        def on_start(self, event: Any) -> None:
            if not self.said:
                self.said = True
                out.print("compiling the kernels, once; the next run starts at full speed", style="dim")

        def on_end(self, event: Any) -> None:
            """Nothing: one line is enough."""

    with event.install_listener("numba:compile", FirstStart()):
        yield
