"""The whole demo with its history on a real PostgreSQL server: the same result, and no file of SQLite anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.orchestration.home import instance_at
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.postgres_server import running_server


def test_the_whole_demo_keeps_its_history_on_the_server_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server() as server:
        monkeypatch.setenv("LINDA_POSTGRES_URL", server.url)
        told = subprocess.run(
            [sys.executable, "-m", "linda_pipeline.cli", "demo", "--out", str(tmp_path)],
            env={name: value for name, value in os.environ.items() if not name.startswith("DAGSTER_")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        lake = Lake(tmp_path / "lake")
        delivered = {one.id for module in ("cdrs", "locations") for one in lake.judged(module)}
        assert lake.database.exists()
        with instance_at(tmp_path / "dagster") as instance:
            runs = instance.get_runs()
            assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
            assert {run.tags["linda/delivery"] for run in runs if "linda/delivery" in run.tags} == delivered
            assert instance.get_latest_materialization_event(dg.AssetKey("linda_duckdb")) is not None
    assert delivered
    assert list(tmp_path.rglob("*.db")) == []
