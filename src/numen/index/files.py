"""Arrays as files: plain `.npy`, checksummed, fsynced, memory-mapped back; and the same thing in memory."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numen.errors import CollectionError, DamagedError, ReadOnlyError
from numen.index.mapped import mapped

__all__ = ["MANIFEST", "Array", "read_segment", "remove_folder", "sealed", "sound_arrays", "write_segment"]

Array: TypeAlias = NDArray[np.generic]

MANIFEST = "segment.json"


def sealed(array: Array) -> Array:
    """The array, contiguous and read-only: one kind of array whether it came from a file or from memory."""
    if array.flags.c_contiguous and not array.flags.writeable:
        return array
    whole = np.ascontiguousarray(array)
    view = whole.view()
    view.flags.writeable = False
    return view


def write_segment(folder: Path, arrays: Mapping[str, Array]) -> int:
    """Write every array to `folder`/NAME.npy and the manifest last, all fsynced; returns the manifest's checksum.

    NAME may hold one `/`: the part before it is a leg's folder. Raises ReadOnlyError where the folder cannot be made,
    CollectionError, naming the file, where one cannot be written.
    """
    path = folder
    try:
        folder.mkdir(parents=True)
        files: dict[str, dict[str, Any]] = {}
        # All are written before the first is flushed: to the file system that is one piece of work.
        with ExitStack() as opened:
            written: list[tuple[Path, BinaryIO]] = []
            for name, array in arrays.items():
                path = folder / f"{name}.npy"
                path.parent.mkdir(exist_ok=True)
                file = opened.enter_context(path.open("wb"))
                _write_array(file, array)
                file.flush()
                written.append((path, file))
                files[name] = {
                    "dtype": array.dtype.str,
                    "shape": list(array.shape),
                    "bytes": path.stat().st_size,
                    "crc32": _checksum(path),
                }
            data = json.dumps({"files": files}, sort_keys=True, indent=1).encode()
            path = folder / MANIFEST
            file = opened.enter_context(path.open("wb"))
            file.write(data)
            file.flush()
            written.append((path, file))
            for one, opened_file in written:
                path = one
                _flush(opened_file.fileno())
        # Names are durable when their folders are: the legs', the segment's, and that of all segments and its own.
        for made in {*((folder / name).parent for name in arrays), folder, folder.parent, folder.parent.parent}:
            _flush_folder(made)
    except PermissionError as error:
        raise ReadOnlyError(f"cannot write {path}: the folder is read-only for this user") from error
    except OSError as error:
        if error.errno == errno.EROFS:
            raise ReadOnlyError(f"cannot write {path}: the file system is read-only") from error
        reason = error.strerror or f"the disk may be full ({error})"  # numpy says only how much of an array it wrote
        raise CollectionError(f"cannot write {path}: {reason}; the collection is as it was before") from error
    return zlib.crc32(data)


def read_segment(folder: Path, checksum: int) -> dict[str, Array]:
    """The arrays of a segment by name, memory-mapped and read-only, of the types and shapes that its manifest says.

    Every byte is read once. Raises DamagedError, naming the file, where one is missing or not as it was written.
    """
    arrays, problems = sound_arrays(folder, checksum)
    if problems:
        raise DamagedError(next(iter(problems.values())))
    return arrays


def sound_arrays(folder: Path, checksum: int | None) -> tuple[dict[str, Array], dict[str, str]]:
    """(the arrays of `read_segment` that are as they were written; what is wrong with the others, by name).

    checksum: None where it is not known: then each file's own header must say what the manifest says of it.
    """
    arrays: dict[str, Array] = {}
    problems: dict[str, str] = {}
    try:
        entries = _manifest(folder, checksum)
    except DamagedError as error:
        return {}, {MANIFEST: str(error)}
    for name, entry in entries.items():
        try:
            whole = _whole(folder / f"{name}.npy", entry)
            if checksum is None:
                _compare(folder / f"{name}.npy", entry)
        except DamagedError as error:
            problems[name] = str(error)
            continue
        dtype, shape = np.dtype(entry["dtype"]), entry["shape"]
        header = len(whole) - dtype.itemsize * math.prod(shape)  # a multiple of 64 bytes, so the view is aligned
        arrays[name] = sealed(whole[header:].view(dtype).reshape(shape))
    return arrays, problems


def remove_folder(folder: Path) -> None:
    """Remove a segment's folder, if there is one and that can be done now; what stays is swept later."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _whole(path: Path, entry: Mapping[str, Any]) -> NDArray[np.uint8]:
    """A file's bytes, memory-mapped, after all have been read once and found to be those of its entry in the manifest.

    Kernels trust what they read, so nothing is handed to them that was not written: about 0.3 s a gigabyte. It is not
    read through the mapping, so that memory fills with what searches touch, not with the whole index.
    """
    try:
        if (size := path.stat().st_size) != entry["bytes"]:
            raise DamagedError(f"{path} has {size} bytes, not the {entry['bytes']} written")
        if _checksum(path) != entry["crc32"]:
            raise DamagedError(f"{path} does not match its checksum")
        return mapped(path)
    except FileNotFoundError:
        raise DamagedError(f"{path} is missing") from None
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error


def _write_array(file: BinaryIO, array: Array) -> None:
    np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)


def _compare(path: Path, entry: Mapping[str, Any]) -> None:
    """DamagedError where a file whose bytes are as written is of another type or shape than its entry says."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if [array.dtype.str, list(array.shape)] != [entry["dtype"], entry["shape"]]:
        raise DamagedError(f"{path} is not what {MANIFEST} says")


def _manifest(folder: Path, checksum: int | None) -> dict[str, dict[str, Any]]:
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DamagedError(f"{path} is missing") from None
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    if checksum is not None and zlib.crc32(data) != checksum:
        raise DamagedError(f"{path} does not match the checksum in the catalog")
    try:
        files: dict[str, dict[str, Any]] = json.loads(data)["files"]
        if all({"dtype", "shape", "bytes", "crc32"} <= set(entry) for entry in files.values()):
            return files
    except (ValueError, KeyError, TypeError, AttributeError):  # as anything may stand there
        pass
    raise DamagedError(f"{path} cannot be read")


def _checksum(path: Path) -> int:
    crc = 0
    block = memoryview(bytearray(min(path.stat().st_size, 1 << 20)))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            crc = zlib.crc32(block[:size], crc)
    return crc


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    """Make the folder's entries durable, where the system lets a folder be opened (Windows does not)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)
