"""What people may like: numen's own list of two thousand attributes, half of them with another name, or a list of
yours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from numen.errors import InputError

__all__ = ["Attribute", "own_attributes", "read_attributes"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; synonym: another name that shares no word with the first, empty where there is none."""

    name: str
    synonym: str = ""


def own_attributes() -> list[Attribute]:
    """numen's list, in alphabetical order."""
    text = files("numen.room").joinpath("data", "attributes.tsv").read_text(encoding="utf-8")
    return _parsed(text.splitlines(), "numen's list")


def read_attributes(path: Path) -> list[Attribute]:
    """The list in a UTF-8 file: an attribute a line, perhaps a tab and its synonym; in any language.

    InputError for a file that is no text, an attribute that comes twice, and one with a comma, which would end it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; give one with an attribute a line") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save it so, with an attribute a line") from None
    return _parsed(text.splitlines(), str(path))


def _parsed(lines: Iterable[str], source: str) -> list[Attribute]:
    found: dict[str, Attribute] = {}
    for number, line in enumerate(lines, 1):
        name, _, synonym = (part.strip() for part in line.partition("\t"))
        if not name:
            continue
        if "," in name or "\t" in synonym:
            raise InputError(f"{source}, line {number}: expected ATTRIBUTE or ATTRIBUTE<tab>SYNONYM, found {line!r}")
        if name.casefold() in found:
            raise InputError(f"{source}, line {number}: {name!r} was there before; each attribute may come once")
        found[name.casefold()] = Attribute(name, synonym)
    if not found:
        raise InputError(f"{source} is empty; give an attribute a line")
    return list(found.values())
