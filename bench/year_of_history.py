"""A year of history in the instance: do the interface's pages still answer, and how large is the store?

    python bench/year_of_history.py --out FOLDER [--postgres] [--chromium /usr/bin/chromium]

Real runs of one CPO (a window of CDRs, a night of Locations) and of what is published are carried out once; then they are
copied event by event under new run ids, partitions and times: 20 CPOs × 26 windows, 20 CPOs × the nights that are kept, and a
publishing after each. Then `dagster dev` is started anew and every page an operator opens is timed in a browser, until it
shows what it is for. Needs `pip install playwright`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.events.log import EventLogEntry
from dagster._serdes import deserialize_value, serialize_value
from house import ENDED, ROOT, House, plan
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(ROOT))

from linda_pipeline.calendar import local_date, newest_ended_window, windows_between
from linda_pipeline.orchestration.partitions import NIGHTS_KEPT
from linda_pipeline_tests.postgres_server import running_server

FIRST = "NL-T00"
CPOS = [f"NL-T{number:02d}" for number in range(20)]
NOW = datetime.now(UTC)
NEWEST = newest_ended_window(NOW)
WINDOWS = [str(one) for one in windows_between(NEWEST - timedelta(days=14 * 25), NEWEST)]
TONIGHT = local_date(NOW)
NIGHTS = [str(TONIGHT - timedelta(days=back)) for back in range(NIGHTS_KEPT)]
OF_LOCATIONS = ("raw_locations", "locations", "locations_report")


def main() -> None:
    """Make the history, then look at every page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    with ExitStack() as stack:
        house = stack.enter_context(House(options.out, {FIRST: plan(FIRST)}, dict.fromkeys(CPOS[1:], FIRST)))
        house.tokens |= dict.fromkeys(CPOS, f"token-of-{FIRST}")
        if options.postgres:
            house.settings["LINDA_POSTGRES_URL"] = stack.enter_context(running_server()).url
            stack.callback(house.stop)
        house.start()
        carry_out_once(house)
        house.stop()
        began = time.monotonic()
        with instance_of(house) as instance:
            runs, events = fill(instance)
        print(f"{runs:,} runs with {events:,} events copied in {time.monotonic() - began:.0f} s", flush=True)
        size = sum(one.stat().st_size for one in (options.out / "data" / "dagster").rglob("*") if one.is_file())
        print(f"data/dagster: {size / 1e6:,.0f} MB")
        print(f"dagster dev ready in {house.start():.1f} s", flush=True)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=options.chromium,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            look(house, browser.new_page(viewport={"width": 1500, "height": 1000}), options.out)
            browser.close()
        print(f"memory of all processes: {sum(one[2] for one in house.processes()):,.0f} MB")


def carry_out_once(house: House) -> None:
    """One run of each kind, by the daemon."""
    question = '{assetNodeOrError(assetKey:{path:["raw_locations"]}){...on AssetNode{partitionKeys}}}'
    house.wait(lambda: len(house.ask(question)["assetNodeOrError"]["partitionKeys"]) == len(CPOS), 120)
    house.backfill([f"{FIRST}|{TONIGHT}"], OF_LOCATIONS)
    house.backfill([f"{FIRST}|{NEWEST}"])
    house.wait(
        lambda: (
            sum(one["jobName"] == "publish" and one["status"] in ENDED for one in house.runs()) >= 1
            and all(one["status"] in ENDED for one in house.runs())
        ),
        240,
    )
    assert {one["status"] for one in house.runs()} == {"SUCCESS"}, house.runs()


def instance_of(house: House) -> dg.DagsterInstance:
    """The house's instance, opened in this process."""
    os.environ.update({name: value for name, value in house.environment().items() if name.startswith(("LINDA", "DAG"))})
    os.chdir(house.folder)
    return dg.DagsterInstance.get()


def fill(instance: dg.DagsterInstance) -> tuple[int, int]:
    """Copy the runs over the year; how many runs and events that made."""
    instance.add_dynamic_partitions("cpo", CPOS)
    instance.add_dynamic_partitions("window", WINDOWS)
    instance.add_dynamic_partitions("night", NIGHTS)
    runs = {run.tags.get("dagster/partition", "publish"): run for run in instance.get_runs()}
    templates = {key: (run, list(instance.all_logs(run.run_id))) for key, run in runs.items()}
    made = events = 0
    for template, key, moment in plan_of_year():
        run, logs = templates[template]
        events += copy(instance, run, logs, template, key, moment)
        made += 1
        if made % 500 == 0:
            print(f"{made} runs", flush=True)
    return made, events


