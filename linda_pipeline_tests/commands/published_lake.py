"""A small lake with everything in it: raw, judged, reported, curated and published, with its register beside it.

Here: making it by the real stations, once for all tests of a run, and how a command is run on it. Not here: any test.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from linda_pipeline import stations
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.built_once import built_once
from linda_pipeline_tests.deliveries import (
    CPO,
    LOCATIONS,
    REGISTER,
    demo_areas,
    judged,
    location,
    one_of_each,
    raw_pull,
)
from linda_pipeline_tests.linda_here import bare_environment, linda_here

AREAS = Path(__file__).parents[2] / "data" / "reference" / "areas"
AS_ANOTHER_USER = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
"""Before a command: run by root, it has then no more rights on another user's files than anybody has."""


def lake_in(folder: Path, factory: pytest.TempPathFactory) -> Lake:
    """A copy of it in a folder, with cpos.toml beside it: whoever asks may do with it what he likes."""
    shutil.copytree(built_once(factory, "small-lake", _make), folder, dirs_exist_ok=True)
    return Lake(folder / "lake")


def _make(folder: Path) -> None:
    lake = Lake(folder / "lake")
    (folder / "cpos.toml").write_text(REGISTER)
    judged(lake, raw_pull(lake, *one_of_each()))
    judged(lake, raw_pull(lake, [location(1), location(2)], delivery=LOCATIONS))
    for delivery in [*lake.judged("cdrs"), *lake.judged("locations")]:
        stations.report(lake, delivery, cpo_name=CPO.name)
    areas, register = demo_areas(), {CPO.key: CPO}
    stations.curate_locations(lake, areas)
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, register)
    stations.publish(lake, register, areas)


def tree(root: Path) -> dict[str, tuple[int, int, str]]:
    """Every file and folder below a folder: its mode, the moment at which it last changed, and a hash of what is in it."""
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in [root, *sorted(root.rglob("*"))]
    }


def settings(lake: Path, **environment: str) -> dict[str, str]:
    """What is set for a command on a lake."""
    return {
        "LINDA_LAKE": str(lake),
        "LINDA_CPOS": str(lake.parent / "cpos.toml"),
        "LINDA_AREAS": str(AREAS),
        "COLUMNS": "120",
        "NO_COLOR": "1",
        **environment,
    }


def linda(lake: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a lake in this process."""
    return linda_here(*words, environment=settings(lake, **environment))


def linda_process(
    lake: Path, *words: str, before: Sequence[str] = (), text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command on a lake in a process of its own; `text` is its standard input."""
    return subprocess.run(
        [*before, sys.executable, "-m", "linda_pipeline.cli", *words],
        env={**bare_environment(), **settings(lake)},
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def can_be_another_user() -> bool:
    """Whether a process can be started here that has no rights on another user's files."""
    return (
        os.geteuid() == 0
        and shutil.which("setpriv") is not None
        and subprocess.run([*AS_ANOTHER_USER, "true"], check=False, capture_output=True).returncode == 0
    )
