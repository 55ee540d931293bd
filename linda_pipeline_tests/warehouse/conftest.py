"""Fixtures for the warehouse: an empty lake, and the folder of real borders where it is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.storage.lake import Lake

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture(scope="session")
def real_borders() -> Path:
    folder = SHARED / "geo"
    if not folder.is_dir():
        pytest.skip("the real municipal borders (../shared/data/geo beside the project) are not on this machine")
    return folder
