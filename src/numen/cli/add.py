"""`numen add`: more documents for a collection; one whose id is there already replaces the old one."""

from __future__ import annotations

from numen.cli.adding import Reading, added, print_report, report_json
from numen.cli.options import CommitEvery, Folder, Json, Memory, Quiet, Resume, SkipBad, Source, Threads
from numen.cli.output import console, counted, print_json

__all__ = ["add"]


def add(
    folder: Folder,
    source: Source,
    skip_bad: SkipBad = False,
    memory: Memory = None,
    commit_every: CommitEvery = None,
    resume: Resume = False,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Add documents to a collection; a known id replaces."""
    from numen.search import Collection

    reading = Reading(source, skip_bad=skip_bad)
    with Collection.open(folder) as collection:
        report = added(
            collection,
            reading,
            threads=threads,
            quiet=quiet,
            memory=memory,
            commit_every=commit_every,
            resume=resume,
        )
        result = report_json(collection, report)
    if as_json:
        print_json(result)
        return
    print_report(report)
    console().print(f"{folder}: {counted(result['documents'], 'document')}", soft_wrap=True)
