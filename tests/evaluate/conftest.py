"""Small dataset folders to spoil."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder in BEIR layout: four documents, three queries of which two are judged, split "test"."""
    folder = tmp_path / "toy"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d 1", "title": "Cats", "text": "cats sleep all day"}\n'
        '{"_id": "d2", "title": "", "text": "dogs run in the park"}\n'
        '{"_id": "d3", "title": "Birds", "text": ""}\n'
        '{"_id": "d4", "text": "cats and dogs sleep in the park", "year": 1999}\n',
        encoding="utf-8",
    )
    (folder / "queries.jsonl").write_text(
        '{"_id": "q2", "text": "sleeping cats"}\n'
        '{"_id": "q1", "text": "dogs in the park"}\n'
        '{"_id": "q3", "text": "x"}\n',
        encoding="utf-8",
    )
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td2\t2\nq1\td4\t1\nq2\td 1\t1\n", encoding="utf-8"
    )
    return folder
