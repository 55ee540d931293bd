"""CPOs side by side with their history on a real PostgreSQL server: the same result, and no file of SQLite anywhere."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.calendar import newest_ended_window, window_bounds
from linda_pipeline.orchestration.home import instance_at
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.linda_here import linda_here
from linda_pipeline_tests.postgres_server import running_server

pytestmark = pytest.mark.slow
AREAS = Path(__file__).parents[1] / "data" / "reference" / "areas"
KEYS = ("NL-ABC", "NL-DEF")


def test_a_run_keeps_its_history_on_the_server_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = window_bounds(newest_ended_window(datetime.now(UTC)))
    register = ""
    with ExitStack() as stack:
        server = stack.enter_context(running_server())
        for key in KEYS:
            plan = Plan(key, locations=2, start=start, until=end)
            cpo = stack.enter_context(SimulatedCpo(plan, "token"))
            register += f'[cpo.{key}]\nname = "{key}"\nversions_url = "{cpo.versions_url}"\nocpi = "2.2.1"\n'
            register += (
                f'[[cpo.{key}.permission]]\ndocument = "T"\nowner = "G"\nowner_kind = "cpo"\nfrom = 2020-01-01\n'
            )
        (tmp_path / "cpos.toml").write_text(register)
        told = linda_here(
            "run",
            environment={
                "LINDA_LAKE": str(tmp_path / "lake"),
                "LINDA_CPOS": str(tmp_path / "cpos.toml"),
                "LINDA_AREAS": str(AREAS),
                "LINDA_PSEUDONYM_KEY": "ab" * 32,
                "LINDA_POSTGRES_URL": server.url,
                "DAGSTER_HOME": str(tmp_path / "dagster"),
                **{f"LINDA_TOKEN_{key.replace('-', '_')}": "token" for key in KEYS},
            },
        )
        assert told.returncode == 0, told.stdout + told.stderr
        lake = Lake(tmp_path / "lake")
        delivered = {one.id for module in ("cdrs", "locations") for one in lake.judged(module)}
        assert lake.database.exists()
        monkeypatch.setenv("LINDA_POSTGRES_URL", server.url)
        with instance_at(tmp_path / "dagster") as instance:
            runs = instance.get_runs()
            assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
            assert {run.tags["linda/delivery"] for run in runs if "linda/delivery" in run.tags} == delivered
            assert instance.get_latest_materialization_event(dg.AssetKey("linda_duckdb")) is not None
    assert len(delivered) == 2 * len(KEYS)
    assert list(tmp_path.rglob("*.db")) == []
