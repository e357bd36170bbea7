"""What collisions do to scores: inner products of hashed vectors beside those without collisions.

Source: Weinberger, Dasgupta, Langford, Smola, Attenberg, "Feature hashing for large scale multitask learning", ICML
2009. For rows x and y of length 1 with non-negative values, hashed into d dimensions, the error of <x, y> has

    unsigned          mean (|x| |y| - <x, y>) / d, |.| the sum of values: collisions only ever add
    signed            mean 0, variance (1 + <x, y>^2 - 2 sum x_i^2 y_i^2) / d
    H hashes at once  each n-gram in H dimensions at 1 / sqrt(H): unsigned H times the mean, signed the same variance

so that signs take the bias away, and several hashes buy no variance: they trade few large errors for many small ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from numen.encode.hashed import HashedEncoder
from numen.errors import InputError
from numen.room.collisions import digests, seeded
from numen.types import JSON

__all__ = ["DIMS", "HashError", "hash_errors"]

DIMS = (512, 2048, 8192, 32768)
HASHES = 4
_TEXTS = 200
_PAIRS = 2_000


@dataclass(frozen=True)
class HashError:
    """Errors of inner products at one size. expected_mean: of unsigned hashing, 0 signed; expected_spread: of signed
    hashing, None unsigned, where the documents' own differences rule. largest: the 99.9th percentile of their size."""

    dim: int
    signed: bool
    hashes: int
    mean: float
    spread: float
    largest: float
    expected_mean: float
    expected_spread: float | None

    def to_json(self) -> dict[str, JSON]:
        return asdict(self)


def hash_errors(
    encoder: HashedEncoder, texts: Sequence[str], dims: Sequence[int] = DIMS, seed: int = 0
) -> list[HashError]:
    """Signed and unsigned, with one hash and with four, for each size; of pairs of up to 200 texts drawn by `seed`.

    InputError where fewer than two texts have n-grams.
    """
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(texts))[:_TEXTS])
    rows, grams, values = _values(encoder, [texts[int(at)] for at in chosen])
    n = int(rows.max(initial=-1)) + 1
    if n < 2:
        raise InputError(f"{n} of the texts have n-grams; errors of inner products take at least 2")
    first, second = random.integers(0, n, (2, _PAIRS))
    first, second = first[first != second], second[first != second]
    names, places = np.unique(grams, return_inverse=True)
    wide = np.zeros((n, len(names)), np.float32)
    wide[rows, places] = values
    exact = np.einsum("ij,ij->i", wide[first], wide[second], dtype=np.float64)
    fourth = np.einsum("ij,ij->i", np.square(wide[first]), np.square(wide[second]), dtype=np.float64)
    sums = wide.sum(axis=1, dtype=np.float64)
    base = digests(names.tolist())
    out = []
    for dim in dims:
        variance = float((1 + exact**2 - 2 * fourth).mean()) / dim
        for signed in (False, True):
            for hashes in (1, HASHES):
                held = _hashed(wide, base, dim, signed, hashes, seed)
                error = np.einsum("ij,ij->i", held[first], held[second], dtype=np.float64) - exact
                apart = sums[first] * sums[second] - exact
                bias = float((hashes * apart + (hashes - 1) * exact).mean()) / dim
                out.append(
                    HashError(
                        dim=dim,
                        signed=signed,
                        hashes=hashes,
                        mean=float(error.mean()),
                        spread=float(error.std()),
                        largest=float(np.quantile(np.abs(error), 0.999)),
                        expected_mean=0.0 if signed else bias,
                        expected_spread=sqrt(variance) if signed else None,
                    )
                )
    return out


def _values(
    encoder: HashedEncoder, texts: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.float32]]:
    """(row, n-gram, value) of every n-gram of every text: damped counts, rows at length 1, as without any hashing."""
    rows: list[int] = []
    grams: list[str] = []
    values: list[float] = []
    for text in texts:
        counts: Counter[str] = Counter()
        for word, times in Counter(encoder.words(text)).items():
            for gram, _, weight in encoder.word_grams(word):
                counts[gram] += times * abs(weight)
        if counts:
            damped = np.log1p(np.fromiter(counts.values(), float, len(counts)))
            row = rows[-1] + 1 if rows else 0
            rows += [row] * len(counts)
            grams += counts
            values += (damped / np.linalg.norm(damped)).tolist()
    return np.array(rows, np.int64), np.array(grams, dtype=object), np.array(values, np.float32)


def _hashed(
    wide: NDArray[np.float32], base: NDArray[np.uint64], dim: int, signed: bool, hashes: int, seed: int
) -> NDArray[np.float32]:
    """The rows in `dim` dimensions, each n-gram in as many of them as there are hashes."""
    out = np.zeros((dim, len(wide)), np.float32)
    for number in range(hashes):
        drawn = seeded(base, seed * HASHES + number)
        part = wide.T / np.float32(sqrt(hashes))
        if signed:
            part = part * np.where(drawn >> np.uint64(63), np.float32(-1), np.float32(1))[:, None]
        np.add.at(out, (drawn % np.uint64(dim)).astype(np.int64), part)
    return np.ascontiguousarray(out.T)
