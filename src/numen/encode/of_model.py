"""What encoders that run a model have in common: they name it, and know it again by its fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, Self, TypeVar, runtime_checkable

from numen.errors import EncoderMismatch

__all__ = ["Held", "OfModel", "check_same"]

T = TypeVar("T")


@runtime_checkable
class OfModel(Protocol):
    """An encoder that runs a model. Two are equal if their settings are; the fingerprint says if their models are."""

    @property
    def model(self) -> str:
        """A folder, or a name on the hub."""
        ...

    def settled(self) -> Self:
        """The encoder with what a leg remembers of its model filled in: loads it."""
        ...

    def opened_as(self, other: object) -> Self | None:
        """The encoder with its model from where `other` has it; None unless that is the same model, used alike."""
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
