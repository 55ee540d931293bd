"""Several CPOs side by side in `linda run`: one that is slow, or whose process dies, holds up nobody, and nothing lives on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.calendar import newest_ended_window, window_bounds
from linda_pipeline.ledger.attempts import attempts
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.orchestration.home import instance_at
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.linda_here import bare_environment

AREAS = Path(__file__).parents[1] / "data" / "reference" / "areas"
TOKEN = "one-token-for-three"
QUICK, SLOW = ("NL-ABC", "NL-DEF"), "NL-SLO"
WINDOW = newest_ended_window(datetime.now(UTC))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"),
]


@pytest.fixture(scope="module")
def cpos() -> Iterator[dict[str, str]]:
    """Where three CPOs answer, one of them a byte a second, by their keys."""
    start, end = window_bounds(WINDOW)
    with ExitStack() as stack:
        simulated = {
            key: SimulatedCpo(
                Plan(key, locations=2, start=start, until=end, faults=("cdrs:drip",) if key == SLOW else ()), TOKEN
            )
            for key in (*QUICK, SLOW)
        }
        yield {key: stack.enter_context(one).versions_url for key, one in simulated.items()}


@pytest.fixture
def run(cpos: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`linda run` for the three of them, when the two that are quick have ended."""
    (tmp_path / "cpos.toml").write_text(
        "".join(
            f'[cpo.{key}]\nname = "{key}"\nversions_url = "{url}"\nocpi = "2.2.1"\n'
            f'[[cpo.{key}.permission]]\ndocument = "T"\nowner = "G"\nowner_kind = "cpo"\nfrom = 2020-01-01\n'
            for key, url in cpos.items()
        )
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "linda_pipeline.cli", "run", "--module", "cdrs"],
        env={
            **bare_environment(),
            **{f"LINDA_TOKEN_{key.replace('-', '_')}": TOKEN for key in cpos},
            "COLUMNS": "200",
            "NO_COLOR": "1",
            "LINDA_LAKE": str(tmp_path / "lake"),
            "LINDA_CPOS": str(tmp_path / "cpos.toml"),
            "LINDA_AREAS": str(AREAS),
            "LINDA_PSEUDONYM_KEY": "ab" * 32,
            "DAGSTER_HOME": str(tmp_path / "dagster"),
        },
        # Whoever runs the tests in the background of a shell has Ctrl-C ignored; at a prompt it is not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: all((tmp_path / "lake" / "reports" / delivery(key).folder).exists() for key in QUICK), 120)
        until(lambda: all(runs(tmp_path / "dagster").get(key) == dg.DagsterRunStatus.SUCCESS for key in QUICK), 120)
        yield process
    finally:
        process.kill()
        process.wait()


def delivery(cpo: str) -> Delivery:
    return Delivery("cdrs", cpo, WINDOW)


def until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds. Raises AssertionError where it does not."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


def processes(lake: Path) -> list[int]:
    """The processes that work on a lake: those of the command, and none of the simulators."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"LINDA_LAKE={lake}\0".encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def workers(lake: Path, run: subprocess.Popen[str]) -> list[int]:
    """Those of the processes that work for one delivery each: a quick one may still be ending when its run has succeeded."""
    found = []
    for pid in processes(lake):
        with contextlib.suppress(ProcessLookupError):
            if pid != run.pid and os.getpgid(pid) == pid:
                found.append(pid)
    return found


def runs(home: Path) -> dict[str, dg.DagsterRunStatus]:
    """How each CPO's run stands in Dagster's history."""
    with instance_at(home) as instance:
        return {
            run.tags["dagster/partition/cpo"]: run.status
            for run in instance.get_runs()
            if "dagster/partition/cpo" in run.tags
        }


def test_a_cpo_that_answers_a_byte_a_second_holds_up_nobody_and_ctrl_c_ends_all(
    tmp_path: Path, run: subprocess.Popen[str]
) -> None:
    lake = Lake(tmp_path / "lake")
    assert run.poll() is None, "it waits for the slow one"
    assert [one.outcome for one in attempts(lake, delivery(SLOW))] == ["running"]
    for key in QUICK:
        assert read_judgement(lake, delivery(key)).main.accepted > 0
    assert len(processes(lake.root)) > 1
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode not in (0, None)
    assert "Traceback" not in out + err
    until(lambda: not processes(lake.root), 30)
    assert [one.outcome for one in attempts(lake, delivery(SLOW))] == ["killed"]
    assert list(lake.raw(delivery(SLOW)).glob("pull=*.partial")), "what came in is gone on from"
    status = runs(tmp_path / "dagster")
    assert [status[key] for key in QUICK] == [dg.DagsterRunStatus.SUCCESS] * 2
    assert status[SLOW] == dg.DagsterRunStatus.FAILURE


def test_a_process_that_dies_is_one_failed_delivery_and_the_rest_is_published(
    tmp_path: Path, run: subprocess.Popen[str]
) -> None:
    lake = Lake(tmp_path / "lake")
    until(lambda: len(workers(lake.root, run)) == 1, 60)
    (worker,) = workers(lake.root, run)
    os.kill(worker, signal.SIGKILL)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 4, out + err
    assert f"{delivery(SLOW).id}: The process that worked for {SLOW} was ended by signal 9" in err
    assert (tmp_path / "lake" / "linda.duckdb").exists()
    status = runs(tmp_path / "dagster")
    assert status[SLOW] == dg.DagsterRunStatus.FAILURE
    assert [status[key] for key in QUICK] == [dg.DagsterRunStatus.SUCCESS] * 2


def test_nothing_lives_on_where_the_command_itself_is_killed(tmp_path: Path, run: subprocess.Popen[str]) -> None:
    lake = Lake(tmp_path / "lake")
    run.kill()
    run.communicate(timeout=60)
    until(lambda: not processes(lake.root), 30)
    assert runs(tmp_path / "dagster")[SLOW] == dg.DagsterRunStatus.FAILURE
