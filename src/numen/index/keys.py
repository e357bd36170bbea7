"""What names a list in a segment: a number (a hash bucket) or a term (its UTF-8 bytes), in ascending order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from numen.index.files import sealed

__all__ = ["NumberKeys", "TermKeys", "keys_from_arrays"]


class NumberKeys:
    """Keys that are numbers below 2^32: `numbers` uint32, ascending and all different."""

    def __init__(self, numbers: NDArray[np.uint32]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def find(self, wanted: NumberKeys) -> NDArray[np.int64]:
        """int64 (len(wanted)): the place of each wanted key here, -1 where it is not."""
        from numen.kernels.postings import find_keys

        return find_keys(self.numbers, wanted.numbers)

    def select(self, places: NDArray[np.int64]) -> NumberKeys:
        """The keys at ascending `places`."""
        return NumberKeys(self.numbers[places])

    def union(self, others: Sequence[NumberKeys]) -> NumberKeys:
        """The keys of this and the others, each once."""
        return NumberKeys(np.unique(np.concatenate([self.numbers, *(other.numbers for other in others)])))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by file name."""
        return {"keys": self.numbers}


class TermKeys:
    """Keys that are terms: term t is blob[starts[t]:starts[t + 1]] (UTF-8), in the order of their bytes."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
        self.blob, self.starts = blob, starts

    @classmethod
    def of(cls, terms: Iterable[bytes]) -> TermKeys:
        """The keys for terms given in any order, each kept as often as given (sort and merge is the caller's)."""
        parts = list(terms)
        starts = np.zeros(len(parts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=starts[1:])
        return cls(np.frombuffer(b"".join(parts), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def terms(self) -> list[bytes]:
        """Every term, as UTF-8 bytes."""
        data = self.blob.tobytes()
        starts = self.starts.tolist()
        return [data[a:b] for a, b in itertools.pairwise(starts)]

    def find(self, wanted: TermKeys) -> NDArray[np.int64]:
        """int64 (len(wanted)): the place of each wanted key here, -1 where it is not."""
        from numen.kernels.terms import find_terms

        return find_terms(self.blob, self.starts, wanted.blob, wanted.starts)

    def select(self, places: NDArray[np.int64]) -> TermKeys:
        """The keys at ascending `places`."""
        if len(places) == len(self):
            return self
        lengths = (self.starts[1:] - self.starts[:-1])[places]
        starts = np.zeros(len(places) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return TermKeys(
            self.blob[np.repeat(self.starts[places] - starts[:-1], lengths) + np.arange(starts[-1])], starts
        )

    def union(self, others: Sequence[TermKeys]) -> TermKeys:
        """The keys of this and the others, each once."""
        from numen.kernels.terms import union_terms

        # By twos, then by fours, and so on: each term is copied as often as the number of lists can be halved.
        lists = [self, *others]
        while len(lists) > 1:
            pairs = itertools.zip_longest(lists[::2], lists[1::2])
            lists = [
                one if other is None else TermKeys(*union_terms(*one._sealed(), *other._sealed()))
                for one, other in pairs
            ]
        return lists[0]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by file name."""
        return {"terms": self.blob, "term_starts": self.starts}

    def _sealed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Read-only, so that a kernel is compiled for one kind of array."""
        return sealed(self.blob).view(np.uint8), sealed(self.starts).view(np.int64)


def keys_from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> NumberKeys | TermKeys:
    """The keys whose `arrays()` these are."""
    if "keys" in arrays:
        return NumberKeys(arrays["keys"].view(np.uint32))
    return TermKeys(arrays["terms"].view(np.uint8), arrays["term_starts"].view(np.int64))
