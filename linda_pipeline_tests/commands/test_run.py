"""`linda run` where a CPO gives less than it has: said in the table, in a line with the reason, and by exit code 3."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.calendar import newest_ended_window, window_bounds
from linda_pipeline.orchestration.home import instance_at
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline_tests.linda_here import linda_here

pytestmark = pytest.mark.slow

AREAS = Path(__file__).parents[2] / "data" / "reference" / "areas"
WINDOW = newest_ended_window(datetime.now(UTC))
START, END = window_bounds(WINDOW)


def run(folder: Path, *words: str, faults: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`linda run` for one CPO, with these faults in its server."""
    plan = Plan("NL-ABC", locations=4, start=START, until=END, page_limit=20, faults=faults)
    with SimulatedCpo(plan, "token") as cpo:
        (folder / "cpos.toml").write_text(
            f'[cpo.NL-ABC]\nname = "Voorbeeld"\nversions_url = "{cpo.versions_url}"\nocpi = "2.2.1"\n'
            '[[cpo.NL-ABC.permission]]\ndocument = "T"\nowner = "G"\nowner_kind = "concession"\nfrom = 2020-01-01\n'
        )
        return linda_here(
            "run",
            *words,
            environment={
                "COLUMNS": "80",
                "LINDA_LAKE": str(folder / "lake"),
                "LINDA_CPOS": str(folder / "cpos.toml"),
                "LINDA_AREAS": str(AREAS),
                "LINDA_PSEUDONYM_KEY": "ab" * 32,
                "LINDA_TOKEN_NL_ABC": "token",
                "DAGSTER_HOME": str(folder / "dagster"),
            },
        )


def last_complete_check(folder: Path, asset: str) -> tuple[dg.DagsterRunStatus, bool]:
    """How the newest run of an asset ended, and what its check `complete` said."""
    with instance_at(folder / "dagster") as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(asset))
        assert event is not None
        run = instance.get_run_by_id(event.run_id)
        assert run is not None
        told = instance.all_logs(event.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        checks = [one.dagster_event.asset_check_evaluation_data for one in told if one.dagster_event]
        (complete,) = [one for one in checks if one.check_name == "complete"]
        return run.status, complete.passed


def test_a_list_in_random_order_ends_in_exit_code_3_with_the_reason_and_a_failed_check(tmp_path: Path) -> None:
    told = run(tmp_path, "--module", "cdrs", faults=("cdrs:order_unstable",))
    assert told.returncode == 3, told.stderr
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert f"cdrs/NL-ABC/{WINDOW}: incomplete" in lines
    assert "incomplete" in lines, "in the table"
    assert f"cdrs/NL-ABC/{WINDOW} is incomplete: The CPO's list did not come to rest: " in told.stderr
    assert f"Pull the window again: linda run --cpo NL-ABC --module cdrs --window {WINDOW}" in told.stderr
    assert last_complete_check(tmp_path, "raw_cdrs") == (dg.DagsterRunStatus.SUCCESS, False)
    assert (tmp_path / "lake" / "linda.duckdb").exists()
    healed = run(tmp_path, "--module", "cdrs")
    assert healed.returncode == 0, healed.stderr
    assert "incomplete" not in healed.stdout + healed.stderr
    again = run(tmp_path, "--module", "cdrs", faults=("cdrs:count_too_high",))
    assert again.returncode == 3, again.stderr
    assert "An earlier pull, which is complete, still counts." in again.stderr


def test_locations_that_fall_short_of_their_own_count_do_so_too(tmp_path: Path) -> None:
    told = run(tmp_path, "--module", "locations", faults=("locations:count_too_high",))
    assert told.returncode == 3, told.stderr
    assert "is incomplete: The CPO counts " in told.stderr
    assert "A night that has passed cannot be asked for again." in told.stderr
    assert last_complete_check(tmp_path, "raw_locations") == (dg.DagsterRunStatus.SUCCESS, False)
