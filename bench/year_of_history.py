"""A year of history in the instance: do the interface's pages still answer, and how large is the store?

    python bench/year_of_history.py --out FOLDER [--chromium /usr/bin/chromium]

Real runs of one CPO (a window of CDRs, a night of Locations) and of what is published are carried out once; then they are
copied row by row under new run ids, partitions and times: 20 CPOs × 26 windows, 20 CPOs × the nights that are kept, and a
publishing after each. Then `dagster dev` is started anew and every page an operator opens is timed in a browser, until it
shows what it is for. Needs `pip install playwright`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from house import ENDED, House, plan
from playwright.sync_api import Page, sync_playwright

from linda_pipeline.calendar import local_date, newest_ended_window, windows_between
from linda_pipeline.orchestration.partitions import NIGHTS_KEPT

FIRST = "NL-T00"
CPOS = [f"NL-T{number:02d}" for number in range(20)]
NOW = datetime.now(UTC)
NEWEST = newest_ended_window(NOW)
WINDOWS = [str(one) for one in windows_between(NEWEST - timedelta(days=14 * 25), NEWEST)]
TONIGHT = local_date(NOW)
NIGHTS = [str(TONIGHT - timedelta(days=back)) for back in range(NIGHTS_KEPT)]
_TIMES = re.compile(r'"timestamp": (\d+\.\d+)')
OF_LOCATIONS = ("raw_locations", "locations", "locations_report")


def main() -> None:
    """Make the history, then look at every page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    with ExitStack() as stack:
        house = stack.enter_context(House(options.out, {FIRST: plan(FIRST)}, dict.fromkeys(CPOS[1:], FIRST)))
        house.tokens |= dict.fromkeys(CPOS, f"token-of-{FIRST}")
        house.start()
        carry_out_once(house)
        house.stop()
        began = time.monotonic()
        runs = fill(options.out / "data" / "dagster" / "history")
        print(f"{runs:,} runs copied in {time.monotonic() - began:.0f} s", flush=True)
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


def fill(history: Path) -> int:
    """Copy the runs over the year, row by row in Dagster's SQLite files; how many runs that made."""
    with (
        closing(sqlite3.connect(history / "runs.db")) as runs,
        closing(sqlite3.connect(history / "runs" / "index.db")) as index,
    ):
        for connection in (runs, index):
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = OFF")
        for name, keys in (("cpo", CPOS), ("window", WINDOWS), ("night", NIGHTS)):
            index.executemany(
                "INSERT OR IGNORE INTO dynamic_partitions (partitions_def_name, partition) VALUES (?, ?)",
                [(name, key) for key in keys],
            )
        templates = {
            row["key"]: row["run_id"]
            for row in runs.execute(
                "SELECT runs.run_id, coalesce(value, 'publish') AS key FROM runs "
                "LEFT JOIN run_tags ON run_tags.run_id = runs.run_id AND key = 'dagster/partition'"
            )
        }
        made = 0
        for template, key, moment in sorted(plan_of_year(), key=lambda one: one[2]):
            Copy(templates[template], template, key, moment).make(history, runs, index)
            made += 1
        runs.commit()
        index.commit()
    return made


class Copy:
    """One run under another id, partition and time."""

    def __init__(self, run_id: str, template: str, key: str, moment: datetime) -> None:
        self.old, self.new, self.moment = run_id, str(uuid.uuid4()), moment
        self.changes = {run_id: self.new}
        if key != template:
            for one, other in zip(template.split("|"), key.split("|"), strict=True):
                self.changes[one] = other
        self.shift_s = 0.0

    def make(self, history: Path, runs: sqlite3.Connection, index: sqlite3.Connection) -> None:
        """The run, its tags, its own file of events, and the events that are indexed by asset."""
        began = runs.execute("SELECT start_time FROM runs WHERE run_id = ?", (self.old,)).fetchone()[0]
        self.shift_s = self.moment.timestamp() - began
        for table in ("runs", "run_tags"):
            self._copy(runs, table, "run_id", self.old)
        own = history / "runs" / f"{self.new}.db"
        shutil.copy(history / "runs" / f"{self.old}.db", own)
        with closing(sqlite3.connect(own)) as events:
            events.row_factory = sqlite3.Row
            events.execute("PRAGMA synchronous = OFF")
            self._copy(events, "event_logs", "run_id", self.old)
            events.execute("DELETE FROM event_logs WHERE run_id = ?", (self.old,))
            events.commit()
        moved = self._copy(index, "event_logs", "run_id", self.old)
        for old_event, new_event in moved.items():
            self._copy(index, "asset_event_tags", "event_id", old_event, event_id=new_event)
        for check in index.execute("SELECT * FROM asset_check_executions WHERE run_id = ?", (self.old,)).fetchall():
            points = {
                name: moved.get(check[name])
                for name in ("evaluation_event_storage_id", "materialization_event_storage_id")
            }
            self._put(index, "asset_check_executions", check, points)

    def _copy(
        self, connection: sqlite3.Connection, table: str, column: str, value: object, **fixed: object
    ) -> dict[int, int]:
        found = connection.execute(f"SELECT * FROM {table} WHERE {column} = ? ORDER BY id", (value,)).fetchall()
        return {row["id"]: self._put(connection, table, row, fixed) for row in found}

    def _put(self, connection: sqlite3.Connection, table: str, row: sqlite3.Row, fixed: Mapping[str, object]) -> int:
        values = {
            name: fixed.get(name, self._changed(name, value)) for name, value in dict(row).items() if name != "id"
        }
        marks = ", ".join("?" * len(values))
        names = ", ".join(f'"{name}"' for name in values)
        return int(
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid or 0
        )

    def _changed(self, name: str, value: object) -> object:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, float):
            return value + self.shift_s
        text = str(value)
        if name.endswith("timestamp"):
            return str(datetime.fromisoformat(text) + timedelta(seconds=self.shift_s))
        for old, new in self.changes.items():
            text = text.replace(old, new)
        return _TIMES.sub(lambda found: f'"timestamp": {float(found[1]) + self.shift_s}', text)


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


def look(house: House, page: Page, out: Path) -> None:
    """Time every page until it shows what it is for."""
    a_run = next(one for one in house.runs() if "dagster/partition/window" in one["tags"])["runId"]
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
            ("locations/linda_pipeline.definitions/jobs/cdrs_delivery", "View 4 assets"),
            ("locations/linda_pipeline.definitions/jobs/cdrs_delivery/partitions", "partitions"),
            ("asset-groups", "deliver"),
            ("overview/timeline", "publish"),
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
