"""Is the collection sound? Files against checksums, counts against each other, the catalog against itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from numen.encode.auto import AutoEncoder
from numen.encode.encoder import Encoder
from numen.encode.vector_encoder import VectorEncoder
from numen.errors import DamagedError
from numen.index.segment import Segment
from numen.index.segment_rows import SegmentEntry
from numen.index.trailed import Trailed
from numen.search.store import Store

__all__ = ["faults", "problems"]


def problems(store: Store, encoders: Mapping[str, Encoder]) -> list[str]:
    """What is wrong, one sentence each; reads every byte. None if all is well."""
    catalog = store.catalog
    if found := catalog.problems():
        return found
    try:
        return _whole_problems(store, encoders)
    except DamagedError as error:
        return [str(error)]


def faults(segment: Segment, encoders: Mapping[str, Encoder]) -> list[str]:
    """What is wrong inside a segment whose bytes are those that were written."""
    found = []
    where = f"segment {segment.number}"
    if {*segment.legs, *segment.flats} != set(encoders):
        held = sorted([*segment.legs, *segment.flats])
        found.append(f"{where} has the legs {held}, the collection {sorted(encoders)}")
    for name, flat in segment.flats.items():
        if flat.n_docs != segment.n_docs:
            found.append(f"{where}, leg {name} holds {flat.n_docs} vectors instead of {segment.n_docs}")
        found += [f"{where}, leg {name}: {fault}" for fault in flat.faults()]
        encoder = encoders.get(name)
        if encoder is not None and not isinstance(encoder, VectorEncoder):
            found.append(f"{where}, leg {name} holds vectors, {encoder.spec!r} makes none")
    for name, part in segment.legs.items():
        if part.n_docs != segment.n_docs:
            found.append(f"{where}, leg {name} holds {part.n_docs} documents instead of {segment.n_docs}")
        if int(part.starts[-1]) != len(part.docs) or len(part.docs) != len(part.codes):
            found.append(f"{where}, leg {name}: its lists and its postings do not have the same length")
        if int(part.long_starts[-1]) != len(part.gaps) or len(part.gaps) != len(part.long_codes):
            found.append(f"{where}, leg {name}: its long lists and their entries do not have the same length")
        if isinstance(encoders.get(name), AutoEncoder) != isinstance(part, Trailed):
            found.append(f"{where}, leg {name}: the order of its terms is kept where it should not be, or is not kept")
        if isinstance(part, Trailed) and len(part.trail) != int(part.doc_values.sum(dtype=np.int64)):
            found.append(f"{where}, leg {name}: it does not hold as many terms in order as its documents are long")
        if len(part.docs) and int(part.docs.max()) >= segment.n_docs:
            found.append(f"{where}, leg {name}: a posting names document {part.docs.max()}, there is none")
    return found


def _whole_problems(store: Store, encoders: Mapping[str, Encoder]) -> list[str]:
    catalog = store.catalog
    while True:
        with catalog.reading():
            generation, entries, listed = catalog.setting("generation"), catalog.segments(), set(catalog.keys())
            living = catalog.setting("living")
        found = _problems(store, encoders, entries, listed)
        if len(listed) != living:
            found.append(f"the catalog lists {len(listed)} living documents, its own count of them is {living}")
        # What looks wrong may be that another writer has merged segments away meanwhile: then look again.
        if not found or catalog.setting("generation") == generation:
            return found


def _problems(
    store: Store, encoders: Mapping[str, Encoder], entries: Sequence[SegmentEntry], listed: set[int]
) -> list[str]:
    found: list[str] = []
    for entry in entries:
        found += store.verify(entry)
    if found:
        return found
    try:
        snapshot = store.snapshot()
    except DamagedError as error:
        return [str(error)]
    lives = {live.segment.number: live for live in snapshot.segments}
    alive: set[int] = set()
    for entry in entries:
        live = lives.get(entry.number)
        if live is None:
            found.append(f"segment {entry.number} is in the catalog and cannot be loaded")
            continue
        segment = live.segment
        where = f"segment {segment.number}"
        if segment.n_docs != entry.documents:
            found.append(f"{where} holds {segment.n_docs} documents, the catalog says {entry.documents}")
        if len(live.dead) and int(live.dead[-1]) >= segment.n_docs:
            found.append(f"{where} has a dead document number {live.dead[-1]}, but only {segment.n_docs} documents")
            continue
        found += faults(segment, encoders)
        keys = np.delete(segment.doc_keys, live.dead).tolist()
        if doubled := alive.intersection(keys):
            found.append(f"{where} holds {len(doubled)} documents that another segment holds too")
        alive.update(keys)
    if missing := listed - alive:
        found.append(f"{len(missing)} documents of the catalog are in no segment, the first with key {min(missing)}")
    if extra := alive - listed:
        found.append(f"{len(extra)} documents of segments are not in the catalog, the first with key {min(extra)}")
    return found
