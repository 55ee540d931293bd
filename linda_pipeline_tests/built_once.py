"""What is costly to build and the same for all: built once in a run of the tests, by whichever worker asks first.

Here: the folder that the workers share, and who builds it. Not here: what is built. What lies there is read or copied, never
changed: another worker may be reading it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """The folder `name` of this run, after `build` has filled it; the other workers wait for the one that builds."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    ready = folder.with_suffix(".ready")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            folder.mkdir()  # fails where an earlier try failed: then every test that asks for it does
            build(folder)
            ready.touch()
    return folder
