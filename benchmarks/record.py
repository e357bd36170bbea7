"""What every benchmark needs: a median, the circumstances, and the file that its figures go into."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one call takes; by time.process_time as a clock, without the time in which other programs ran."""
    began = clock()
    run()
    return clock() - began


def in_turn(
    runs: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each run in each round; the runs take turns, so that a slow moment of the machine hits all."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run, clock))
    return times


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def circumstances(packages: Sequence[str], data: Path) -> dict[str, Any]:
    """Commit, machine, versions and data, as they stand beside every figure."""
    return {
        "commit": _output(["git", "rev-parse", "--short", "HEAD"]),
        "changed_files": bool(_output(["git", "status", "--porcelain", "--untracked-files=no"])),
        "machine": {"processor": _processor(), "system": platform.system(), "python": platform.python_version()},
        "versions": {name: _version(name) for name in packages},
        "data": data.name,
    }


def write(name: str, figures: dict[str, Any]) -> None:
    """Put the figures into benchmarks/results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=RESULTS.parent, check=False)
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
