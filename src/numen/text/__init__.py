"""From a string to terms: normalisation, words, n-grams, stems, and the analyzer that puts them together."""

from numen.text.analyzer import Analyzer, Term

__all__ = ["Analyzer", "Term"]
