"""Where a model's files are: from a folder, or a name on the Hugging Face hub, to a folder that holds a model."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numen.errors import MissingExtra, ModelError

__all__ = ["MODULES", "fingerprint", "loading", "model_folder", "placed", "read_json", "require"]

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
"""What a name on the hub looks like: `naver/splade-v3`, or without its owner."""

MODULES = "modules.json"
"""What every folder of a sentence-transformers model has: which modules make vectors of a text."""

MARKS = (MODULES, "config.json")
"""A folder with one of these holds a model: of sentence-transformers, or of transformers."""

NOT_NEEDED = ["*.h5", "*.msgpack", "*.ot", "*.png", "*.jpg", "*.pdf", "*.gguf"]
"""Files on the hub that are not downloaded: weights of other frameworks, and pictures."""

OF_BACKEND = {"onnx": ["*.onnx", "onnx/*"], "openvino": ["openvino/*"]}
"""Files that are not downloaded but for one backend."""

FINGERPRINTED = (".json", ".txt", ".model", ".safetensors", ".bin", ".pt", ".metadata", ".bpe", ".tiktoken")
"""Files that decide what a model computes; its README does not."""


def require(purpose: str) -> None:
    """MissingExtra unless torch and sentence-transformers are installed; imports neither.

    purpose: what needs them, as the beginning of a sentence.
    """
    from importlib.util import find_spec

    for package in ("torch", "sentence_transformers"):
        if find_spec(package) is None:
            raise MissingExtra(package.replace("_", "-"), "neural", purpose)


def model_folder(name: str, backend: str = "torch") -> Path:
    """The folder of the model `name`: itself, or what the hub has under that name, downloaded once.

    backend: what it will run in. ModelError for a folder that is not there, holds no model, or lacks a part that its
    modules.json names, and for a name that the hub does not know or that cannot be asked for offline.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not any((folder / mark).is_file() for mark in MARKS):
            raise ModelError(f"{name} holds no model: it has neither {MARKS[0]} nor {MARKS[1]}; name a model's folder")
        _check_whole(name, folder)
        return folder
    if folder.exists():
        raise ModelError(f"{name} is a file; name the folder of a model")
    if not HUB_NAME.fullmatch(name) or name.startswith("."):
        raise ModelError(f"there is no folder {name}; name a model's folder, or a model on the hub, owner/name")
    return _downloaded(name, [*NOT_NEEDED, *(one for key in OF_BACKEND if key != backend for one in OF_BACKEND[key])])


def _check_whole(name: str, folder: Path) -> None:
    """ModelError where a part that modules.json names is not there."""
    listed = read_json(folder / MODULES)
    if listed is None:
        return
    try:
        paths = [str(module["path"]) for module in listed]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{name} is half of a model: its {MODULES} does not list modules ({error!r})") from None
    for path in paths:
        # A Normalize module has nothing to store, and older folders have none for it.
        if path and not (folder / path).is_dir() and "Normalize" not in path:
            raise ModelError(f"{name} is half of a model: its {MODULES} names {path!r}, which is not there")


def placed(name: str) -> str:
    """The name as a collection remembers it: a folder absolute, so that it is found from elsewhere too."""
    folder = Path(name).expanduser()
    return str(folder.absolute()) if folder.is_dir() else name


def _downloaded(name: str, left_out: list[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(name, ignore_patterns=left_out))
    except LocalEntryNotFoundError:
        raise ModelError(
            f"there is no folder {name}, and the hub cannot be reached, nor is a model of that name in its cache; "
            f"go online once, or name a folder that holds the model"
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"there is no folder {name}, and the hub has no model of that name (or asks for a token)"
        ) from None
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(f"the model {name} cannot be had from the hub: {_first_line(error)}") from error


def fingerprint(folder: Path) -> str:
    """32 hexadecimal digits that change with any file that decides what the model computes (BLAKE2b).

    Names count relative to the folder, so that a model that is moved or copied stays the same.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in FINGERPRINTED or any(part.startswith(".") for part in inside.parts) or not path.is_file():
            continue
        digest.update(f"{inside.as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_json(path: Path) -> Any:
    """What a JSON file of a model holds, None where there is no such file; ModelError where it cannot be read."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ModelError(f"{path} cannot be read ({_first_line(error)}); is the model's folder complete?") from error


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Load a model inside, without progress bars; whatever goes wrong becomes a ModelError that names it.

    Weights that its files lack are an error too: they would be drawn at random. Those of a pooler are not looked at,
    as no leg uses any.
    """
    from transformers.utils import logging as told

    handler = _Lacking()
    loggers = [logging.getLogger(one) for one in ("transformers", "sentence_transformers")]
    before = [(one, one.level, one.propagate, list(one.handlers)) for one in loggers]
    bar = told.is_progress_bar_enabled()
    told.disable_progress_bar()
    try:
        for one in loggers:
            one.handlers, one.propagate = [handler], False
            one.setLevel(logging.WARNING)
        yield
    except (ModelError, MissingExtra, MemoryError):
        raise
    except Exception as error:
        raise ModelError(
            f"the model {name} cannot be loaded ({type(error).__name__}: {_first_line(error)}); is its folder complete?"
        ) from error
    finally:
        for one, level, propagate, handlers in before:
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)
        if bar:
            told.enable_progress_bar()
    if handler.keys:
        raise ModelError(
            f"the model {name} lacks weights ({', '.join(handler.keys[:3])}{', ...' if handler.keys[3:] else ''}); "
            f"is its folder complete, and is it a model of this kind?"
        )


class _Lacking(logging.Handler):
    """Notes the weights that transformers says it found nowhere, and drops all else."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.keys: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = re.sub(r"\x1b\[[\d;]*m", "", record.getMessage())
        keys = re.findall(r"^(\S+)\s*\|\s*(?:MISSING|MISMATCH)\b", text, re.MULTILINE)
        if "newly initialized" in text and not keys:
            keys = re.findall(r"'([\w.]+)'", text.partition("newly initialized")[2])
        self.keys += [key for key in keys if "pooler" not in key]


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
