"""An immutable set of documents: their keys in the catalog, their ids, and one part a leg: lists, or vectors."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.index.files import Array, sealed
from numen.index.flat import FORM, Flat
from numen.index.heavy import Heavy
from numen.index.inverted import Inverted
from numen.index.keys import Vocabulary
from numen.index.lists import Lists
from numen.index.order import like_beside_like
from numen.index.packing import pack
from numen.index.trailed import TRAIL, Trailed

__all__ = ["LiveSegment", "Segment"]


@dataclass(frozen=True)
class Segment:
    """At most 65,536 documents. Arrays are read-only.

    doc_keys: int64 (n_docs): each document's key in the catalog, in no order: like documents stand side by side.
    id_blob, id_starts (uint32): the ids as UTF-8, document d's in id_blob[id_starts[d]:id_starts[d + 1]].
    ranks: uint16 (n_docs): the place of each document's id among the segment's, in the order of strings.
    legs, flats: the legs of inverted lists and those of vectors, by name.
    """

    number: int
    doc_keys: NDArray[np.int64]
    id_blob: NDArray[np.uint8]
    id_starts: NDArray[np.uint32]
    ranks: NDArray[np.uint16]
    legs: Mapping[str, Inverted]
    flats: Mapping[str, Flat] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        number: int,
        doc_keys: NDArray[np.int64],
        ids: Sequence[str] | Vocabulary,
        legs: Mapping[str, Lists],
        flats: Mapping[str, Flat] | None = None,
    ) -> Segment:
        """The segment of these documents; takes over the lists and writes to them. ids: as strings, or as UTF-8."""
        names = ids if isinstance(ids, Vocabulary) else Vocabulary.of(one.encode() for one in ids)
        flats = flats or {}
        found = like_beside_like(list(legs.values()))
        if found is not None:
            doc_keys = doc_keys[found]
            names = names.take(found)
            legs = {name: lists.reordered(found) for name, lists in legs.items()}
            flats = {name: flat.take(found) for name, flat in flats.items()}
        packed = {name: pack(lists) for name, lists in legs.items()}
        ranks = np.empty(len(names), np.uint16)
        ranks[names.order()] = np.arange(len(names))
        return cls.from_arrays(
            number,
            {
                "doc_keys": doc_keys,
                "ids": names.blob,
                "id_starts": names.starts.astype(np.uint32),
                "ranks": ranks,
                **{f"{name}/{part}": array for name, leg in packed.items() for part, array in leg.arrays().items()},
                **{f"{name}/{part}": array for name, leg in flats.items() for part, array in leg.arrays().items()},
            },
        )

    @classmethod
    def from_arrays(cls, number: int, arrays: Mapping[str, Array]) -> Segment:
        """The segment whose `arrays()` these are."""
        legs: dict[str, dict[str, Array]] = {}
        for name, array in arrays.items():
            if "/" in name:
                leg, part = name.split("/", 1)
                legs.setdefault(leg, {})[part] = sealed(array)
        return cls(
            number,
            sealed(arrays["doc_keys"]).view(np.int64),
            sealed(arrays["ids"]).view(np.uint8),
            sealed(arrays["id_starts"]).view(np.uint32),
            sealed(arrays["ranks"]).view(np.uint16),
            {name: _leg(parts) for name, parts in legs.items() if not _is_flat(parts)},
            {name: Flat.from_arrays(parts) for name, parts in legs.items() if _is_flat(parts)},
        )

    def arrays(self) -> dict[str, Array]:
        """The arrays to store, by file name."""
        return {
            "doc_keys": self.doc_keys,
            "ids": self.id_blob,
            "id_starts": self.id_starts,
            "ranks": self.ranks,
            **{f"{name}/{part}": array for name, leg in self.legs.items() for part, array in leg.arrays().items()},
            **{f"{name}/{part}": array for name, leg in self.flats.items() for part, array in leg.arrays().items()},
        }

    def arrays_of(self, leg: str) -> dict[str, Array]:
        """One leg's arrays, by file name."""
        return self.flats[leg].arrays() if leg in self.flats else self.legs[leg].arrays()

    @property
    def n_docs(self) -> int:
        return len(self.doc_keys)

    @cached_property
    def first_key(self) -> int:
        """The smallest of its documents' keys, by which segments are in order."""
        return int(self.doc_keys.min())

    @cached_property
    def _by_key(self) -> NDArray[np.int64]:
        """int64 (n_docs): the documents in the order of their keys."""
        return np.argsort(self.doc_keys)

    @cached_property
    def _ordered_keys(self) -> NDArray[np.int64]:
        """int64 (n_docs): the documents' keys, ascending."""
        return self.doc_keys[self._by_key]

    def docs_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 (len(keys)): the document of each catalog key, dead or alive, -1 where it is not here."""
        ordered = self._ordered_keys
        at = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
        return np.where(ordered[at] == keys, self._by_key[at], -1)

    @cached_property
    def bytes(self) -> int:
        """What its arrays take."""
        return sum(array.nbytes for array in self.arrays().values())

    @cached_property
    def columns(self) -> dict[Any, Any]:
        """What filters have read of the documents' metadata (numen.search.keep); kept as long as the segment is."""
        return {}

    @cached_property
    def _heavy(self) -> dict[str, Heavy]:
        return {}

    def heavy(self, leg: str) -> Heavy:
        """A product leg's lists by falling weight; made when first asked for, and kept as long as the segment is."""
        known = self._heavy.get(leg)
        if known is None:
            known = self._heavy[leg] = Heavy.of(self.legs[leg])
        return known

    @cached_property
    def near(self) -> dict[str, Any]:
        """What searches derive of each leg's vocabulary (numen.search.classes); kept as long as the segment is."""
        return {}

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """object (n_docs): the ids as strings, decoded once."""
        data, starts = self.id_blob.tobytes(), self.id_starts.tolist()
        out = np.empty(self.n_docs, object)
        out[:] = [data[a:b].decode() for a, b in itertools.pairwise(starts)]
        return out

    @property
    def names(self) -> Vocabulary:
        """The ids as UTF-8."""
        return Vocabulary(self.id_blob, self.id_starts.astype(np.int64))

    def ids_of(self, docs: NDArray[np.uint16]) -> NDArray[np.object_]:
        """object (len(docs)): the ids of some documents; all are decoded, and kept, if these are many."""
        if "ids" in self.__dict__ or len(docs) * 8 > self.n_docs:
            return self.ids[docs]
        out = np.empty(len(docs), object)
        if len(docs) <= 8:
            out[:] = [self.id_of(doc) for doc in docs.tolist()]
            return out
        begins = self.id_starts[docs].astype(np.int64)
        lengths = self.id_starts[docs.astype(np.int64) + 1] - begins
        ends = np.cumsum(lengths)
        data = self.id_blob[np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1])].tobytes()
        out[:] = [data[a:b].decode() for a, b in itertools.pairwise([0, *ends.tolist()])]
        return out

    @cached_property
    def id_table(self) -> NDArray[np.int32]:
        """int32: the documents by id, as numen.kernels.ids has them; 8 to 16 bytes a document."""
        from numen.kernels.ids import fill_ids

        table = np.full(2 << self.n_docs.bit_length(), -1, np.int32)
        fill_ids(self.id_blob, self.id_starts, table)
        return table

    def id_of(self, doc: int) -> str:
        """One document's id, without decoding the others."""
        return self.id_blob[self.id_starts[doc] : self.id_starts[doc + 1]].tobytes().decode()


