"""A scikit-learn vectorizer: texts to sparse vectors, by the encoders that collections use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode import Encoder, parse_encoder
from numen.encode.auto import AutoEncoder
from numen.encode.encoder import QueryCounts, Statistics
from numen.encode.hashed import HashedEncoder
from numen.encode.words import WordsEncoder
from numen.errors import InputError, MissingExtra, OptionError
from numen.index.keys import TermKeys

try:
    from scipy.sparse import csr_matrix
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise MissingExtra("scikit-learn", "sklearn", "a scikit-learn vectorizer") from error

__all__ = ["NumenVectorizer"]


class NumenVectorizer(TransformerMixin, BaseEstimator):
    """Texts as rows of a scipy CSR matrix, float32.

    encoder: "numen" or "numen:DIM" (hashed character n-grams: rows of length 1, nothing to learn), or "bm25" or
    "bm25:LANGUAGE", whose columns are the terms of the texts that it was fitted to, in order of their UTF-8, and whose
    values are BM25 weights: the row of a document times a query's counts is the query's score.
    """

    def __init__(self, encoder: str = "numen:32768") -> None:
        self.encoder = encoder

    def fit(self, X: Iterable[str], y: object = None) -> NumenVectorizer:
        """Learn the terms, in how many texts each is, and the texts' average length, as far as the encoder asks."""
        texts = _texts(X)
        encoder = self._encoder()
        if isinstance(encoder, WordsEncoder):
            counter = encoder.counter()
            rows = counter.count(texts)
            order, keys = counter.vocabulary().in_order()
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            frequencies = np.bincount(place[rows.numbers], minlength=len(order))
            self.statistics_ = Statistics(len(texts), int(rows.doc_values.sum()))
            each = np.arange(len(order))
            query = QueryCounts(np.array([0, len(order)], np.int64), each, np.ones(len(order), np.int64), keys)
            self.weights_ = encoder.weigh(query, frequencies, self.statistics_, None)[0]
            self.terms_ = [term.decode() for term in keys.terms()] if isinstance(keys, TermKeys) else []
            self._place = {term: number for number, term in enumerate(self.terms_)}
            self.n_columns_ = len(order)
        else:
            self.n_columns_ = encoder.dim
        return self

    def transform(self, X: Iterable[str]) -> Any:
        """The matrix (texts, columns)."""
        check_is_fitted(self, "n_columns_")
        texts = _texts(X)
        encoder = self._encoder()
        if isinstance(encoder, HashedEncoder):
            found = encoder.encode(texts)
            parts = found.values, found.indices.astype(np.int64), found.indptr
            return csr_matrix(parts, shape=(len(texts), self.n_columns_))
        counter = encoder.counter()
        rows = counter.count(texts)
        local = [self._place.get(term.decode(), -1) for term in counter.vocabulary()]
        columns = np.array(local, np.int64)[rows.numbers] if local else np.empty(0, np.int64)
        of = np.repeat(np.arange(len(texts)), np.diff(rows.starts))
        saturation = encoder.doc_values(rows.doc_values, self.statistics_, None)[of]
        known = columns >= 0
        counts = rows.values[known].astype(np.float32)
        values = self.weights_[columns[known]] * counts / (counts + saturation[known])
        return csr_matrix((values, (of[known], columns[known])), shape=(len(texts), self.n_columns_))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """What each column stands for: its term, or the number of its bucket."""
        check_is_fitted(self, "n_columns_")
        named = getattr(self, "terms_", None) or [f"bucket{number}" for number in range(self.n_columns_)]
        return np.array(named, dtype=object)

    def _encoder(self) -> HashedEncoder | WordsEncoder:
        encoder: Encoder = parse_encoder(self.encoder)
        if isinstance(encoder, HashedEncoder) or (
            isinstance(encoder, WordsEncoder) and not isinstance(encoder, AutoEncoder)
        ):
            return encoder
        raise OptionError(f"encoder is {self.encoder!r}; a vectorizer takes numen, numen:DIM, bm25 or bm25:LANGUAGE")


def _texts(given: Iterable[str]) -> list[str]:
    if isinstance(given, str):
        raise InputError("a vectorizer takes a list of texts; put a single one in a list")
    texts = list(given)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"text {number} is a {type(text).__name__}; a vectorizer takes strings")
    return texts
