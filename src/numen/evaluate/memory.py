"""The most memory this process has held since a moment of one's choice, where the system can tell."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["peak_rss_bytes", "reset_peak_rss"]


def reset_peak_rss() -> bool:
    """Sets the high-water mark of resident memory to what is held now; False where the system does not let us (all but
    Linux, and some containers), so that the mark is that of the whole life of the process."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak_rss_bytes() -> int:
    """The high-water mark of resident memory, of the whole process, in bytes; 0 where the system does not tell."""
    return _from_proc() or _from_getrusage()


def _from_proc() -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(marks[0]) * 1024 if marks and marks[0].isdigit() else 0


def _from_getrusage() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) if sys.platform == "darwin" else int(peak) * 1024  # bytes on macOS, kibibytes elsewhere
