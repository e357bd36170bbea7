"""How a query is expanded by its first hits: which method, how many documents and terms, with what weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from numen.errors import OptionError, nearest
from numen.search.options import options_of, positive

__all__ = ["METHODS", "PLACES", "Feedback"]

METHODS = ("rm3", "rocchio", "average")
PLACES = ("before", "after", "both")

_OPTIONS = ("documents", "terms", "share", "original", "added", "interpolate")


@dataclass(frozen=True, slots=True)
class Feedback:
    """Pseudo relevance feedback: the first hits of a query are taken to be relevant, and their terms join the query.

    method: what the query becomes,

    - rm3: original * query + added * model. The query and each document's terms have the sum 1, a document counts by
      its score, its `terms` most frequent terms are taken, and of all these the `terms` heaviest, again with the sum 1
      (Abdul-Jaleel et al., TREC 2004, as in Anserini).
    - rocchio: original * query + added * centroid. The query, each document and the centroid, cut to the `terms`
      heaviest, have the length 1, and scores do not count (Rocchio 1971, as in Anserini; without negative documents).
    - average: the mean of the query and of the documents, all of length 1, in the weights that the leg scores by (Li et
      al., TOIS 2023, Vector-PRF). `original` and `added` weigh the query and the documents' mean instead, so that
      original=0.4, added=0.6, documents=5 is that paper's Rocchio.

    The result is given the query's own size, so that scores are comparable with those without feedback.

    documents: how many hits are looked at. terms: how many are taken, None for all. share: terms that more than this
    share of all documents have are left out, unless no more have them than are looked at. `Feedback()` is RM3 with the
    defaults of its authors; `Feedback.of("rocchio")` and `Feedback.of("average")` have those of theirs (10 documents,
    10 terms, 1 and 0.75; 3 documents, all terms, weights that make the mean). interpolate: where there are several
    legs, whose hits are looked at and what is fused (Li et al., SIGIR 2022): "before", the fused hits, and the first
    leg alone is searched again and answers; "after", each leg's own, and the second rounds are fused; "both", the fused
    hits, and the second rounds are fused.
    """

    method: str = "rm3"
    documents: int = 10
    terms: int | None = 10
    share: float = 0.1
    original: float = 0.5
    added: float = 0.5
    interpolate: str = "both"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise OptionError(f"feedback is {self.method!r}; {nearest(str(self.method), METHODS)}")
        if self.interpolate not in PLACES:
            raise OptionError(f"interpolate is {self.interpolate!r}; {nearest(str(self.interpolate), PLACES)}")
        for name, value in (("documents", self.documents), ("terms", self.terms)):
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
            if not whole and (name, value) != ("terms", None):
                raise OptionError(f"{name} of feedback is {value!r}; it must be a whole number, 1 or more")
        for name in ("share", "original", "added"):
            positive(f"{name} of feedback", getattr(self, name))

    @classmethod
    def of(cls, given: str | Feedback | None) -> Feedback | None:
        """The feedback that `given` says: None, "none", "rm3", or with options "rm3,documents=5,original=0.7".

        What is not given is the method's default; without `added`, RM3's two weights have the sum 1.
        """
        if given is None or given == "none":
            return None
        if isinstance(given, Feedback):
            return given
        if not isinstance(given, str):
            raise OptionError(f"feedback is {given!r}; give one of {', '.join(METHODS)}, or a Feedback")
        method, options = options_of(given, "feedback", (*METHODS, "none"))
        for name in options:
            if name not in _OPTIONS:
                raise OptionError(f"unknown option {name!r} in feedback {given!r}; {nearest(name, _OPTIONS)}")
        values: dict[str, Any] = {name: _value(given, name, value) for name, value in options.items()}
        if method == "rm3" and "original" in values:
            values.setdefault("added", max(1 - values["original"], 0.0))
        return replace(_usual(method, values.get("documents")), **values)

    @property
    def spec(self) -> str:
        """The short string that makes this feedback again."""
        options: list[str] = []
        for name in _OPTIONS:
            known = Feedback.of(",".join([self.method, *options]))
            value = getattr(self, name)
            if value != getattr(known, name):
                shown = "all" if value is None else value if isinstance(value, str | int) else repr(value)
                options.append(f"{name}={shown}")
        return ",".join([self.method, *options])


def _usual(method: str, documents: int | None) -> Feedback:
    """The method's defaults; those of the average depend on the number of documents."""
    match method:
        case "rm3":
            return Feedback()
        case "rocchio":
            return Feedback("rocchio", original=1.0, added=0.75)
    n = documents or 3
    return Feedback("average", documents=n, terms=None, share=1.0, original=1 / (n + 1), added=n / (n + 1))


def _value(spec: str, name: str, value: str) -> str | float | int | None:
    """An option's value; OptionError where it is no number and should be."""
    if name == "interpolate":
        return value
    if name == "terms" and value == "all":
        return None
    number = positive(f"{name} in feedback {spec!r}", value)
    return int(number) if name in ("documents", "terms") and number == int(number) else number
