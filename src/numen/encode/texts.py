"""Texts as the kernels take them: one UTF-8 buffer and where each text starts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["utf8"]


def utf8(texts: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(data uint8, starts int64 (n + 1)): text t is data[starts[t]:starts[t + 1]], valid UTF-8."""
    parts = [text.encode() for text in texts]
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=starts[1:])
    return np.frombuffer(b"".join(parts), np.uint8), starts
