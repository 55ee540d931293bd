"""What holds for all tests: the real data that lie beside the project, and in CI the same examples of property tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parents[2] / "shared" / "data"

settings.register_profile("ci", derandomize=True, deadline=None)  # red then means that a change broke it
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def real_borders() -> Path:
    folder = SHARED / "geo"
    if not folder.is_dir():
        pytest.skip("the real municipal borders (../shared/data/geo beside the project) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def real_sessions() -> Path:
    folder = SHARED / "sessions"
    if not folder.is_dir():
        pytest.skip("the real sessions (../shared/data/sessions beside the project) are not on this machine")
    return folder
