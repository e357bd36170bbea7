"""Is the collection sound? Files against checksums, counts against each other, the catalog against itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numen.encode.encoder import Encoder
from numen.errors import DamagedError
from numen.index.files import verify_segment
from numen.search.store import Store

__all__ = ["problems"]


def problems(store: Store, encoders: Mapping[str, Encoder]) -> list[str]:
    """What is wrong, one sentence each; reads every byte. None if all is well."""
    catalog = store.catalog
    found = catalog.problems()
    if found:
        return found
    if catalog.path is not None:
        for entry in catalog.segments():
            found += verify_segment(store.folder(entry.number), entry.checksum)
        if found:
            return found
    try:
        snapshot = store.snapshot()
    except DamagedError as error:
        return [str(error)]
    alive: set[int] = set()
    for entry, live in zip(catalog.segments(), sorted(snapshot.segments, key=lambda s: s.segment.number), strict=True):
        segment = live.segment
        where = f"segment {segment.number}"
        if segment.n_docs != entry.documents:
            found.append(f"{where} holds {segment.n_docs} documents, the catalog says {entry.documents}")
        if len(live.dead) and int(live.dead[-1]) >= segment.n_docs:
            found.append(f"{where} has a dead document number {live.dead[-1]}, but only {segment.n_docs} documents")
            continue
        if set(segment.legs) != set(encoders):
            found.append(f"{where} has the legs {sorted(segment.legs)}, the collection {sorted(encoders)}")
        for name, part in segment.legs.items():
            if part.n_docs != segment.n_docs:
                found.append(f"{where}, leg {name} holds {part.n_docs} documents instead of {segment.n_docs}")
            if int(part.starts[-1]) != len(part.docs) or len(part.docs) != len(part.codes):
                found.append(f"{where}, leg {name}: its lists and its postings do not have the same length")
            if len(part.docs) and int(part.docs.max()) >= segment.n_docs:
                found.append(f"{where}, leg {name}: a posting names document {part.docs.max()}, there is none")
        keys = np.delete(segment.doc_keys, live.dead).tolist()
        if doubled := alive.intersection(keys):
            found.append(f"{where} holds {len(doubled)} documents that another segment holds too")
        alive.update(keys)
    listed = {key for key, _ in catalog.documents()}
    if missing := listed - alive:
        found.append(f"{len(missing)} documents of the catalog are in no segment, the first with key {min(missing)}")
    if extra := alive - listed:
        found.append(f"{len(extra)} documents of segments are not in the catalog, the first with key {min(extra)}")
    return found
