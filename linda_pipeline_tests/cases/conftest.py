"""Fixtures for cases: a followed lake, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linda_pipeline_tests.cases.followed import Followed


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Followed]:
    made = Followed.at(tmp_path)
    yield made
    made.database.close()
