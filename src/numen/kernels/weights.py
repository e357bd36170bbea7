"""A float32 weight in four bytes of which a search reads one: a code that bounds it from above, and the rest.

A key's weights are bounded by code * step, step being a 255th of the key's largest, and how many float32 numbers lie
between bound and weight is kept in three bytes. So a search adds up codes, and only what may be a hit is added up again
from the weights themselves, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.kernels.codes import WEIGHT_ESCAPE
from numen.kernels.jit import inline, kernel
from numen.kernels.lookup import exception_of

__all__ = ["join_weights", "split_weights", "weight_at"]


@inline
def _bits(x: np.float32) -> np.int64:
    """The bits of a float32 as an integer; for positive floats they count upwards."""
    return np.int64(np.float32(x).view(np.int32))


@inline
def _float(bits: Any) -> np.float32:
    """The float32 of these bits."""
    x: np.float32 = np.int32(bits).view(np.float32)
    return x


@inline
def _step_of(largest: np.float32) -> np.float32:
    """The step with which 255 reaches `largest`."""
    step = np.float32(largest / np.float32(255))
    if step < np.finfo(np.float32).tiny:
        return np.float32(largest)
    while step * np.float32(255) < largest:
        step = _float(_bits(step) + 1)
    return step


@inline
def _code_of(weight: np.float32, step: np.float32) -> int:
    """The least code in 1..255 whose bound reaches the weight."""
    code = min(max(int(np.ceil(weight / step)), 1), 255)
    while code < 255 and step * np.float32(code) < weight:
        code += 1
    while code > 1 and step * np.float32(code - 1) >= weight:
        code -= 1
    return code


@inline
def _below(weight: np.float32, bound: np.float32) -> int:
    """How many float32 numbers the weight lies below its bound; WEIGHT_ESCAPE if three bytes do not hold it."""
    return min(_bits(bound) - _bits(weight), WEIGHT_ESCAPE)  # type: ignore[return-value]


@inline
def weight_at(
    codes: NDArray[np.uint8],
    fine: NDArray[np.uint8],
    j: int,
    step: np.float32,
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    place: int,
    d: Any,
) -> np.float32:
    """The weight of entry j, which is the key's at `place` in document d."""
    below = np.int64(fine[j, 0]) | np.int64(fine[j, 1]) << 8 | np.int64(fine[j, 2]) << 16
    if below == WEIGHT_ESCAPE:
        return _float(exception_of(exception_keys, exception_docs, exception_counts, place, d))
    return _float(_bits(np.float32(step * np.float32(codes[j]))) - below)


@kernel
def split_weights(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    values: NDArray[np.float32],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_values: NDArray[np.float32],
    steps: NDArray[np.float32],
    codes: NDArray[np.uint8],
    fine: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    long_fine: NDArray[np.uint8],
) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint32]]:
    """Write the weights of all lists as codes and rests; returns what no rest holds: (keys, docs, bits of the weight).

    steps: float32 (n_keys), written to. codes, long_codes: uint8, one an entry; fine, long_fine: uint8 (n_entries, 3),
    low byte first; all written to. An entry of a long list that only leads up to a wide gap has the code 0.
    """
    n = 0
    keys, places, bits = np.empty(16, np.uint32), np.empty(16, np.uint16), np.empty(16, np.uint32)
    for key in range(len(starts) - 1):
        i = np.int64(long_of[key])
        begin, end = (starts[key], starts[key + 1]) if i < 0 else (long_starts[i], long_starts[i + 1])
        some = values if i < 0 else long_values
        some_codes, some_fine = (codes, fine) if i < 0 else (long_codes, long_fine)
        largest = np.float32(0)
        for j in range(begin, end):
            largest = max(largest, some[j])
        step = _step_of(largest)
        steps[key] = step
        d: Any = 0
        for j in range(begin, end):
            d = np.int64(docs[j]) if i < 0 else d + np.int64(gaps[j])
            if some[j] == 0:
                some_codes[j] = 0
                some_fine[j] = 0
                continue
            code = _code_of(some[j], step)
            below = _below(some[j], step * np.float32(code))
            some_codes[j] = code
            some_fine[j, 0], some_fine[j, 1], some_fine[j, 2] = below & 255, below >> 8 & 255, below >> 16
            if below == WEIGHT_ESCAPE:
                if n == len(keys):
                    keys = np.concatenate((keys, np.empty_like(keys)))
                    places = np.concatenate((places, np.empty_like(places)))
                    bits = np.concatenate((bits, np.empty_like(bits)))
                keys[n], places[n], bits[n] = key, d, _bits(some[j])
                n += 1
    return keys[:n].copy(), places[:n].copy(), bits[:n].copy()


@kernel
def join_weights(
    starts: NDArray[np.int64],
    docs: NDArray[np.uint16],
    codes: NDArray[np.uint8],
    fine: NDArray[np.uint8],
    steps: NDArray[np.float32],
    long_of: NDArray[np.int32],
    long_starts: NDArray[np.int64],
    gaps: NDArray[np.uint8],
    long_codes: NDArray[np.uint8],
    long_fine: NDArray[np.uint8],
    exception_keys: NDArray[np.uint32],
    exception_docs: NDArray[np.uint16],
    exception_counts: NDArray[np.uint32],
    values: NDArray[np.float32],
    long_values: NDArray[np.float32],
) -> None:
    """The inverse of `split_weights`: values and long_values are written to."""
    for key in range(len(starts) - 1):
        i = np.int64(long_of[key])
        if i < 0:
            for j in range(starts[key], starts[key + 1]):
                values[j] = weight_at(
                    codes, fine, j, steps[key], exception_keys, exception_docs, exception_counts, key, np.int64(docs[j])
                )
        else:
            d: Any = 0
            for j in range(long_starts[i], long_starts[i + 1]):
                d += np.int64(gaps[j])
                long_values[j] = np.float32(0)
                if long_codes[j] != 0:
                    long_values[j] = weight_at(
                        long_codes, long_fine, j, steps[key], exception_keys, exception_docs, exception_counts, key, d
                    )
