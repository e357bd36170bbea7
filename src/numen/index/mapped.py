"""A file's bytes as an array, mapped into memory without keeping the file open.

Python's `mmap` holds a descriptor of its own for each mapping, until 3.13 without a way to do otherwise; a collection
of three million documents has a thousand files, which is as many as a process may have open by default.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["mapped"]

FAILED = ctypes.c_void_p(-1).value
"""What the system's `mmap` returns in place of an address."""


def mapped(path: Path) -> NDArray[np.uint8]:
    """uint8: all bytes of a file that has some, read-only; they stay readable when the file is removed.

    The mapping goes when the last array over it does. Raises OSError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if sys.version_info >= (3, 13):
            return np.frombuffer(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, trackfd=False), np.uint8)
        if os.name != "posix":
            return np.frombuffer(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), np.uint8)
        system = ctypes.CDLL(None, use_errno=True)
        system.mmap.restype = ctypes.c_void_p
        system.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
        system.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
        address = system.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
        if address == FAILED:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    buffer = (ctypes.c_uint8 * size).from_address(address)
    weakref.finalize(buffer, system.munmap, address, size).atexit = False
    array = np.frombuffer(memoryview(buffer).cast("B"), np.uint8)
    array.flags.writeable = False
    return array
