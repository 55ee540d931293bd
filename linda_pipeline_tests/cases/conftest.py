"""Fixtures for cases: a followed lake, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linda_pipeline_tests.cases.followed import Followed, followed_on


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Followed]:
    with followed_on("sqlite", tmp_path) as made:
        yield made
