"""A server with 250 CDRs and three Locations, and an empty lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo, numbered


@pytest.fixture
def server() -> Iterator[LittleCpo]:
    started = LittleCpo({"cdrs": numbered(250), "locations": numbered(3)}).start()
    yield started
    started.stop()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")
