"""The house under kill -9: of a run's worker, the daemon, the webserver, and with --postgres of the database server.

    python bench/house_kills.py --out FOLDER [--postgres] [--only PostgreSQL] [--times 3]

Webserver and daemon run apart, as in production. Each round starts a backfill of three CPOs, kills its victim in the middle of
a run, starts it again, waits until every run has ended, reruns what failed, and looks whether the runs told the truth and the
lake is whole: raw held against its hashes, every delivery counted again, nothing half written.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from house import ENDED, PROGRAMS, ROOT, House, plan

sys.path.insert(0, str(ROOT))

from linda_pipeline import stations
from linda_pipeline.calendar import windows_between
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.postgres_server import Server, running_server

CPOS = ("NL-AAA", "NL-BBB", "NL-CCC")
WINDOWS = [str(one) for one in windows_between(date(2026, 3, 2), date(2026, 10, 12))]


def main() -> None:
    """A round for each victim, then the publishing of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--only", help="one victim")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    moments = random.Random(options.seed)
    with ExitStack() as stack:
        plans = {key: plan(key, number, locations=200, defects=0.1) for number, key in enumerate(CPOS)}
        house = stack.enter_context(House(options.out, plans))
        victims: dict[str, Callable[[], None]] = {
            "worker": lambda: kill_worker(house),
            "daemon": lambda: kill_and_start(house, "daemon"),
            "webserver": lambda: kill_and_start(house, "webserver"),
            "both, and the worker": lambda: kill_all(house),
        }
        if options.postgres:
            server = stack.enter_context(running_server())
            house.settings["LINDA_POSTGRES_URL"] = server.url
            stack.callback(house.stop)
            victims["PostgreSQL"] = lambda: kill_server(server)
        house.start_part("webserver")
        house.start_part("daemon")
        house.wait(lambda: len(partitions(house)) >= len(CPOS) * len(WINDOWS), 120)
        rounds = [one for one in victims.items() if options.only in (None, one[0])] * options.times
        for window, (victim, kill) in zip(reversed(WINDOWS), rounds, strict=False):
            play(house, victim, kill, window, moments.uniform(0.0, 5.0))
        house.wait(lambda: any(one["jobName"] == "publish" and one["status"] == "SUCCESS" for one in house.runs()), 300)
        house.wait(lambda: all(one["status"] in ENDED for one in house.runs()), 300)
        print(f"all runs: {dict(Counter((one['jobName'], one['status']) for one in house.runs()))}", flush=True)
        whole(house)
        print(
            f"files of SQLite: {[str(one) for one in options.out.rglob('*.db')] if options.postgres else 'meant to be'}"
        )


def play(house: House, victim: str, kill: Callable[[], None], window: str, after_s: float) -> None:
    """One round: a backfill, the kill, the end of every run, and the repair."""
    before = {one["runId"] for one in house.runs()}
    house.backfill([f"{key}|{window}" for key in CPOS])
    house.wait(lambda: any(one["status"] == "STARTED" for one in since(house, before)), 120, every_s=0.2)
    time.sleep(after_s)
    kill()
    took = house.wait(lambda: len(done(house, before)) == len(CPOS), 300)
    told = dict(Counter(one["status"] for one in done(house, before)))
    print(
        f"{victim}: killed {after_s:.1f} s after the first run had started; all ended {took:.0f} s later: {told}",
        flush=True,
    )
    for one in done(house, before):
        if one["status"] != "SUCCESS":
            print(f"  {one['tags']['dagster/partition/cpo']}: {why(house, one['runId'])}", flush=True)
    failed = [one["tags"]["dagster/partition/cpo"] for one in done(house, before) if one["status"] != "SUCCESS"]
    if failed:
        known = {one["runId"] for one in house.runs()}
        house.backfill([f"{key}|{window}" for key in failed])
        house.wait(lambda: len(done(house, known)) == len(failed), 300)
        assert {one["status"] for one in done(house, known)} == {"SUCCESS"}, done(house, known)
        print(f"  run again: {len(failed)} green", flush=True)
    lake = Lake(house.folder / "lake")
    assert {one.cpo for one in lake.judged("cdrs") if str(one.window) == window} == set(CPOS)


def since(house: House, before: set[str]) -> list[dict[str, Any]]:
    """The deliveries' runs that were not there before."""
    return [one for one in house.runs() if one["runId"] not in before and one["jobName"] != "publish"]


def done(house: House, before: set[str]) -> list[dict[str, Any]]:
    """Those of them that ended; none where the interface does not answer just now."""
    try:
        return [one for one in since(house, before) if one["status"] in ENDED]
    except (OSError, ValueError):
        return []


def why(house: House, run_id: str) -> str:
    """What the run page says of a failure."""
    told = house.ask(
        "query($id:ID!){logsForRun(runId:$id){...on EventConnection{events{...on RunFailureEvent{message}}}}}",
        id=run_id,
    )
    return " ".join(one["message"] for one in told["logsForRun"]["events"] if one)


def partitions(house: House) -> list[str]:
    """The partitions that can be picked."""
    told = house.ask('{assetNodeOrError(assetKey:{path:["raw_cdrs"]}){...on AssetNode{partitionKeys}}}')
    return list(told["assetNodeOrError"]["partitionKeys"])


def worker_of(house: House) -> int:
    """The process of a run that is under way."""
    while True:
        for run in house.runs():
            if run["status"] == "STARTED" and run["jobName"] != "publish":
                told = house.ask(
                    "query($id:ID!){logsForRun(runId:$id){...on EventConnection{events{...on EngineEvent"
                    "{metadataEntries{label ...on TextMetadataEntry{text}}}}}}}",
                    id=run["runId"],
                )
                for event in told["logsForRun"]["events"]:
                    for entry in event.get("metadataEntries", ()) if event else ():
                        if entry["label"] == "pid" and Path(f"/proc/{entry['text']}").exists():
                            return int(entry["text"])
        time.sleep(0.1)


def kill_worker(house: House) -> None:
    """SIGKILL to the process of a run."""
    os.kill(worker_of(house), signal.SIGKILL)


def kill_and_start(house: House, part: str) -> None:
    """SIGKILL to a part of the house, and a new one five seconds later."""
    house.kill_part(part)
    time.sleep(5)
    house.start_part(part)


def kill_all(house: House) -> None:
    """As when the machine goes down."""
    worker = worker_of(house)
    for part in ("daemon", "webserver"):
        os.killpg(house.parts[part].pid, signal.SIGKILL)
        house.parts[part].wait()
    if Path(f"/proc/{worker}").exists():
        os.kill(worker, signal.SIGKILL)
    time.sleep(5)
    for part in ("webserver", "daemon"):
        house.start_part(part)


def kill_server(server: Server) -> None:
    """The database goes down without a word, and is back ten seconds later."""
    server.stop()
    time.sleep(10)
    server.start()


def whole(house: House) -> None:
    """Hold raw against its hashes, count every delivery again, and look for what is half written."""
    told = subprocess.run(
        [str(PROGRAMS / "linda"), "deliveries", "--module", "cdrs", "--verify"],
        env=house.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(told.stdout[-600:], told.stderr[-600:], f"exit code {told.returncode}")
    lake = Lake(house.folder / "lake")
    deliveries = lake.judged("cdrs")
    for one in deliveries:
        stations.conserve(lake, one)
    print(f"{len(deliveries)} deliveries counted again: they add up")


if __name__ == "__main__":
    main()
