"""What `index` and `add` share: documents go from a source into a collection, and the outcome is reported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from numen.cli.output import console, counted, speed
from numen.cli.progress import progress_shown
from numen.errors import DocumentError, InputError, NumenError
from numen.sources import read_source
from numen.types import JSON, AddReport, Progress

if TYPE_CHECKING:
    from numen.search import Collection

__all__ = ["Reading", "added", "all_or_nothing", "print_report", "report_json"]

_SHOWN = 5  # messages about skipped documents that are printed; the number of all is printed too


class Reading:
    """The documents of a source, which is checked to exist when this is made, and what is known of the reading so far.

    `skipped` counts the documents that could not be used, `problems` has the first messages about them.
    """

    def __init__(self, source: str, *, skip_bad: bool) -> None:
        self.skip_bad, self.skipped = skip_bad, 0
        self.problems: list[str] = []
        self._share = 0.0
        self.documents = read_source(source, skip_bad=skip_bad, on_bad=self._skip, on_share=self._read)

    def with_total(self, progress: Progress) -> Progress:
        """`progress`, told a total that is estimated from the share of the source that is read."""

        def told(stage: str, done: int, total: int | None) -> None:
            estimated = stage == "documents" and total is None and self._share
            progress(stage, done, round(done / self._share) if estimated else total)

        return told

    def _skip(self, error: DocumentError) -> None:
        self.skipped += 1
        if len(self.problems) < _SHOWN:
            self.problems.append(str(error))

    def _read(self, share: float) -> None:
        self._share = share


@contextmanager
def all_or_nothing(folder: Path) -> Iterator[None]:
    """Puts back what was before where the block fails: no `folder`, nor one above it, or an empty one.

    A collection that has committed documents stays: --commit-every asks for that.
    """
    from numen.index.unmade import is_unmade

    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    empty = folder.is_dir() and is_unmade(folder)
    try:
        yield
    except BaseException:  # a KeyboardInterrupt too
        if _documents(folder):
            raise
        made = missing[-1:] or (list(folder.iterdir()) if empty else [])
        for path in made:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _documents(folder: Path) -> int:
    """How many documents the collection in `folder` has; 0 if there is none that can be opened."""
    from numen.search import Collection

    try:
        with Collection.open(folder, read_only=True) as collection:
            return len(collection)
    except NumenError:
        return 0


def added(
    collection: Collection,
    reading: Reading,
    *,
    threads: int | None,
    quiet: bool,
    memory: str | None,
    commit_every: int | None,
    resume: bool,
) -> AddReport:
    """What adding all documents of `reading` did; those that the reader skipped count as skipped.

    An error or an interrupt after a commit says that what was committed stays, and how to go on.
    """
    from numen.search import warm_up
    from numen.search.carried import Carried

    before = collection.info().generation
    with progress_shown(quiet):
        for encoder in collection.legs.values():
            warm_up(encoder)  # so that the speed reported is that of indexing, not of compiling
    with progress_shown(quiet) as progress:
        told = reading.with_total(progress) if progress is not None else None
        try:
            carried = Carried(reading.documents, collection.legs)
            report = collection.add(
                carried.documents,
                vectors=carried.vectors,
                skip_bad=reading.skip_bad,
                progress=told,
                threads=threads,
                memory=memory,
                commit_every=commit_every,
                resume=resume,
            )
        except DocumentError as error:
            raise InputError(f"{error}; --skip-bad leaves such documents out{_left(collection, before)}") from None
        except KeyboardInterrupt:
            if left := _left(collection, before):
                raise KeyboardInterrupt(left.removeprefix("; ")) from None
            raise
    problems = (*reading.problems, *report.problems)[:_SHOWN]
    return replace(report, skipped=report.skipped + reading.skipped, problems=problems)


def _left(collection: Collection, before: int) -> str:
    """What to say of the commits since generation `before`; nothing if there is none."""
    info = collection.info()
    if info.generation == before:
        return ""
    return f"; what was committed stays ({counted(info.documents, 'document')}): go on with --resume"


def report_json(collection: Collection, report: AddReport) -> dict[str, JSON]:
    """The report and the state of the collection, as `index --json` and `add --json` print them."""
    info = collection.info()
    count = report.added + report.replaced + report.repeated
    return {
        "path": info.path,
        "documents": info.documents,
        "added": report.added,
        "replaced": report.replaced,
        "repeated": report.repeated,
        "unchanged": report.unchanged,
        "truncated": report.truncated,
        "skipped": report.skipped,
        "problems": list(report.problems),
        "seconds": report.seconds,
        "documents_per_second": count / report.seconds if report.seconds > 0 else 0.0,
        "legs": {leg.name: leg.encoder for leg in info.legs},
        "index_bytes": info.bytes_index,
    }


def print_report(report: AddReport) -> None:
    """One line on what was added and how fast, one on what was repeated, and the messages about what was skipped."""
    out = console()
    count = report.added + report.replaced + report.repeated
    replaced = f", {report.replaced:,} replaced" if report.replaced else ""
    out.print(f"{counted(report.added, 'document')} added{replaced} in {speed(count, report.seconds)}", soft_wrap=True)
    if report.repeated:
        out.print(
            f"{counted(report.repeated, 'document')} had an id that came again later: the last one counts",
            soft_wrap=True,
        )
    if report.unchanged:
        out.print(f"{counted(report.unchanged, 'document')} were there already, unchanged", soft_wrap=True)
    if report.truncated:
        out.print(
            f"{counted(report.truncated, 'text')} longer than a model reads: the rest of each is not in its leg",
            soft_wrap=True,
        )
    if report.skipped:
        out.print(f"{counted(report.skipped, 'document')} could not be used, skipped:", soft_wrap=True)
        for problem in report.problems:
            out.print(f"  {problem}", markup=False, soft_wrap=True)
        if report.skipped > len(report.problems):
            out.print(f"  ... and {report.skipped - len(report.problems):,} more")
