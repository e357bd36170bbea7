"""The part of a text that is shown: where the matches are, on one line, nothing invented."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from numen.cli.snippet import marked, shown_snippet


def _spans(text: str, pattern: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(pattern, text)]


def test_a_short_text_is_shown_whole_with_its_matches() -> None:
    text = "The  boundary\n layer"
    assert shown_snippet(text, _spans(text, "boundary|layer"), 80, plain=True).plain == "The [boundary] [layer]"
    styled = shown_snippet(text, _spans(text, "layer"), 80, plain=False)
    assert styled.plain == "The boundary layer"
    assert [styled.plain[span.start : span.end] for span in styled.spans] == ["layer"]


def test_without_matches_the_beginning_is_shown() -> None:
    assert shown_snippet("word " * 100, [], 20, plain=True).plain == "word word word word ..."


def test_the_window_lies_where_most_matches_are() -> None:
    text = "once needle " + "straw " * 200 + "a needle beside a needle " + "straw " * 200
    shown = shown_snippet(text, _spans(text, "needle"), 100, plain=True).plain
    assert shown.startswith("... ")
    assert shown.count("[needle]") == 2
    assert shown.endswith(" ...")


def test_a_word_without_end_is_cut() -> None:
    assert len(shown_snippet("x" * 100_000, [(0, 100_000)], 80, plain=False).plain) < 200


def test_marked_keeps_line_ends_and_hides_what_drives_the_terminal() -> None:
    assert marked("a\nb \x1b c", [(2, 3)], plain=True).plain == "a\n[b] \ufffd c"


@given(st.text(st.sampled_from("ab \n\t\x1bé"), max_size=300), st.data())
def test_every_mark_is_a_match_and_the_length_is_kept(text: str, data: st.DataObject) -> None:
    spans = _spans(text, data.draw(st.sampled_from(["a+", "b", "é|a", "[ab]+"])))
    for length in (10, 100):
        shown = shown_snippet(text, spans, length, plain=False)
        assert len(shown.plain) <= length + 50
        assert "\n" not in shown.plain
        matches = {text[first:last] for first, last in spans}
        for span in shown.spans:
            part = shown.plain[span.start : span.end]
            assert any(part in match for match in matches)
    whole = shown_snippet(text, spans, 1000, plain=False)
    assert whole.plain.replace("\ufffd", "\x1b") == " ".join(text.split(None))
    assert [whole.plain[span.start : span.end] for span in whole.spans] == [text[first:last] for first, last in spans]
