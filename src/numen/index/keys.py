"""What names a list in a segment: a number (a hash bucket) or a term (its UTF-8 bytes), in ascending order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from numen.index.files import sealed
from numen.kernels.codes import SAMPLE

__all__ = ["NumberKeys", "TermKeys", "Vocabulary", "keys_from_arrays"]


class NumberKeys:
    """Keys that are numbers below 2^32: `numbers` uint32, ascending and all different."""

    def __init__(self, numbers: NDArray[np.uint32]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def find(self, wanted: NumberKeys) -> NDArray[np.int64]:
        """int64 (len(wanted)): the place of each wanted key here, -1 where it is not."""
        from numen.kernels.places import find_keys

        return find_keys(self.numbers, wanted.numbers)

    def select(self, places: NDArray[np.int64]) -> NumberKeys:
        """The keys at ascending `places`."""
        return NumberKeys(self.numbers[places])

    def union(self, others: Sequence[NumberKeys]) -> NumberKeys:
        """The keys of this and the others, each once."""
        return NumberKeys(np.unique(np.concatenate([self.numbers, *(other.numbers for other in others)])))

    def united(self, others: Sequence[NumberKeys]) -> tuple[NumberKeys, list[NDArray[np.int64]]]:
        """(the union, where its keys are that this has and each of the others, int64)."""
        every = self.union(others)
        return every, [every.find(one) for one in (self, *others)]

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

    @cached_property
    def samples(self) -> NDArray[np.uint64]:
        """uint64: the first eight bytes of every SAMPLE-th term as one number, zeros after its end."""
        begins, ends = self.starts[:-1:SAMPLE], self.starts[1::SAMPLE]
        at = begins[:, None] + np.arange(8)
        inside = at < ends[:, None]
        data = np.where(inside, self.blob[np.where(inside, at, 0)] if len(self.blob) else 0, 0).astype(np.uint64)
        out: NDArray[np.uint64] = (data << np.arange(56, -8, -8, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
        return out

    def terms(self) -> list[bytes]:
        """Every term, as UTF-8 bytes."""
        data = self.blob.tobytes()
        starts = self.starts.tolist()
        return [data[a:b] for a, b in itertools.pairwise(starts)]

    def find(self, wanted: TermKeys) -> NDArray[np.int64]:
        """int64 (len(wanted)): the place of each wanted key here, -1 where it is not."""
        from numen.kernels.places import find_terms

        return find_terms(self.blob, self.starts, wanted.blob, wanted.starts)

    def select(self, places: NDArray[np.int64]) -> TermKeys:
        """The keys at ascending `places`."""
        if len(places) == len(self):
            return self
        taken = Vocabulary(self.blob, self.starts).take(places)
        return TermKeys(taken.blob, taken.starts)

    def union(self, others: Sequence[TermKeys]) -> TermKeys:
        """The keys of this and the others, each once."""
        return self.united(others)[0]

    def united(self, others: Sequence[TermKeys]) -> tuple[TermKeys, list[NDArray[np.int64]]]:
        """(the union, where its keys are that this has and each of the others, int64)."""
        from numen.kernels.terms import unite_terms

        parts = [self, *others]
        whole = Vocabulary.joined([Vocabulary(part.blob, part.starts) for part in parts])
        blob, starts, places = unite_terms(*whole.sealed())
        return TermKeys(blob, starts), np.split(places, np.cumsum([len(part) for part in parts])[:-1])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by file name."""
        return {"terms": self.blob, "term_starts": self.starts}

    def sealed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """(blob, starts), read-only, so that a kernel is compiled for one kind of array."""
        return sealed(self.blob).view(np.uint8), sealed(self.starts).view(np.int64)


class Vocabulary(Sequence[bytes]):
    """Terms by number, in no order: term t is blob[starts[t]:starts[t + 1]] (UTF-8)."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
        self.blob, self.starts = blob, starts

    @classmethod
    def of(cls, terms: Iterable[bytes]) -> Vocabulary:
        """These terms, numbered from 0."""
        keys = TermKeys.of(terms)
        return cls(keys.blob, keys.starts)

    @classmethod
    def joined(cls, parts: Sequence[Vocabulary]) -> Vocabulary:
        """The terms of all parts, one part after the other."""
        ends = np.cumsum([0, *(part.starts[-1] for part in parts)])
        starts = [part.starts[:-1] + end for part, end in zip(parts, ends, strict=False)]
        return cls(np.concatenate([part.blob for part in parts]), np.append(np.concatenate(starts), ends[-1]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> list[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | list[bytes]:
        if isinstance(number, slice):
            return list(self)[number]
        begin, end = self.starts[number], self.starts[number + 1]
        return self.blob[begin:end].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return iter(TermKeys(self.blob, self.starts).terms())

    def take(self, numbers: NDArray[np.int64]) -> Vocabulary:
        """The terms of these numbers, in that order."""
        from numen.kernels.taken import take_terms

        return Vocabulary(*take_terms(*self.sealed(), numbers))

    def order(self) -> NDArray[np.int64]:
        """int64: the numbers in the order of their terms' bytes, which is that of strings too."""
        from numen.kernels.terms import order_terms

        return order_terms(*self.sealed())

    def sealed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """As of `TermKeys`."""
        return TermKeys(self.blob, self.starts).sealed()

    def in_order(self) -> tuple[NDArray[np.int64], TermKeys]:
        """(the numbers in the order of their terms' bytes, the terms in that order)."""
        order = self.order()
        taken = self.take(order)
        return order, TermKeys(taken.blob, taken.starts)


def keys_from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> NumberKeys | TermKeys:
    """The keys whose `arrays()` these are."""
    if "keys" in arrays:
        return NumberKeys(arrays["keys"].view(np.uint32))
    return TermKeys(arrays["terms"].view(np.uint8), arrays["term_starts"].view(np.int64))
