"""Fixtures for the warehouse: an empty lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.storage.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
