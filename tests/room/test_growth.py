"""Growth: what a smaller collection finds follows from ranks, and equals what is measured on random parts."""

from __future__ import annotations

import numpy as np
import pytest

from numen.errors import InputError
from numen.evaluate import Dataset
from numen.room.corpus import read_corpus
from numen.room.growth import above_of, grown_run, recall_at


def test_todays_size_gives_todays_recall_and_parts_give_the_mean_over_parts() -> None:
    random = np.random.default_rng(0)
    above = [[int(n) for n in sorted(random.integers(0, 400, 2))] for _ in range(50)]
    today = np.mean([n + at < 100 for some in above for at, n in enumerate(some)])
    assert recall_at(above, 1_000, 1_000, 100) == pytest.approx(today)
    trials = []
    for _ in range(300):
        kept = [[random.binomial(n, 0.25) for n in some] for some in above]
        trials.append(np.mean([n + order < 30 for some in kept for order, n in enumerate(some)]))
    assert recall_at(above, 1_000, 250, 30) == pytest.approx(np.mean(trials), abs=0.01)


def test_more_documents_never_help() -> None:
    above: list[list[int | None]] = [[0, 5], [3], [90, None], [40]]
    found = [recall_at(above, 1_000, size, 100) for size in (100, 500, 1_000, 2_000, 50_000)]
    assert (np.diff(found) <= 1e-12).all()
    assert found[2] == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    with pytest.raises(InputError):
        recall_at(above, 1_000, 0)


def test_where_answers_stand(tiny: Dataset) -> None:
    corpus = read_corpus(tiny)
    run = {}
    for query, some in zip(corpus.dataset.queries, corpus.relevant, strict=True):
        mine = [corpus.ids[place] for place in some]
        others = [id_ for id_ in corpus.ids if id_ not in mine][:3]
        run[query] = [(id_, 0.0) for id_ in (others[0], mine[0], others[1], others[2])]
    assert above_of(corpus, run) == [[1, None]] * 30


def test_a_run_made_from_ranks_has_them(tiny: Dataset) -> None:
    corpus = read_corpus(tiny)
    run = grown_run(corpus, [[0, 4]] * 30, len(corpus.documents), 100)
    for query, hits in run.items():
        relevant = list(corpus.dataset.qrels[query])
        assert [rank for rank, (id_, _) in enumerate(hits) if id_ in relevant] == [0, 5]
    grown = grown_run(corpus, [[0, 4]] * 30, 12, 100)
    ranks = [max(i for i, (id_, _) in enumerate(hits) if not id_.startswith("\0")) for hits in grown.values()]
    assert np.mean(ranks) > 20
