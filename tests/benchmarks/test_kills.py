"""A process killed at any moment leaves the last commit, whole, and the next one goes on from there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from numen.search import warm_up


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    from kills import LEGS, kill_often
    from stand_in import stand_ins

    # What a child compiles first, it would be killed for instead of for what it does.
    with stand_ins():
        for leg in LEGS.values():
            warm_up(leg)
    seen = kill_often(tmp_path / "c", kills=40, seed=11, most_seconds=60.0)
    assert seen.failures == []
    assert seen.kills >= 10
    assert len(seen.under_way) == 4
    assert seen.acknowledged > 0
    assert seen.left_over + seen.unsaid > 0  # else the kills came at harmless moments only
