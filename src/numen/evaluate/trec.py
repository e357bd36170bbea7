"""TREC runs and judgements, in and out, so that what is written reads back equal.

The columns of TREC files are separated by white space, so that an id must not hold any; LIMIT's document ids do
("Lessie Wiegert"). In the ids and the tag that numen writes, each white-space character, control character, byte order
mark, half surrogate pair and per cent sign is percent-encoded as its UTF-8 bytes in upper-case hexadecimal:
"Lessie%20Wiegert", "100%25". Reading undoes exactly these and leaves every other "%" as it stands, so that the ids of
other people's files, such as addresses, stay what they were (all but those that hold "%20", "%25" or the like).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from numen.errors import DatasetError, InputError
from numen.evaluate.lines import numbered_lines, quoted
from numen.types import Qrels, Run

__all__ = ["decode_id", "encode_id", "format_run", "read_qrels", "read_run", "write_qrels", "write_run"]

_UNSAFE = re.compile(r"[\s%\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_ESCAPES = re.compile(r"(?:%[0-9A-F]{2})+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BEIR_HEADER = ["query-id", "corpus-id", "score"]


def encode_id(name: str) -> str:
    """The id `name` as one column of a TREC file; `decode_id` gives it back. An empty id raises InputError."""
    if not name:
        raise InputError("an empty id has no place in a TREC file; give every query and document an id")
    return _UNSAFE.sub(_escaped, name)


def decode_id(column: str) -> str:
    """The id that `encode_id` wrote as this column; sequences that it never writes stay as they are."""
    return _ESCAPES.sub(_unescaped, column) if "%" in column else column


def format_run(run: Run, tag: str = "numen") -> Iterator[str]:
    """The lines of a TREC run, each with its line end: query, Q0, document, rank from 1, score, tag.

    Queries come in the order of `run`; those without hits leave no line. Scores are written so that they read back as
    the same number. A document that comes twice for a query, a score that is not finite and one above the score before
    it raise InputError: every reader of TREC files orders by score, and would see another ranking.
    """
    tag = encode_id(tag)
    for query, hits in run.items():
        column, before, seen = encode_id(query), math.inf, set()
        for rank, (document, value) in enumerate(hits, 1):
            score = float(value)
            if document in seen or not math.isfinite(score) or score > before:
                raise InputError(
                    f"query {query!r}, rank {rank}: document {document!r} with score {score!r} after {before!r}; "
                    "a run holds each document once for a query, with finite scores, best first"
                )
            seen.add(document)
            before = score
            yield f"{column} Q0 {encode_id(document)} {rank} {score!r} {tag}\n"


def write_run(run: Run, path: str | Path, tag: str = "numen") -> None:
    """Writes `format_run(run, tag)` to a file, UTF-8 with `\\n` line ends on every system: same run, same bytes.

    Nothing is written when the run is faulty; a file that cannot be written raises InputError.
    """
    _write(path, format_run(run, tag))


def read_run(path: str | Path) -> Run:
    """The run in a TREC file: for each query, in the order of the file, documents and scores, best first.

    Best first is by score, as trec_eval reads a run; equal scores are ordered by the rank column, then by line.
    Columns 2 and 6 are not looked at. A faulty line raises InputError with the file, the line and what was found.
    """
    rows: dict[str, list[tuple[float, int, str]]] = {}
    documents: dict[str, set[str]] = {}
    for number, line in numbered_lines(Path(path)):
        columns = line.split()
        if len(columns) != 6 or not _INTEGER.fullmatch(columns[3]) or not _is_number(columns[4]):
            raise InputError(
                f"{path}, line {number}: expected query, Q0, document, rank, score and tag, found {quoted(line)}"
            )
        query, document = decode_id(columns[0]), decode_id(columns[2])
        if document in documents.setdefault(query, set()):
            raise InputError(f"{path}, line {number}: document {document!r} was there before for query {query!r}")
        documents[query].add(document)
        rows.setdefault(query, []).append((float(columns[4]), int(columns[3]), document))
    return {
        query: [(document, score) for score, _, document in sorted(hits, key=lambda row: (-row[0], row[1]))]
        for query, hits in rows.items()
    }


def write_qrels(qrels: Qrels, path: str | Path) -> None:
    """Writes judgements as a TREC file: query, 0, document, grade; ids encoded, `\\n` line ends, in the order given."""
    _write(
        path,
        (
            f"{encode_id(query)} 0 {encode_id(document)} {int(grade)}\n"
            for query, grades in qrels.items()
            for document, grade in grades.items()
        ),
    )


def read_qrels(path: str | Path) -> Qrels:
    """The judgements in a file, in BEIR's form or in TREC's, in the order of the file.

    BEIR: query, document, grade, separated by tabs, ids as they stand, under the header "query-id corpus-id score"
    (which may be missing). TREC: query, anything, document, grade, separated by white space, ids decoded. A faulty
    line, and one that gives a judged pair another grade, raise DatasetError with the file, the line and what was found.
    """
    qrels: Qrels = {}
    for number, line in numbered_lines(Path(path)):
        columns = line.split("\t")
        if number == 1 and [c.strip().lower().replace("_", "-") for c in columns] == _BEIR_HEADER:
            continue
        if len(columns) == 3:
            query, document, grade = columns[0], columns[1], columns[2].strip()
        elif len(columns := line.split()) == 4:
            query, document, grade = decode_id(columns[0]), decode_id(columns[2]), columns[3]
        else:
            query = document = grade = ""
        if not query or not document or not _INTEGER.fullmatch(grade):
            raise DatasetError(
                f"{path}, line {number}: expected query id, document id and a whole grade, separated by tabs "
                f"(or the four columns of TREC), found {quoted(line)}"
            )
        if qrels.setdefault(query, {}).setdefault(document, int(grade)) != int(grade):
            raise DatasetError(
                f"{path}, line {number}: document {document!r} was judged {qrels[query][document]} before for query "
                f"{query!r}, and is {int(grade)} here; keep one"
            )
    return qrels


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _unescaped(match: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return match[0]
    return text if encode_id(text) == match[0] else match[0]


def _is_number(column: str) -> bool:
    try:
        return math.isfinite(float(column))
    except ValueError:
        return False


def _write(path: str | Path, lines: Iterable[str]) -> None:
    text = "".join(lines)  # the whole text first: a faulty run must not leave half a file
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error}") from None
