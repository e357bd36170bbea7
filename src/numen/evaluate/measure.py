"""How good a run is by the judgements: the measures of ir_measures, as means and query by query."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numen.errors import DatasetError, InputError, MissingExtra, OptionError
from numen.types import Qrels, Run

__all__ = ["DEFAULT", "Measured", "check_measures", "deepest_cutoff", "measure"]

DEFAULT = ("nDCG@10", "R@2", "R@10", "R@100", "RR@10")

_MAX_CUTOFF = 2**31 - 1  # trec_eval keeps cutoffs in C ints, and ends the whole process over one that it cannot use


@dataclass(frozen=True)
class Measured:
    """`means`: measure -> mean over all judged queries; `per_query`: measure -> query id -> value.

    Measures stand in the order they were asked for, queries in the order of the judgements.
    """

    means: dict[str, float]
    per_query: dict[str, dict[str, float]]


def measure(run: Run, qrels: Qrels, measures: Sequence[str] = DEFAULT) -> Measured:
    """The values of `measures` (names as ir_measures writes them) for a run.

    The mean is over every query of `qrels`: one without hits counts 0, and hits for other queries are not looked at.
    The order of the hits is what is measured, not their scores: trec_eval, which does the arithmetic, reorders equal
    scores by document id, descending, so it is given scores made from the ranks. An unknown measure raises OptionError,
    a document twice for one query InputError, empty judgements DatasetError; without the package, MissingExtra.
    """
    parsed = _parsed(measures)
    if not any(qrels.values()):
        raise DatasetError("there are no judgements, so that nothing can be measured")
    import ir_measures

    # Queries and documents are called by numbers: the C library below ends the process over an id that holds NUL.
    queries = {str(number): query for number, query in enumerate(qrels)}
    documents: dict[str, str] = {}
    grades: Qrels = {}
    scores: dict[str, dict[str, float]] = {}
    for number, query in queries.items():
        hits = run.get(query, [])
        grades[number] = {_numbered(documents, document): grade for document, grade in qrels[query].items()}
        scores[number] = {_numbered(documents, document): float(-rank) for rank, (document, _) in enumerate(hits)}
        if len(scores[number]) != len(hits):
            raise InputError(f"query {query!r}: a document comes twice among its hits; a run holds each once")
    try:
        result: Any = ir_measures.calc(list(parsed.values()), grades, scores)
    except Exception as error:  # a measure may lack its program, and each provider fails in its own way
        raise OptionError(f"ir_measures cannot compute {', '.join(parsed)} here: {error}") from error
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(qrels, 0.0) for name in parsed}
    for metric in result.per_query:
        values[str(metric.measure)][queries[metric.query_id]] = float(metric.value)
    return Measured({name: float(result.aggregated[one]) for name, one in parsed.items()}, values)


def check_measures(measures: Sequence[str]) -> tuple[str, ...]:
    """The names as ir_measures writes them, each once; the errors of `measure`, before any work is done."""
    return tuple(_parsed(measures))


def deepest_cutoff(measures: Sequence[str]) -> int:
    """The largest cutoff among the measures (100 for "R@100"); 0 if none has one."""
    return max((int(one.params.get("cutoff", 0)) for one in _parsed(measures).values()), default=0)


def _parsed(measures: Sequence[str]) -> dict[str, Any]:
    try:
        import ir_measures
    except ImportError:
        raise MissingExtra("ir-measures", "eval", "measuring a run") from None
    if not measures:
        raise OptionError(f"no measure was given; for example: {', '.join(DEFAULT)}")
    parsed: dict[str, Any] = {}
    for name in measures:
        try:
            with warnings.catch_warnings():
                # ir_measures 0.4 uses names of the ast module that Python 3.12 and 3.13 warn of.
                warnings.simplefilter("ignore", DeprecationWarning)
                one: Any = ir_measures.parse_measure(name)
            one.validate_params()
        except (NameError, ValueError, AssertionError, SyntaxError, TypeError, AttributeError) as error:
            raise OptionError(
                f"{name!r} is no measure that ir_measures knows ({error}); for example: {', '.join(DEFAULT)}, AP, P@5"
            ) from None
        for parameter, value in one.params.items():
            if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= _MAX_CUTOFF:
                raise OptionError(f"{name!r}: {parameter} is {value}; it must be at least 1 and at most {_MAX_CUTOFF}")
        parsed[str(one)] = one
    return parsed


def _numbered(numbers: dict[str, str], key: str) -> str:
    return numbers.setdefault(key, str(len(numbers)))
