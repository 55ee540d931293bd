"""A simulated CPO as its own process on the loopback address, for whoever needs one for a while.

Here: starting it, knowing when it is ready, asking what it was asked, and stopping it. It ends with its parent, however
the parent ends. Not here: what it serves (plan.py, server.py) and the command line (__main__.py).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self
from urllib.request import ProxyHandler, build_opener

from linda_pipeline.errors import LindaError
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.server import REQUESTS_PATH

TOKEN_VARIABLE = "LINDA_SIMULATOR_TOKEN"
READY = "ready "
START_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.5


class SimulatorError(LindaError):
    """The simulator's process ended, or kept silent, before it was ready."""


class SimulatedCpo:
    """A CPO that serves a plan while the `with` block lasts.

    The token goes through the environment of the process, so that it is not seen in the list of processes.
    """

    def __init__(self, plan: Plan, token: str, port: int = 0) -> None:
        self.plan = plan
        self.token = token
        self.port = port
        self.versions_url = ""
        """Where an OCPI client begins; known from the moment that the block is entered."""
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The id of the process."""
        if self._process is None:
            raise SimulatorError("the simulator is not running: use it in a with block")
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and return at once: several can so start side by side."""
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "linda_pipeline.simulator",
                "--until-stdin-ends",
                *arguments_of(self.plan, self.port),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, TOKEN_VARIABLE: self.token},
        )

    def wait_until_ready(self) -> None:
        """Wait until it answers. Raises SimulatorError where it does not."""
        process = self._process
        if process is None or process.stdout is None:
            raise SimulatorError("the simulator was not started")
        alarm = threading.Timer(START_WITHIN_S, process.kill)
        alarm.start()
        try:
            line = process.stdout.readline()
        finally:
            alarm.cancel()
        if not line.startswith(READY):
            self.stop()
            raise SimulatorError(
                f"the simulator of {self.plan.party} was not ready within {START_WITHIN_S:.0f} s; see its message above"
            )
        self.versions_url = line.removeprefix(READY).strip()

    def requests(self) -> list[str]:
        """The paths that it was asked for so far, in order."""
        address = self.versions_url.removesuffix("/ocpi/versions") + REQUESTS_PATH
        with build_opener(ProxyHandler({})).open(address, timeout=10) as answer:
            return [str(path) for path in json.load(answer)]

    def stop(self) -> None:
        """End the process; does nothing where it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def arguments_of(plan: Plan, port: int) -> list[str]:
    """A plan as the command line of the simulator."""
    arguments = [
        f"--party={plan.party}",
        f"--ocpi={plan.ocpi}",
        f"--operator={plan.operator}",
        f"--seed={plan.seed}",
        f"--locations={plan.locations}",
        f"--per-evse-day={plan.per_evse_day}",
        f"--from={plan.start.isoformat()}",
        f"--until={plan.until.isoformat()}",
        f"--pulled-at={plan.now.isoformat()}",
        f"--defects={plan.defects}",
        f"--mends-after-days={plan.mends_after_days}",
        f"--page-limit={plan.page_limit}",
        f"--token-env={TOKEN_VARIABLE}",
        f"--port={port}",
        *(f"--fault={order}" for order in plan.faults),
    ]
    if plan.replay is not None:
        arguments.append(f"--replay={plan.replay}={plan.replay_file}")
    if not plan.fill_parking_time:
        arguments.append("--no-parking-time")
    return arguments


def end_with_parent() -> None:
    """End this process when its standard input ends, or when its parent is another one than at the start.

    The second is for a parent whose forked children still hold the other end of the pipe.
    """
    parent = os.getppid()
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _LOOK_EVERY_S)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            break
    os._exit(0)
