"""A CPO installs the core alone: everything but orchestration works where Dagster is not installed."""

from __future__ import annotations

import subprocess
import sys

BLOCKED = "import sys; sys.modules['dagster'] = None\n"


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BLOCKED + code], capture_output=True, text=True, check=False)


ROOMS = ("quality", "quality.rules", "quality.contract", "ocpi.client_door", "report", "stations", "cli")


def test_every_room_of_the_core_opens_without_dagster() -> None:
    told = _python("\n".join(f"import linda_pipeline.{room}" for room in ROOMS))
    assert told.returncode == 0, told.stderr


def test_the_block_itself_works() -> None:
    assert "dagster" in _python("import linda_pipeline.definitions").stderr
