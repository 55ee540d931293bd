"""What holds for all tests: the real data beside the project, in CI the same examples of property tests, and the order."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parents[2] / "shared" / "data"

settings.register_profile("ci", derandomize=True, deadline=None)  # red then means that a change broke it
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that none of them is the last one that all other workers wait for."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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
