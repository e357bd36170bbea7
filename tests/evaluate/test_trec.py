"""TREC files: what is written reads back equal, and faulty lines are named."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numen.errors import DatasetError, InputError
from numen.evaluate.trec import decode_id, encode_id, format_run, read_qrels, read_run, write_qrels, write_run
from numen.types import Qrels, Run

_IDS = st.text(
    st.characters() | st.sampled_from(" \t\n\r\x00\x85\xa0\u2028\u3000\ufeff%2025\ud800"), min_size=1, max_size=8
)
_SCORES = st.floats(allow_nan=False, allow_infinity=False) | st.floats(width=32, allow_nan=False, allow_infinity=False)


def _best_first(hits: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))


_RUNS = st.dictionaries(_IDS, st.dictionaries(_IDS, _SCORES, min_size=1, max_size=6).map(_best_first), max_size=4)
_EACH_ITS_OWN_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(run=_RUNS, tag=_IDS)
@_EACH_ITS_OWN_FILE
def test_a_run_read_back_equals_the_run_written(run: Run, tag: str, tmp_path: Path) -> None:
    write_run(run, tmp_path / "run", tag)
    back = read_run(tmp_path / "run")
    assert back == run
    assert list(back) == list(run)


@given(run=_RUNS)
@_EACH_ITS_OWN_FILE
def test_every_line_of_a_run_has_six_columns_for_every_reader(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path / "run")
    content = (tmp_path / "run").read_bytes()
    assert b"\r" not in content
    lines = content.decode("utf-8").splitlines()
    assert len(lines) == sum(map(len, run.values()))
    assert all(len(line.split()) == 6 for line in lines)


@given(qrels=st.dictionaries(_IDS, st.dictionaries(_IDS, st.integers(-3, 5), min_size=1, max_size=5), max_size=4))
@_EACH_ITS_OWN_FILE
def test_judgements_read_back_equal_the_judgements_written(qrels: Qrels, tmp_path: Path) -> None:
    write_qrels(qrels, tmp_path / "qrels")
    assert read_qrels(tmp_path / "qrels") == qrels


@given(name=_IDS)
def test_an_id_survives_encoding_and_is_one_column(name: str) -> None:
    assert decode_id(encode_id(name)) == name
    assert encode_id(name).split() == [encode_id(name)]


@pytest.mark.parametrize(
    ("name", "column"),
    [("Lessie Wiegert", "Lessie%20Wiegert"), ("100%", "100%25"), ("a\u3000b", "a%E3%80%80b"), ("Ümit-7", "Ümit-7")],
)
def test_an_id_is_encoded_as_documented(name: str, column: str) -> None:
    assert encode_id(name) == column


@pytest.mark.parametrize("column", ["http://x/a%2Fb", "50%", "%41", "%e3%80%80", "%FF", "%ZZ"])
def test_what_numen_never_writes_is_left_as_it_stands(column: str) -> None:
    assert decode_id(column) == column


def test_a_run_has_the_columns_of_trec(tmp_path: Path) -> None:
    run: Run = {"q 1": [("d1", 1.5), ("d 2", 0.25)], "empty": [], "q2": [("d1", -1.0)]}
    write_run(run, tmp_path / "run", "numen:512")
    assert (tmp_path / "run").read_bytes() == (
        b"q%201 Q0 d1 1 1.5 numen:512\nq%201 Q0 d%202 2 0.25 numen:512\nq2 Q0 d1 1 -1.0 numen:512\n"
    )


def test_a_float32_score_reads_back_as_the_same_float32(tmp_path: Path) -> None:
    scores = np.sort(np.random.default_rng(7).random(500, dtype=np.float32))[::-1]
    write_run({"q": [(f"d{i}", score) for i, score in enumerate(scores)]}, tmp_path / "run")
    back = np.array([score for _, score in read_run(tmp_path / "run")["q"]])
    assert (back == scores.astype(np.float64)).all()


@pytest.mark.parametrize(
    "hits",
    [
        [("a", 1.0), ("b", 2.0)],
        [("a", 1.0), ("a", 1.0)],
        [("a", math.nan)],
        [("a", math.inf)],
        [("", 1.0)],
    ],
)
def test_a_run_that_others_would_misread_is_not_written(hits: list[tuple[str, float]], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_run({"fine": [("a", 1.0)], "q": hits}, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_is_read_by_score_then_by_rank(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("q Q0 c 3 1 t\nq Q0 b 2 1 t\nq Q0 a 9 5e0 t\nq Q0 z 4 -2 t\n", encoding="utf-8")
    assert read_run(tmp_path / "run") == {"q": [("a", 5.0), ("b", 1.0), ("c", 1.0), ("z", -2.0)]}


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_run_with_one_rank_for_all_keeps_the_order_of_its_lines(rank: str, tmp_path: Path) -> None:
    (tmp_path / "run").write_text(f"q Q0 b {rank} 1 t\nq Q0 a {rank} 1 t\n", encoding="utf-8")
    assert read_run(tmp_path / "run") == {"q": [("b", 1.0), ("a", 1.0)]}


@pytest.mark.parametrize(
    "line",
    ["q Q0 d 1 1.0", "q Q0 d 1 1.0 a b", "q Q0 d first 1.0 t", "q Q0 d 1 high t", "q Q0 d 1 nan t", "q Q0 d 1 inf t"],
)
def test_a_faulty_line_of_a_run_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "run").write_text(f"q Q0 a 1 2.0 t\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"run, line 2: expected .* found 'q Q0 d"):
        read_run(tmp_path / "run")


def test_a_document_twice_for_a_query_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("q Q0 a 1 2.0 t\np Q0 a 1 2.0 t\nq Q0 a 2 1.0 t\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 3: document 'a' was there before for query 'q'"):
        read_run(tmp_path / "run")


def test_a_run_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_run({}, tmp_path / "no such folder" / "run")


def test_format_run_gives_the_lines_that_write_run_writes(tmp_path: Path) -> None:
    run: Run = {"q": [("a b", 0.1), ("c", 0.1)]}
    write_run(run, tmp_path / "run", "t")
    assert "".join(format_run(run, "t")) == (tmp_path / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "qrels"),
    [
        ("query-id\tcorpus-id\tscore\nq\tLessie Wiegert\t1\n", {"q": {"Lessie Wiegert": 1}}),
        ("query_id\tcorpus_id\tscore\r\nq\td\t-1\r\n", {"q": {"d": -1}}),
        ("q\td%20e\t2\nq\td%20e\t2\np\td\t0\n", {"q": {"d%20e": 2}, "p": {"d": 0}}),
        ("q 0 d%20e 1\nq\t0\tf\t3\n", {"q": {"d e": 1, "f": 3}}),
        ("", {}),
    ],
)
def test_judgements_are_read_in_either_form(text: str, qrels: Qrels, tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text(text, encoding="utf-8", newline="")
    assert read_qrels(tmp_path / "test.tsv") == qrels


@pytest.mark.parametrize(
    "line", ["q\td", "q\td\t1.0", "q\td\thigh", "\td\t1", "q\t\t1", "q d 1", "q\td\t1_0", "q 0 d 1 extra", "just words"]
)
def test_a_faulty_judgement_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\nq\ta\t1\n{line}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"test\.tsv, line 3: expected .* found '"):
        read_qrels(tmp_path / "test.tsv")


def test_a_header_in_other_words_is_not_taken_for_a_judgement(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("question\tpassage\tgrade\nq\ta\t1\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="line 1"):
        read_qrels(tmp_path / "test.tsv")


def test_two_grades_for_one_pair_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("q\ta\t1\nq\ta\t2\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"line 2: document 'a' was judged 1 before"):
        read_qrels(tmp_path / "test.tsv")
