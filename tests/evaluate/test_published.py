"""The published and planned figures on the judged collections beside the checkout (shared/data/README.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from numen.evaluate import evaluate, load_dataset

BM25 = {  # nDCG@10, R@100: plain, then english
    "cranfield": ((0.334, 0.694), (0.360, 0.731)),
    "cisi": ((0.359, 0.410), (0.396, 0.448)),
    "cacm": ((0.443, 0.634), (0.499, 0.693)),
    "npl-vaswani": ((0.362, 0.460), (0.436, 0.603)),
    "scifact": ((0.660, 0.873), (0.679, 0.913)),
}
NUMEN = {
    "cranfield": (0.292, 0.666),
    "cisi": (0.269, 0.339),
    "cacm": (0.262, 0.536),
    "npl-vaswani": (0.223, 0.470),
    "scifact": (0.572, 0.860),
}
LIMIT = {512: (0.0245, 0.209), 8192: (0.7145, 0.8975), 32768: (0.8115, 0.9375)}  # dimensions: R@2, R@100


@pytest.mark.parametrize("name", BM25)
def test_small_collections(name: str, data_dir: Path) -> None:
    done = evaluate(load_dataset(str(data_dir / name)), ["bm25", "bm25:english", "numen:32768"])
    plain, english, numen = ((r.measures["nDCG@10"], r.measures["R@100"]) for r in done.results)
    assert plain == pytest.approx(BM25[name][0], abs=0.01)
    assert english == pytest.approx(BM25[name][1], abs=0.01)
    assert numen == pytest.approx(NUMEN[name], abs=0.003)


def test_limit(data_dir: Path) -> None:
    specs = [f"numen:{dim}" for dim in LIMIT]
    done = evaluate(load_dataset(str(data_dir / "limit")), [*specs, "bm25", "bm25:english"])
    measures = {result.encoder: result.measures for result in done.results}
    for spec, expected in zip(specs, LIMIT.values(), strict=True):
        assert (measures[spec]["R@2"], measures[spec]["R@100"]) == pytest.approx(expected, abs=0.002)
    for spec, ndcg, recall in (("bm25", 0.940, 0.964), ("bm25:english", 0.883, 0.935)):
        assert (measures[spec]["nDCG@10"], measures[spec]["R@100"]) == pytest.approx((ndcg, recall), abs=0.01)
