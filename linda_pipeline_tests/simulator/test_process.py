"""A simulated CPO runs in its own process, and never outlives the one that started it."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.process import SimulatedCpo, SimulatorError

PLAN = Plan("NL-ZON", locations=4, start=datetime(2026, 11, 20, tzinfo=UTC), until=datetime(2026, 11, 23, tzinfo=UTC))
TOKEN = "geheim-token"

_PARENT = """
import time
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
with SimulatedCpo(Plan("NL-ZON", locations=1), "geheim-token") as cpo:
    print(cpo.pid, flush=True)
    time.sleep(60)
"""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_serves_the_plan_over_http_counts_what_it_is_asked_and_stops() -> None:
    header = {"Authorization": f"Token {base64.b64encode(TOKEN.encode()).decode()}"}
    with SimulatedCpo(PLAN, TOKEN) as cpo:
        assert cpo.requests() == []
        url = cpo.versions_url.replace("versions", "2.2.1/cdrs")
        answer = httpx.get(url, headers=header, trust_env=False)
        assert cpo.requests() == ["/ocpi/2.2.1/cdrs"]
        pid = cpo.pid
    expected = [json.loads(sent.body) for sent in feeds_of(PLAN)["cdrs"].records]
    assert answer.json()["data"] == expected
    assert not _is_alive(pid)


def test_it_dies_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert _is_alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_alive(child)


def test_without_a_token_it_says_which_variable_to_set() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "LINDA_SIMULATOR_TOKEN"}
    command = [sys.executable, "-m", "linda_pipeline.simulator", "--locations=1"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "LINDA_SIMULATOR_TOKEN" in ended.stderr


def test_a_plan_that_cannot_be_served_is_said_so_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    missing = Plan("NL-ZON", replay="nl", replay_file=tmp_path / "is-not-there.csv")
    with pytest.raises(SimulatorError, match="NL-ZON"):
        SimulatedCpo(missing, TOKEN).__enter__()
    assert "is-not-there.csv" in capfd.readouterr().err
