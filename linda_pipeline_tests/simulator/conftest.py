"""What the simulator's tests share: the real session files, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

_SESSIONS = Path(__file__).parents[3] / "shared" / "data" / "sessions"


@pytest.fixture
def dundee_file() -> Path:
    """The Dundee session set."""
    return _present("dundee_20180606_20180906.csv")


@pytest.fixture
def nl_file() -> Path:
    """The Dutch session set of 2018."""
    return _present("nl_laadpaaldata_hva.csv")


def _present(name: str) -> Path:
    path = _SESSIONS / name
    if not path.exists():
        pytest.skip(f"the session file {name} is not at hand; it is not part of the project")
    return path
