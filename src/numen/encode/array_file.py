"""Fitted conversions as files: one .npz of plain arrays, no pickle, and the name of what they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numen.errors import InputError

__all__ = ["load_arrays", "save_arrays"]

KIND = "kind"
"""The entry that says what a file holds."""


def save_arrays(path: str | Path, kind: str, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write the arrays to `path`, which must end in .npz; InputError if it does not."""
    if Path(path).suffix != ".npz":
        raise InputError(f"{path} must end in .npz")
    with Path(path).open("wb") as file:
        np.savez(file, allow_pickle=False, **{KIND: np.frombuffer(kind.encode(), np.uint8)}, **arrays)


def load_arrays(path: str | Path, kind: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of a file that `save_arrays` wrote for this kind; InputError for any other file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise InputError(f"{path} is no file of arrays: {error}") from error
    found = arrays.pop(KIND, np.empty(0, np.uint8)).tobytes().decode(errors="replace")
    if found != kind:
        raise InputError(f"{path} holds {found or 'something else'}, not {kind}")
    return arrays