def _is_flat(arrays: Mapping[str, Array]) -> bool:
    return arrays["form"].tobytes() == FORM.encode()


def _leg(arrays: Mapping[str, Array]) -> Inverted:
    part = Inverted.from_arrays(arrays)
    return Trailed.of(part, arrays[TRAIL].view(np.uint16)) if TRAIL in arrays else part


class LiveSegment:
    """A segment as one commit sees it: which of its documents are dead, and what follows from that.

    What it caches depends only on the segment and its dead documents, so any thread may ask.
    """

    def __init__(self, segment: Segment, dead: NDArray[np.uint16]) -> None:
        """dead: uint16, ascending: documents deleted or replaced since the segment was written."""
        self.segment = segment
        self.dead = dead
        self._dead_counts: dict[tuple[str, int], int] = {}
        self._totals: dict[str, int] = {}

    @property
    def n_alive(self) -> int:
        return self.segment.n_docs - len(self.dead)

    @cached_property
    def dead_mask(self) -> NDArray[np.uint8]:
        """uint8 (n_docs): 1 where dead."""
        mask = np.zeros(self.segment.n_docs, np.uint8)
        mask[self.dead] = 1
        return mask

    def docs_of_ids(
        self, blob: NDArray[np.uint8], starts: NDArray[np.int64], hashes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """int64: the living document that has each id, -1 where none has it.

        Id i is blob[starts[i]:starts[i + 1]], UTF-8, both arrays read-only; hashes: theirs (numen.kernels.ids).
        """
        from numen.kernels.ids import find_ids

        one = self.segment
        return find_ids(one.id_blob, one.id_starts, one.id_table, self.dead_mask, blob, starts, hashes)

    def total(self, leg: str) -> int:
        """The sum of the leg's document values (lengths) over living documents."""
        known = self._totals.get(leg)
        if known is None:
            values = self.segment.legs[leg].doc_values
            known = int(values.sum(dtype=np.int64)) - int(values[self.dead].sum(dtype=np.int64))
            self._totals[leg] = known
        return known

    def dead_frequencies(self, leg: str, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 (len(places)): dead documents that have each key; 0 where the place is -1."""
        part = self.segment.legs[leg]
        out = np.zeros(len(places), np.int64)
        rows = np.where(places >= 0, part.row_of[places], -1) if len(part.row_of) else np.full(len(places), -1)
        in_rows = rows >= 0
        if in_rows.any():
            out[in_rows] = np.count_nonzero(part.rows[rows[in_rows]][:, self.dead], axis=1)
        in_lists = np.flatnonzero((places >= 0) & ~in_rows)
        known = self._dead_counts
        missing = [i for i in in_lists.tolist() if (leg, int(places[i])) not in known]
        if missing:
            from numen.kernels.postings import count_alive

            wanted = places[missing]
            alive = count_alive(
                wanted,
                part.starts,
                part.docs,
                part.long_of,
                part.long_starts,
                part.gaps,
                part.long_codes,
                self.dead_mask,
            )
            counts = part.frequencies[wanted] - alive
            known.update(((leg, place), count) for place, count in zip(wanted.tolist(), counts.tolist(), strict=True))
        out[in_lists] = [known[leg, place] for place in places[in_lists].tolist()]
        return out
