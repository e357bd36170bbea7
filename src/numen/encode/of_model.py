"""What encoders that run a model have in common: they name it, and know it again by its fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from numen.errors import EncoderMismatch

__all__ = ["Held", "Settling", "check_same", "elsewhere"]

T = TypeVar("T")


@runtime_checkable
class Settling(Protocol):
    """An encoder that a leg must remember more of than its string says: as a rule, which model that names."""

    def settled(self) -> Any:
        """The encoder with all that a new collection must remember of it; may load a model."""
        ...

    def opened_as(self, wanted: Any) -> Any:
        """The encoder to go on with where a collection remembers this one and `wanted`, of the same class, is asked
        for; None if it is another."""
        ...


class Held(Generic[T]):
    """A model that is loaded when first asked for, once, whichever thread asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._value: T | None = None

    def get(self, load: Callable[[], T]) -> T:
        """The model; `load` makes it the first time."""
        with self._lock:
            if self._value is None:
                self._value = load()
            return self._value


def check_same(name: str, made: tuple[str, int], found: tuple[str, int]) -> None:
    """EncoderMismatch unless the model found is the one that a leg was made with.

    made, found: (fingerprint, dimensions); an empty fingerprint of `made` is that of a leg in the making.
    """
    if not made[0] or made == found:
        return
    sizes = f" of {made[1]} dimensions, not {found[1]}," if made[1] != found[1] else ","
    raise EncoderMismatch(
        f"the leg was made with another model{sizes} than {name} is now (fingerprint {made[0]}, not {found[0]}); "
        f"put that model back, or index the documents anew"
    )


def elsewhere(known: Any, wanted: Any) -> Any:
    """As `Settling.opened_as`, of encoders with a model and its fingerprint: the model may lie elsewhere now, if it is
    the same one, used alike."""
    if type(wanted) is not type(known) or replace(wanted, model=known.model) != known:
        return None
    if wanted.model == known.model:
        return known
    there = wanted.settled()
    return there if there.fingerprint == known.fingerprint else None
