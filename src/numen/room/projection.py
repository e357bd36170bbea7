"""How many dimensions a random projection needs to keep answers in front.

Source: Luan, Eisenstein, Toutanova, Collins, "Sparse, Dense, and Attentional Representations for Text Retrieval", TACL
2021, arXiv 2005.00181, sections 2 and 3 (after Johnson and Lindenstrauss). The normalised margin of a query q, an
answer d1 and another document d2 is epsilon = <q, d1 - d2> / (|q| |d1 - d2|).
"""

from __future__ import annotations

from math import ceil, log

from numen.errors import InputError

__all__ = ["ASSUMPTION", "boolean_dimensions", "pair_dimensions", "recall_dimensions"]

ASSUMPTION = (
    "Assumes a projection drawn at random, that has seen no data (learned vectors can do with fewer dimensions), and "
    "the wide vectors as the truth that is to be kept."
)


def pair_dimensions(epsilon: float, beta: float = 0.05) -> int:
    """Dimensions that keep one answer before one other document with probability 1 - beta."""
    return ceil(2 / _rate(epsilon) * log(4 / _checked(beta)))


def recall_dimensions(epsilon: float, documents: int, beta: float = 0.05, rank: int = 1) -> int:
    """Dimensions that keep an answer within the first `rank` of all documents with probability 1 - beta.

    epsilon: the margin against the document that stands at place `rank` among the others, the closest first.
    """
    if not 1 <= rank <= documents:
        raise InputError(f"rank is {rank}; it must be from 1 to {documents:,}, the number of documents")
    return ceil(2 / _rate(epsilon) * log(4 * (documents - rank + 1) / _checked(beta)))


def boolean_dimensions(query_terms: int, document_terms: int, beta: float = 0.05) -> int:
    """Dimensions that keep the number of shared terms: it grows with the length of documents."""
    if query_terms < 1 or document_terms < 1:
        raise InputError(f"a query of {query_terms} and a document of {document_terms} terms; both need at least 1")
    return ceil(24 * query_terms * document_terms * log(4 / _checked(beta)))


def _rate(epsilon: float) -> float:
    if not 0 < epsilon <= 1:
        raise InputError(f"epsilon is {epsilon}; a margin to be kept is above 0 and at most 1")
    return epsilon**2 / 2 - epsilon**3 / 3


def _checked(beta: float) -> float:
    if not 0 < beta < 1:
        raise InputError(f"beta is {beta}; a probability of error is above 0 and below 1")
    return beta
