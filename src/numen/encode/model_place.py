"""Where a model is: a folder, or a name on the hub; and what is wrong with a folder."""

from __future__ import annotations

import json
from pathlib import Path

from numen.errors import InputError

__all__ = ["MODULES", "is_folder", "place_of"]

MODULES = "modules.json"
"""What every folder of a sentence-transformers model has: which modules make a vector of a text."""

PLAIN = "config.json"
"""What every folder of a transformers model has."""


def is_folder(model: str) -> bool:
    """Whether a model's name is meant as a folder: it is there, or it reads like a path."""
    return Path(model).expanduser().is_dir() or model.startswith((".", "~", "/", "\\")) or model.count("/") > 1


def place_of(model: str, *, plain: bool = False) -> str:
    """The model's folder, absolute, or its name on the hub as it is.

    plain: whether a transformers model without modules will do, as its pooling is known otherwise. Raises InputError
    for a folder that is missing, holds no model, or lacks a part that its modules.json names.
    """
    if not is_folder(model):
        return model
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {model!r}; name a model's folder, or a model on the hub as ORGANISATION/NAME"
        )
    if not (folder / MODULES).is_file():
        if not (folder / PLAIN).is_file():
            raise InputError(f"{model!r} is no model folder: it has neither {MODULES} nor {PLAIN}")
        if not plain:
            raise InputError(
                f"{model!r} is half of a model folder: without {MODULES} nothing says how tokens become a vector. If "
                f"it holds a plain transformer, say so: dense:{model},pooling=cls (or mean, max, lasttoken)"
            )
        return str(folder.absolute())
    try:
        modules = [str(module["path"]) for module in json.loads((folder / MODULES).read_text(encoding="utf-8"))]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{model!r} is half of a model folder: its {MODULES} cannot be read ({error})") from None
    for path in modules:
        # A Normalize module has nothing to store, and older folders have none for it.
        if path and not (folder / path).is_dir() and "Normalize" not in path:
            raise InputError(f"{model!r} is half of a model folder: {MODULES} names {path!r}, which is not there")
    return str(folder.absolute())
