"""A portal in a folder of its own, for the trials of bench/: simulated CPOs, a register, and a real `dagster dev`.

Not a trial itself; operator_day.py, twenty_cpos.py, house_kills.py and year_of_history.py use it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo

ROOT = Path(__file__).parents[1]
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
PROGRAMS = Path(sys.executable).parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def plan(key: str, seed: int = 1, locations: int = 30, defects: float = 0.05) -> Plan:
    """A small CPO with sessions over the last year's end until today."""
    return Plan(
        party=key, seed=seed, locations=locations, defects=defects, start=datetime(2026, 8, 1, tzinfo=UTC),
        until=datetime.now(UTC), operator=f"{key} Laden B.V.",
    )  # fmt: skip


class House:
    """Use it as a context: the simulators run while it lasts; `start` and `stop` are for Dagster."""

    def __init__(self, folder: Path, plans: Mapping[str, Plan], more: Mapping[str, str] | None = None) -> None:
        """`more`: versions URLs of further CPOs, or the key of the simulator that answers for them."""
        self.folder, self.port = folder, free_port()
        self.stack = ExitStack()
        self.simulators = {key: SimulatedCpo(one, f"token-of-{key}") for key, one in plans.items()}
        self.more = dict(more or {})
        self.tokens = {key: f"token-of-{key}" for key in (*plans, *self.more)}
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("dagster.yaml", "workspace.yaml"):
            shutil.copy(ROOT / name, folder / name)

    def __enter__(self) -> Self:
        for one in self.simulators.values():
            self.stack.callback(one.stop)
            one.start()
        for one in self.simulators.values():
            one.wait_until_ready()
        urls = {key: one.versions_url for key, one in self.simulators.items()}
        urls |= {key: urls.get(url, url) for key, url in self.more.items()}
        blocks = [
            f'[cpo.{key}]\nname = "{key} Laden B.V."\nversions_url = "{url}"\nocpi = "2.2.1"\n'
            f"parties = {json.dumps([key, *self.simulators])}\n"
            f'[[cpo.{key}.permission]]\ndocument = "TRIAL"\nowner = "Trial"\nowner_kind = "cpo"\nfrom = 2026-01-01\n'
            for key, url in urls.items()
        ]
        (self.folder / "cpos.toml").write_text("\n".join(blocks), encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.stack.close()

    def environment(self) -> dict[str, str]:
        """What the README says must be set, for this house."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(self.folder),
            "LINDA_LAKE": str(self.folder / "lake"),
            "LINDA_CPOS": str(self.folder / "cpos.toml"),
            "LINDA_AREAS": str(ROOT / "data" / "reference" / "areas"),
            "LINDA_PSEUDONYM_KEY": "22" * 32,
            "LINDA_DAGSTER_URL": self.address,
            **{f"LINDA_TOKEN_{key.replace('-', '_')}": token for key, token in self.tokens.items()},
            **self.settings,
        }

    @property
    def address(self) -> str:
        """Where the interface is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start `dagster dev`; returns the seconds until it answers with our assets."""
        began = time.monotonic()
        self.process = self._run("dagster", "dev", "-p", str(self.port), "-h", "127.0.0.1")
        self._wait_until_it_answers()
        return time.monotonic() - began

    def start_part(self, name: str) -> None:
        """Start one process of a production house: the webserver (waits until it answers) or the daemon."""
        if name == "webserver":
            port = ["-p", str(self.port), "-h", "127.0.0.1"]
            self.parts[name] = self._run("dagster-webserver", "-w", "workspace.yaml", *port)
            self._wait_until_it_answers()
        else:
            self.parts[name] = self._run("dagster-daemon", "run", "-w", "workspace.yaml")

    def kill_part(self, name: str) -> None:
        """SIGKILL to that process alone, as when it runs out of memory; what it started stays."""
        self.parts[name].kill()
        self.parts[name].wait()

    def stop(self) -> None:
        """End all that runs."""
        for one in (*([self.process] if self.process else []), *self.parts.values()):
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGINT)
            try:
                one.wait(timeout=40)
            except subprocess.TimeoutExpired:
                os.killpg(one.pid, signal.SIGKILL)
                one.wait()
        self.process, self.parts = None, {}

    def _run(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(
                [str(PROGRAMS / program), *options],
                cwd=self.folder, env=self.environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _wait_until_it_answers(self) -> None:
        began = time.monotonic()
        while True:
            try:
                if self.ask("{assetNodes{id}}")["assetNodes"]:
                    return
            except (OSError, KeyError, ValueError):
                pass
            if time.monotonic() - began > 120:
                raise RuntimeError(f"the interface did not start; see the logs in {self.folder}")
            time.sleep(0.3)

    def processes(self) -> list[tuple[int, str, float]]:
        """Every process of the house: id, command line, and resident megabytes."""
        assert self.process is not None
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(path.name)) != self.process.pid:
                    continue
                command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                pages = int((path / "statm").read_text().split()[1])
                found.append((int(path.name), command, pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
            except (OSError, ValueError):
                continue
        return found

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """A question in GraphQL."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            told = json.load(answer)
        if "errors" in told:
            raise ValueError(told["errors"])
        return dict(told["data"])

    def runs(self) -> list[dict[str, Any]]:
        """Every run, newest first, with its tags as a dictionary."""
        found = self.ask(
            "{runsOrError(limit:1000){...on Runs{results{runId status jobName startTime endTime tags{key value}}}}}"
        )
        return [
            {**one, "tags": {tag["key"]: tag["value"] for tag in one["tags"]}}
            for one in found["runsOrError"]["results"]
        ]

    def backfill(
        self,
        keys: list[str],
        assets: tuple[str, ...] = ("raw_cdrs", "validated_cdrs", "rejected_cdrs", "quality_report"),
    ) -> str:
        """Start a backfill of partitions, as the interface does; returns its id."""
        told = self.ask(
            "mutation($p:LaunchBackfillParams!){launchPartitionBackfill(backfillParams:$p){__typename "
            "...on LaunchBackfillSuccess{backfillId} ...on PythonError{message}}}",
            p={"assetSelection": [{"path": [name]} for name in assets], "partitionNames": keys},
        )["launchPartitionBackfill"]
        if "backfillId" not in told:
            raise ValueError(told)
        return str(told["backfillId"])

    def wait(self, done: Callable[[], bool], within_s: float, every_s: float = 1.0) -> float:
        """Wait for something; returns how long it took. Raises TimeoutError."""
        began = time.monotonic()
        while not done():
            if time.monotonic() - began > within_s:
                raise TimeoutError(
                    f"not within {within_s:.0f} s: {[(r['jobName'], r['status']) for r in self.runs()][:30]}"
                )
            time.sleep(every_s)
        return time.monotonic() - began


class Hanging:
    """A host that takes a connection and never answers."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.held: list[socket.socket] = []
        threading.Thread(target=self._hold, daemon=True).start()

    def _hold(self) -> None:
        while True:
            self.held.append(self.socket.accept()[0])

    @property
    def versions_url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/ocpi/versions"


class Careless:
    """A host that answers every question with a web page."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"<html><body>Welcome to our new website</body></html>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def versions_url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/ocpi/versions"
