"""Build a collection in a process of its own, so that its time and memory are those of building and of nothing else."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["Build", "build", "folder_bytes", "in_a_child"]

T = TypeVar("T")

WARM = 10_000
"""Documents indexed before the clock starts, so that every kernel is compiled: tiny segments are built by fewer."""


@dataclass(frozen=True)
class Build:
    """What building took. The peaks are of the whole process, Python and compiled kernels included.

    peak_rss_bytes counts the pages of the memory-mapped vectors that were read as well, which the system may take back
    at any time; peak_anonymous_bytes does not (0 where the system does not tell).
    """

    documents: int
    seconds: float
    documents_per_second: float
    peak_rss_bytes: int
    peak_anonymous_bytes: int
    rss_bytes_before: int


def in_a_child(function: Callable[..., T], *arguments: Any) -> T:
    """What the function returns, called in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def folder_bytes(folder: Path) -> int:
    """The bytes of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def build(path: Path, spec: str, vectors: Path, threads: int = 1, memory: str | None = None) -> dict[str, Any]:
    """A collection at `path` of the documents of the folder `vectors`, in one leg "v"; what it took, as a dictionary.

    Runs in this process: call it through `in_a_child`. memory: the bound that `add` keeps to; None for numen's own.
    """
    from numen import Collection
    from numen.evaluate.memory import peak_rss_bytes, reset_peak_rss
    from vectors import load

    rows = load(vectors, "documents")
    with Collection.create(legs={"v": spec}) as warm:
        some = min(WARM, rows.shape[0])
        warm.add([{"id": str(i), "text": ""} for i in range(some)], vectors=rows.part(0, some))
    options: dict[str, Any] = {} if memory is None else {"memory": memory}
    documents = ({"id": f"{i:08d}", "text": ""} for i in range(rows.shape[0]))
    reset_peak_rss()
    before = peak_rss_bytes()
    with _Watch() as watch:
        began = time.perf_counter()
        with Collection.create(path, legs={"v": spec}) as collection:
            collection.add(documents, vectors=rows, threads=threads, **options)
        seconds = time.perf_counter() - began
    return asdict(
        Build(rows.shape[0], seconds, rows.shape[0] / seconds, peak_rss_bytes(), watch.peak_anonymous_bytes, before)
    )


class _Watch:
    """Looks every 20 ms how much memory this process holds that no file backs, and keeps the highest."""

    def __init__(self) -> None:
        self.peak_anonymous_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        status = Path("/proc/self/status")
        while status.exists():
            for line in status.read_text(encoding="ascii", errors="replace").splitlines():
                if line.startswith("RssAnon:"):
                    self.peak_anonymous_bytes = max(self.peak_anonymous_bytes, int(line.split()[1]) * 1024)
            if self._done.wait(0.02):
                return
