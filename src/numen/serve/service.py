"""What a service holds while it runs: the collections, who may work on them, and the figures of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from numen.encode.given import GivenEncoder
from numen.search import Collection, FieldInfo, warm_up
from numen.serve.bodies import Held
from numen.serve.keys import Keys
from numen.serve.limits import Limits
from numen.serve.logs import Log
from numen.serve.metrics import Metrics, Sample
from numen.serve.refusal import Refusal
from numen.serve.work import Turns

__all__ = ["Hosted", "Service"]

T = TypeVar("T")
G = TypeVar("G")

FIELDS_FOR = 30.0
"""Seconds that the fields of a collection that changes are kept: to read them anew takes a look at all metadata."""

VALUES = 50
"""Values of a field that are told."""


@dataclass(slots=True)
class Hosted:
    """One collection, and the turns of those who change it."""

    name: str
    collection: Collection
    changes: Turns
    known: tuple[int, float, tuple[FieldInfo, ...]] | None = None

    def fields(self) -> tuple[FieldInfo, ...]:
        """What its metadata holds: of this commit, or a little older."""
        now, generation = time.monotonic(), self.collection.info().generation
        if self.known is None or (self.known[0] != generation and now - self.known[1] > FIELDS_FOR):
            self.known = generation, now, self.collection.metadata_fields(VALUES)
        return self.known[2]


@dataclass
class Service:
    """All that an application holds. read_only: nobody may change anything through it. ready: called when it is."""

    limits: Limits
    keys: Keys
    log: Log
    read_only: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    hosted: dict[str, Hosted] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    state: str = "starting"
    ready: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        limits = self.limits
        self._searches = Turns("search", limits.at_once, limits.waiting, limits.patience, limits.seconds, "overloaded")
        self._exports = Turns("export", 2, 8, limits.patience, None, "overloaded")

    def host(self, collections: Mapping[str, Collection]) -> None:
        """Serve these too, by name."""
        limits = self.limits
        for name, collection in collections.items():
            changes = Turns("change", 1, limits.writers, limits.write_patience, None, "writer_waiting")
            self.hosted[name] = Hosted(name, collection, changes)

    async def warm(self) -> None:
        """Compile and load what a first search would have to; only then is the service ready."""
        try:
            for hosted in self.hosted.values():
                await asyncio.to_thread(_warmed, hosted.collection)
        except Exception as error:
            self.state = "broken"
            self.log.error("warming", error)
            return
        if self.state == "starting":
            self.state = "ready"
            if self.ready is not None:
                self.ready()
            self.log.line("ready", collections=list(self.hosted))

    def of(self, name: str) -> Hosted:
        """The collection of this name."""
        hosted = self.hosted.get(name)
        if hosted is None:
            raise Refusal("unknown_collection", "there is no collection of this name; GET /collections lists them")
        return hosted

    async def search(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in one of the threads for searches."""
        self.check_ready()
        return await self._searches.do(work)

    async def search_together(self, work: Callable[[list[G]], Sequence[T]], given: G, kind: Hashable) -> T:
        """The same for what goes faster together: where several of one kind wait, `work` takes them in one call."""
        self.check_ready()
        return await self._searches.together(work, given, kind)

    async def export(self, work: Callable[[], T]) -> T:
        """The same in one of the threads for long readings."""
        self.check_ready()
        return await self._exports.do(work)

    async def change(self, hosted: Hosted, work: Callable[[], T]) -> T:
        """What `work` returns, which changes a collection: one after the other."""
        self.check_changes()
        return await hosted.changes.change(work)

    def check_changes(self) -> None:
        """Refuses where nothing may be changed, now or at all."""
        self.check_ready()
        if self.read_only:
            raise Refusal("read_only", "this service does not change anything; it was started with --read-only")

    def check_ready(self) -> None:
        """Refuses while nothing can be asked."""
        if self.state == "starting":
            raise Refusal("starting", "this service is starting; GET /ready says when it is ready")
        if self.state == "stopping":
            raise Refusal("stopping", "this service is stopping")

    def gauges(self) -> list[tuple[str, str, Sequence[Sample]]]:
        """What `Metrics.text` takes: how things stand now."""
        infos = [(name, hosted.collection.info()) for name, hosted in self.hosted.items()]
        turns = [
            ({"kind": "search"}, self._searches),
            *(({"kind": "change", "collection": name}, hosted.changes) for name, hosted in self.hosted.items()),
        ]

        def of_each(value: str) -> list[Sample]:
            return [({"collection": name}, float(getattr(info, value))) for name, info in infos]

        return [
            ("numen_ready", "Whether searches are answered.", [({}, float(self.state == "ready"))]),
            ("numen_running", "What is being worked on.", [(labels, float(one.running)) for labels, one in turns]),
            ("numen_waiting", "What waits for its turn.", [(labels, float(one.waiting)) for labels, one in turns]),
            ("numen_documents", "Living documents.", of_each("documents")),
            ("numen_deleted_documents", "Deleted ones not yet merged away.", of_each("deleted")),
            ("numen_segments", "Segments of the index.", of_each("segments")),
            ("numen_generation", "Commits so far.", of_each("generation")),
            ("numen_index_bytes", "Size of the index.", of_each("bytes_index")),
            ("numen_catalog_bytes", "Size of the catalog with the texts.", of_each("bytes_catalog")),
        ]

    async def close(self) -> None:
        """Finish what is going on and let the collections go."""
        self.state = "stopping"
        for turns in (self._searches, self._exports, *(hosted.changes for hosted in self.hosted.values())):
            await asyncio.to_thread(turns.close)
        for hosted in self.hosted.values():
            await asyncio.to_thread(hosted.collection.close)


def _warmed(collection: Collection) -> None:
    for encoder in collection.legs.values():
        warm_up(encoder, writing=True)
    legs = [name for name, encoder in collection.legs.items() if not isinstance(encoder, GivenEncoder)]
    first = next(collection.documents(), None)
    if first is None or not legs:
        len(collection)
        return
    query = " ".join(("mispelt misspelt", *first.title.split()[:3], *first.text.split()[:3]))
    for hit in collection.search(query, 1, legs=legs):
        collection.explain(query, hit.id, 1, legs=legs)
    collection.snippet(query, first.text[:1000] + " misspelled", legs=legs)
