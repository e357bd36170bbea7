"""What every test may ask for: the judged collections that lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """`../shared/data` beside the checkout, or a skip that says so."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the judged collections are not beside this checkout (../shared/data)")
    return folder
