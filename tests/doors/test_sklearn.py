"""The scikit-learn door, against the real package."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from numen import Collection
from numen.errors import InputError, OptionError

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from numen.doors.sklearn import NumenVectorizer

TEXTS = ["red fox and red hen", "blue hen", "a fox", ""]


def test_hashed_rows_are_those_of_the_encoder() -> None:
    from numen.encode.hashed import HashedEncoder

    found = NumenVectorizer("numen:512").fit_transform(TEXTS)
    vectors = HashedEncoder(512).encode(TEXTS)
    assert found.shape == (4, 512)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.indptr, vectors.indptr)
    np.testing.assert_array_equal(found.indices, vectors.indices)
    np.testing.assert_array_equal(found.data, vectors.values)


@pytest.mark.parametrize("encoder", ["bm25", "bm25:english", "bm25,formula=atire,k1=0.9"])
def test_rows_of_bm25_times_a_query_are_its_scores(encoder: str) -> None:
    vectorizer = NumenVectorizer(encoder).fit(TEXTS)
    names = list(vectorizer.get_feature_names_out())
    assert names == sorted(names)
    collection = Collection.create(legs={"words": encoder})
    collection.add({"id": str(n), "text": text} for n, text in enumerate(TEXTS))
    query = np.array([name in ("red", "fox") for name in names], np.float32)
    scores = vectorizer.transform(TEXTS) @ query
    expected = {hit.id: hit.score for hit in collection.search("red fox")}
    assert {str(n): pytest.approx(score) for n, score in enumerate(scores) if score} == expected


def test_words_that_were_not_fitted_are_left_out() -> None:
    found = NumenVectorizer("bm25").fit(TEXTS).transform(["purple fox", "purple", ""])
    assert list(np.diff(found.indptr)) == [1, 0, 0]


def test_it_works_in_a_pipeline_is_cloned_searched_and_pickled() -> None:
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    texts = [f"{animal} number {n}" for n in range(6) for animal in ("fox", "hen")]
    labels = [0, 1] * 6
    pipeline = make_pipeline(NumenVectorizer("numen:256"), LogisticRegression())
    grid = GridSearchCV(pipeline, {"numenvectorizer__encoder": ["numen:256", "bm25"]}, cv=2)
    grid.fit(texts, labels)
    assert list(grid.predict(["a fox", "a hen"])) == [0, 1]
    fitted = NumenVectorizer("bm25").fit(texts)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.transform(texts) != fitted.transform(texts)).nnz == 0
    assert not hasattr(clone(fitted), "n_columns_")


def test_what_is_no_list_of_texts_is_refused() -> None:
    with pytest.raises(InputError, match="put a single one in a list"):
        NumenVectorizer().fit("text")
    with pytest.raises(InputError, match="text 1 is a int"):
        NumenVectorizer().fit(["a", 3])  # type: ignore[list-item]
    with pytest.raises(OptionError, match="a vectorizer takes"):
        NumenVectorizer("given").fit(["a"])