def plan_of_year() -> Iterator[tuple[str, str, datetime]]:
    """Which run is copied to which partition, and when it was."""
    for window in WINDOWS:
        day = datetime.fromisoformat(window).replace(tzinfo=UTC) + timedelta(days=14, hours=5)
        for number, cpo in enumerate(CPOS):
            if (cpo, window) != (FIRST, str(NEWEST)):
                yield f"{FIRST}|{NEWEST}", f"{cpo}|{window}", day + timedelta(minutes=number)
        yield "publish", "publish", day + timedelta(hours=1)
    for night in reversed(NIGHTS):
        day = datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(hours=2)
        for number, cpo in enumerate(CPOS):
            if (cpo, night) != (FIRST, str(TONIGHT)):
                yield f"{FIRST}|{TONIGHT}", f"{cpo}|{night}", day + timedelta(minutes=number)
        yield "publish", "publish", day + timedelta(hours=1)


def copy(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    logs: list[EventLogEntry],
    template: str,
    key: str,
    moment: datetime,
) -> int:
    """One run with all its events under another id, partition and time."""
    run_id = str(uuid.uuid4())
    changes = {run.run_id: run_id}
    if key != template:
        (cpo, day), (new_cpo, new_day) = template.split("|"), key.split("|")
        changes |= {cpo: new_cpo, day: new_day}

    def changed(text: str) -> str:
        for old, new in changes.items():
            text = text.replace(old, new)
        return text

    copied = deserialize_value(changed(serialize_value(run)), dg.DagsterRun)
    instance.run_storage.add_historical_run(copied, moment)
    shift = moment.timestamp() - logs[0].timestamp
    for entry in logs:
        told = json.loads(changed(serialize_value(entry)))
        told["timestamp"] = entry.timestamp + shift
        instance.event_log_storage.store_event(deserialize_value(json.dumps(told), EventLogEntry))
    return len(logs)


def look(house: House, page: Page, out: Path) -> None:
    """Time every page until it shows what it is for."""
    a_run = next(one for one in house.runs() if one["jobName"] == "cdrs_delivery")["runId"]
    page.set_default_timeout(60_000)
    slowest = 0.0
    for number, (path, text) in enumerate(
        (
            ("runs", "publish"),
            (f"runs/{a_run}", "RUN_SUCCESS"),
            ("assets", "validated_cdrs"),
            ("assets/validated_cdrs?view=overview", "user_pseudonym"),
            ("assets/validated_cdrs?view=partitions", WINDOWS[-1]),
            (f"assets/validated_cdrs?view=partitions&partition=NL-T07%7C{WINDOWS[9]}", "last_deliveries"),
            ("assets/raw_locations?view=partitions", "NL-T19"),
            (f"assets/raw_locations?view=partitions&partition=NL-T07%7C{NIGHTS[40]}", "Latest materialization"),
            ("assets/validated_cdrs?view=events", "NL-T19"),
            ("assets/validated_cdrs?view=checks", "conservation"),
            ("assets/linda_duckdb?view=overview", "materialization"),
            ("locations/linda_pipeline.definitions/jobs/cdrs_delivery", "validated_cdrs"),
            ("locations/linda_pipeline.definitions/jobs/cdrs_delivery/partitions", "NL-T19"),
            ("asset-groups", "deliver"),
            ("overview/timeline", "cdrs_delivery"),
            ("automation", "cdrs_every_two_weeks"),
        )
    ):
        page.goto("about:blank")
        began = time.monotonic()
        page.goto(f"{house.address}/{path}", wait_until="commit")
        page.get_by_text(text).first.wait_for()
        took = time.monotonic() - began
        slowest = max(slowest, took)
        page.wait_for_timeout(1500)
        page.screenshot(path=str(out / f"page-{number:02d}.png"))
        print(f"{took:5.2f} s  {path}", flush=True)
    print(f"slowest: {slowest:.2f} s")


if __name__ == "__main__":
    main()
