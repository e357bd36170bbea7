"""After any sequence of changes a collection is the same, bit for bit, as a fresh build of what is alive."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(("kind", "steps"), [("terms", 500), ("vectors", 160)])
def test_random_steps_over_every_kind_of_leg(kind: str, steps: int, tmp_path: Path) -> None:
    from steps import KINDS, take_steps

    seen = take_steps(tmp_path / "c", steps, every=steps // 4, seed=3, legs=KINDS[kind])
    assert seen.failures == []
    assert seen.comparisons == 5
    assert min(seen.done[kind] for kind in ("add", "delete", "compact", "open", "documents replaced")) > 0
    assert seen.hits > 10_000 * len(KINDS[kind])
