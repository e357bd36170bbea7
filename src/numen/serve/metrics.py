"""Figures of a running service in the text format that Prometheus reads (version 0.0.4)."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

__all__ = ["Metrics", "Sample", "written"]

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the histogram of seconds."""

Sample = tuple[Mapping[str, str], float]
"""Labels and a value."""


class Metrics:
    """Counts of requests by operation and status, and how long they took. Used by the one thread of the event loop."""

    def __init__(self) -> None:
        self._started = time.time()
        self._requests: dict[tuple[str, str], int] = defaultdict(int)
        self._refused: dict[str, int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def count(self, operation: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        self._requests[operation, str(status)] += 1
        self._buckets[operation][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[operation] += seconds

    def refuse(self, code: str) -> None:
        """One request that was refused."""
        self._refused[code] += 1

    def text(self, gauges: Iterable[tuple[str, str, Sequence[Sample]]]) -> str:
        """Everything counted, and these gauges: (name, help, samples)."""
        requests = [({"operation": name, "status": s}, float(n)) for (name, s), n in sorted(self._requests.items())]
        refused = [({"code": code}, float(n)) for code, n in sorted(self._refused.items())]
        parts = [
            written("numen_requests_total", "counter", "Requests answered.", requests),
            written("numen_refused_total", "counter", "Requests refused, by code.", refused),
            self._histogram(),
            *(written(name, "gauge", about, samples) for name, about, samples in gauges),
            written("process_start_time_seconds", "gauge", "When this process began.", [({}, self._started)]),
            written("process_resident_memory_bytes", "gauge", "Memory of this process.", _resident()),
        ]
        return "".join(parts)

    def _histogram(self) -> str:
        name = "numen_request_seconds"
        lines = [f"# HELP {name} Time from the head of a request to the end of its answer.\n# TYPE {name} histogram\n"]
        for operation, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, n in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
                total += n
                lines.append(f"{name}_bucket{_labels({'operation': operation, 'le': bound})} {total}\n")
            lines.append(f"{name}_sum{_labels({'operation': operation})} {self._seconds[operation]:.6f}\n")
            lines.append(f"{name}_count{_labels({'operation': operation})} {total}\n")
        return "".join(lines)


def written(name: str, kind: str, about: str, samples: Iterable[Sample]) -> str:
    """One family of samples as Prometheus reads it; nothing where there is no sample."""
    lines = [f"{name}{_labels(labels)} {value:.17g}\n" for labels, value in samples]
    return "".join([f"# HELP {name} {about}\n# TYPE {name} {kind}\n", *lines]) if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"


def _resident() -> list[Sample]:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return []
    import resource

    return [({}, float(pages * resource.getpagesize()))]
