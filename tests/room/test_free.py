"""Free vectors: what few dimensions hold, and what they do not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from numen.errors import InputError
from numen.room.capacity import PAPER_CRITICAL, critical_n, cubic_fit, dimension_for
from numen.room.free import PUBLISHED, Schedule, fit_free


def test_four_dimensions_hold_the_pairs_of_eight_documents_and_not_of_fourteen() -> None:
    pairs = list(combinations(range(8), 2))
    held = fit_free(pairs, 8, 4)
    assert (held.perfect, held.accuracy) == (True, 1.0)
    assert held == fit_free(pairs, 8, 4)
    lost = fit_free(list(combinations(range(14), 2)), 14, 4)
    assert 0.5 < lost.accuracy < 1.0


def test_who_looks_more_often_is_done_no_later() -> None:
    pairs = list(combinations(range(8), 2))
    often, seldom = (fit_free(pairs, 8, 4, Schedule(look=look)) for look in (50, 500))
    assert often.perfect
    assert seldom.perfect
    assert often.steps <= seldom.steps
    assert PUBLISHED.look == 500


def test_the_critical_n_of_three_dimensions() -> None:
    found = critical_n(3, start=4)
    assert 4 <= found.n <= 6
    assert [(n, accuracy == 1.0) for n, accuracy, _ in found.tried][-2:] == [(found.n, True), (found.n + 1, False)]
    assert critical_n(3, start=8).n >= found.n
    longer = critical_n(3, start=6, longer=True)
    assert 4 <= longer.n <= 6
    assert {n: accuracy for n, accuracy, _ in longer.tried}[longer.n] == 1.0
    assert max(n for n, _, _ in longer.tried) > longer.n


def test_a_cubic_goes_through_the_published_points() -> None:
    fit = cubic_fit(PAPER_CRITICAL.items())
    assert fit.r2 > 0.999
    assert all(fit(dim) == pytest.approx(n, abs=13) for dim, n in PAPER_CRITICAL.items())
    assert fit(4096) == pytest.approx(250e6, rel=0.2)  # what the paper extrapolates to
    with pytest.raises(InputError, match="at least four"):
        cubic_fit([(4, 10), (8, 28)])


def test_judgements_of_ones_own_need_few_dimensions_where_answers_do_not_overlap() -> None:
    ring = [(i, (i + 1) % 20) for i in range(20)]
    reached = dimension_for(ring, 20, (1, 2, 4, 8))
    assert [one.dim for one in reached] == [1, 2, 4, 8][: len(reached)]
    assert reached[-1].perfect
    assert not reached[0].perfect
    assert all(np.diff([one.accuracy for one in reached]) >= 0)


@pytest.mark.parametrize(
    ("relevant", "dim", "words"),
    [([], 4, "no queries"), ([()], 4, "query 0"), ([(0, 9)], 4, "from 0 to 2"), ([(0,)], 0, "dim is 0")],
)
def test_what_cannot_be_trained(relevant: list[tuple[int, ...]], dim: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fit_free(relevant, 3, dim)


def test_critical_n_of_nothing() -> None:
    with pytest.raises(InputError, match="k is 0"):
        critical_n(4, k=0)


def test_what_an_earlier_run_tried_is_not_tried_again() -> None:
    first = critical_n(3, start=4)
    heard: list[int] = []
    again = critical_n(3, start=4, known=first.tried[:-1], told=lambda n, _: heard.append(n))
    assert again == first
    assert heard == [first.n + 1]
