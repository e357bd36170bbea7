"""One commit that makes segments whole, from stored texts where need be, and has them agree with the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numen.encode import Encoder
from numen.encode.given import GivenEncoder
from numen.encode.given_dense import GivenDenseEncoder
from numen.encode.vector_encoder import VectorEncoder
from numen.index.build import LegBuilder
from numen.index.files import Array
from numen.index.flat import Flat
from numen.index.keys import Vocabulary
from numen.index.packing import pack
from numen.index.segment import Segment
from numen.index.segment_rows import SegmentEntry
from numen.index.tables import Tables
from numen.search.batches import Batch
from numen.search.building import Build, text_of
from numen.search.checking import faults
from numen.search.memory import Memory
from numen.search.store import Store
from numen.types import Document

__all__ = ["mend"]

MOST_NAMED = 5
"""Ids that a sentence names."""

NOBODY = np.empty(0, np.uint16)
"""No dead documents."""

GIVEN = (GivenEncoder, GivenDenseEncoder)
"""Encoders of legs whose vectors nobody but the caller has."""

IDS = {"ids", "id_starts", "ranks"}
"""The arrays of a segment that follow from its keys and the catalog."""

BATCH = 1_000
"""Documents that are read at a time."""


def mend(store: Store, encoders: Mapping[str, Encoder], fields: Sequence[str], *, dead_known: bool) -> list[str]:
    """What was done, a sentence each. The catalog itself must be sound.

    dead_known: whether the catalog's table of segments is as it was written, and so which documents are dead.
    """
    return _Mending(store, encoders, fields, dead_known).run()


@dataclass
class _Kept:
    """A segment that stays. entry: its row. dead: uint16, ascending. new: it is not as it is stored."""

    entry: SegmentEntry
    segment: Segment
    dead: NDArray[np.uint16]
    new: bool

    @property
    def living(self) -> NDArray[np.int64]:
        """The keys of its living documents."""
        return np.delete(self.segment.doc_keys, self.dead)


class _Mending:
    def __init__(self, store: Store, encoders: Mapping[str, Encoder], fields: Sequence[str], dead_known: bool) -> None:
        self._store, self._encoders, self._fields, self._dead_known = store, encoders, fields, dead_known
        self._told: list[str] = []

    def run(self) -> list[str]:
        with self._store.catalog.writing() as writer:
            entries = writer.segments()
            kept = [one for entry in entries if (one := self._kept(entry, writer)) is not None]
            listed = self._settle(kept, writer)
            same = {one.entry.number for one in kept if not one.new}
            obsolete = [entry.number for entry in entries if entry.number not in same]
            writer.remove_segments(obsolete)
            for one in kept:
                self._enter(one, writer)
            self._take_in(np.setdiff1d(listed, _joined(one.living for one in kept)).tolist(), writer)
            keys = _joined(one.segment.doc_keys for one in kept)
            writer.set("next_key", max(int(writer.setting("next_key")), int(keys.max(initial=0)) + 1))
            writer.set("living", len(writer.keys()))
        self._store.drop(obsolete)
        return self._told

    def _kept(self, entry: SegmentEntry, writer: Tables) -> _Kept | None:
        """The segment if it is whole, or made whole from texts; None if it cannot be."""
        wrong = self._store.verify(entry)
        if not wrong:
            segment = self._store.read(entry)
            wrong = faults(segment, self._encoders)
            if not wrong:
                dead = entry.dead[entry.dead < segment.n_docs]
                return _Kept(entry, segment, dead, new=entry.documents != segment.n_docs)
        self._told += wrong
        mended = self._mended(entry, writer)
        if mended is None:
            self._told.append(f"segment {entry.number}, of {_counted(entry.documents)}, was taken out")
            return None
        self._told.append(f"segment {entry.number}: what is whole was kept, the rest made again from what is stored")
        return _Kept(entry, mended, entry.dead[entry.dead < mended.n_docs], new=True)

    def _mended(self, entry: SegmentEntry, writer: Tables) -> Segment | None:
        """The segment with what is damaged made again; None if it has not got its keys, or vectors were given."""
        arrays, bad = self._store.sound(entry)
        damaged = {name.split("/")[0] for name in bad if "/" in name}
        others = {name for name in bad if "/" not in name}
        if not others <= IDS or not {"doc_keys", *IDS - others} <= set(arrays) or not damaged <= set(self._encoders):
            return None
        if any(isinstance(self._encoders[leg], GIVEN) for leg in damaged):
            return None
        keys = arrays["doc_keys"].tolist()
        if others:
            arrays |= self._ids(keys, writer)
        if damaged:
            texts = self._texts(keys, writer)
        for leg in damaged:
            arrays = {name: array for name, array in arrays.items() if not name.startswith(f"{leg}/")}
            arrays |= {f"{leg}/{part}": array for part, array in _arrays(self._encoders[leg], texts).items()}
        try:
            segment = Segment.from_arrays(entry.number, arrays)
        except KeyError:  # an array is not even named any more
            return None
        return None if faults(segment, self._encoders) else segment

    def _ids(self, keys: Sequence[int], writer: Tables) -> dict[str, Array]:
        """The arrays of the documents' ids; of one whose row is gone, which is dead, it is empty."""
        stored = writer.fetch(keys)
        names = Vocabulary.of(stored[key][0].encode() if key in stored else b"" for key in keys)
        ranks = np.empty(len(names), np.uint16)
        ranks[names.order()] = np.arange(len(names))
        return {"ids": names.blob, "id_starts": names.starts.astype(np.uint32), "ranks": ranks}

    def _texts(self, keys: Sequence[int], writer: Tables) -> list[str]:
        """What encoders see of documents; nothing of one whose row is gone, which is dead."""
        texts = dict.fromkeys(keys, "")
        for key, (id_, title, text, _) in writer.fetch(keys).items():
            texts[key] = text_of(Document(id_, text, title), self._fields)
        return list(texts.values())

    def _settle(self, kept: Sequence[_Kept], writer: Tables) -> NDArray[np.int64]:
        """Have segments and catalog agree on who lives; the keys of the catalog's living documents, ascending."""
        if self._dead_known:
            # The segments' word counts: who is dead in one is dead, who is alive in one lives if the text can be had.
            listed = np.array(writer.keys(), np.int64)
            dead = np.intersect1d(_joined(one.segment.doc_keys[one.dead] for one in kept), listed).tolist()
            writer.kill(dead)
            self._tell(kept, dead, "passed for living by damage")
            missing = np.setdiff1d(_joined(one.living for one in kept), listed).tolist()
            back = writer.revive(missing)
            self._tell(kept, back, "passed for deleted by damage")
            self._tell(kept, sorted(set(missing) - set(back)), "lost, as the catalog does not hold them any more")
        listed = np.array(writer.keys(), np.int64)
        seen = np.empty(0, np.int64)
        for one in reversed(kept):
            keys = one.segment.doc_keys
            alive = np.isin(keys, listed) & ~np.isin(keys, seen)
            if self._dead_known:
                alive[one.dead] = False
            one.dead = np.flatnonzero(~alive).astype(np.uint16)
            seen = np.concatenate([seen, keys[alive]])
        return listed

    def _enter(self, one: _Kept, writer: Tables) -> None:
        """Put a segment's new state into the catalog; what is not as it is stored has been removed there."""
        if one.new:
            segment = Segment.from_arrays(writer.take("next_segment", 1), one.segment.arrays())
            self._store.write(segment, one.dead, writer)
        elif not np.array_equal(one.dead, one.entry.dead):
            writer.set_dead(one.entry.number, one.dead)

    def _take_in(self, orphans: Sequence[int], writer: Tables) -> None:
        """Make segments of living documents that are in none, or drop them where vectors were given for them."""
        if not orphans:
            return
        given = [name for name, encoder in self._encoders.items() if isinstance(encoder, GIVEN)]
        if given:
            ids = [id_ for _, (id_, *_) in sorted(writer.fetch(orphans[:MOST_NAMED]).items())]
            writer.kill(orphans)
            writer.purge(orphans)
            why = f"as the vectors given for leg {given[0]} are lost"
            self._told.append(f"{_counted(len(orphans))} dropped, {why}: {_named(ids, len(orphans))}")
            return
        build = self._new_build()
        for run in _runs(orphans):
            stored = writer.fetch(run)
            rest = [Document(id_, text, title, metadata) for _, (id_, title, text, metadata) in sorted(stored.items())]
            key = run[0]
            while rest:
                some, rest = rest[: build.room], rest[build.room :]
                build.append(key, Batch(some, {}))
                key += len(some)
                if build.full:
                    self._store.write(build.finish(writer.take("next_segment", 1)), NOBODY, writer)
                    build = self._new_build()
        if not build.empty:
            self._store.write(build.finish(writer.take("next_segment", 1)), NOBODY, writer)
        self._told.append(f"{_counted(len(orphans))} indexed anew from the stored texts")

    def _new_build(self) -> Build:
        return Build(self._encoders, self._fields, None, 1, Memory.of(None).build)

    def _tell(self, kept: Sequence[_Kept], keys: Sequence[int], what: str) -> None:
        """Say it of documents, with the first ids as the segments have them."""
        if not keys:
            return
        ids = []
        for one in kept:
            docs = one.segment.docs_of(np.array(keys[:MOST_NAMED], np.int64))
            ids += [one.segment.id_of(doc) for doc in docs.tolist() if doc >= 0]
        self._told.append(f"{_counted(len(keys))} {what}: {_named(ids[:MOST_NAMED], len(keys))}")


def _arrays(encoder: Encoder, texts: Sequence[str]) -> Mapping[str, Array]:
    """The arrays of one leg of a segment whose documents have these texts, in this order."""
    if isinstance(encoder, VectorEncoder):
        return Flat.of(encoder.documents(texts).rows, encoder.kept_as).arrays()
    counter, builder = encoder.counter(), LegBuilder(encoder.form)
    builder.append(counter.count(texts))
    return pack(builder.finish(counter.vocabulary())).arrays()


def _joined(parts: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """int64: all keys of all parts."""
    return np.concatenate([np.empty(0, np.int64), *parts])


def _runs(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """The keys, which ascend, cut where the next is not the one after, and after BATCH of them."""
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(keys), 1) if b != a + 1), len(keys)]
    for begin, end in pairwise(cuts):
        yield from (keys[at : min(at + BATCH, end)] for at in range(begin, end, BATCH))


def _counted(n: int) -> str:
    return f"{n:,} document" if n == 1 else f"{n:,} documents"


def _named(ids: Sequence[str], n: int) -> str:
    """The first ids, and that there are more."""
    return ", ".join(map(repr, ids)) + (", ..." if n > len(ids) else "")
