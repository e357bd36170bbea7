"""What is evaluated: one encoder, or several legs with how they are fused; with or without feedback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

from numen.encode import parse_encoder
from numen.encode.bm25 import BM25
from numen.encode.spec import NAMES
from numen.errors import OptionError
from numen.search import Feedback, Fusion
from numen.search.fuse import usual

__all__ = ["System"]

ONLY = "words"
"""What the leg of a single encoder is called."""


@dataclass(frozen=True)
class System:
    """Legs (name -> encoder's string) and how they are searched.

    bm25: other BM25 parameters than the encoders' own. Equal systems have the same name.
    """

    legs: Mapping[str, str]
    fusion: Fusion = field(default_factory=Fusion)
    feedback: Feedback | None = None
    bm25: BM25 | None = None

    def __post_init__(self) -> None:
        specs = {leg: parse_encoder(encoder).spec for leg, encoder in self.legs.items()}
        if not specs:
            raise OptionError("a system needs at least one leg, as in 'words=bm25,grams=numen'")
        object.__setattr__(self, "legs", MappingProxyType(specs))
        object.__setattr__(self, "fusion", Fusion.of(self.fusion, list(specs)))

    @classmethod
    def of(
        cls,
        given: str | Mapping[str, str] | System,
        fuse: str | Fusion | None = None,
        feedback: str | Feedback | None = None,
    ) -> System:
        """The system that `given` says: an encoder's string, legs as a dictionary or as "a=bm25,b=numen:32768".

        In a string, a part whose value begins with an encoder's name begins a leg; others are options of the encoder
        before: "a=bm25:english,k1=0.9,b=numen" has the legs a and b. fuse: None for how legs of these kinds are
        usually fused.
        """
        if isinstance(given, System):
            return given
        legs = _legs(given) if isinstance(given, str) else dict(given)
        if fuse is None:
            fuse = usual(map(parse_encoder, legs.values()))
        return cls(legs, Fusion.of(fuse, list(legs)), Feedback.of(feedback))

    @property
    def name(self) -> str:
        """What tables and files call it: the encoder or the legs, then what differs from a plain search."""
        if len(self.legs) == 1:
            name = next(iter(self.legs.values()))
        else:
            name = f"{','.join(f'{leg}={spec}' for leg, spec in self.legs.items())} {self.fusion.spec}"
        if self.bm25 is not None:
            changed = {
                f.name: getattr(self.bm25, f.name) for f in fields(BM25) if getattr(self.bm25, f.name) != f.default
            }
            name += " bm25(" + ",".join(f"{option}={value}" for option, value in changed.items()) + ")"
        return name if self.feedback is None else f"{name} + {self.feedback.spec}"

    @property
    def how(self) -> dict[str, Any]:
        """The options of `Collection.search` that it stands for."""
        return {"fuse": self.fusion, "feedback": self.feedback, "bm25": self.bm25}

    def to_json(self) -> dict[str, Any]:
        """Everything that makes it, as JSON."""
        return {
            "legs": dict(self.legs),
            "fuse": self.fusion.spec if len(self.legs) > 1 else None,
            "feedback": None if self.feedback is None else self.feedback.spec,
            "bm25": None if self.bm25 is None else asdict(self.bm25),
        }


def _legs(given: str) -> dict[str, str]:
    """Leg -> encoder; OptionError for a name that comes twice."""
    legs: dict[str, str] = {}
    for name, encoder in _pieces(given):
        if name in legs:
            raise OptionError(f"the leg {name!r} comes twice in {given!r}; each needs a name of its own")
        legs[name] = encoder
    return legs


def _pieces(given: str) -> Iterator[tuple[str, str]]:
    leg, encoder = ONLY, ""
    for part in given.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if equals and value.partition(":")[0] in NAMES:
            if encoder:
                yield leg, encoder
            leg, encoder = name, value
        else:
            encoder = f"{encoder},{part.strip()}" if encoder else part.strip()
    yield leg, encoder
