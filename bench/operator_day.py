"""An operator's day in a real browser: a wrong token, its remedy, a rerun from the failure, backfills, the schedules.

    python bench/operator_day.py --out FOLDER [--postgres] [--chromium /usr/bin/chromium]

Starts simulated CPOs and `dagster dev`, drives the interface through playwright, and leaves a picture of every page in the
folder. Fails where something that an operator must read or see is not on the page. Needs `pip install playwright`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from house import ENDED, ROOT, Hanging, House, plan
from playwright.sync_api import Page, expect, sync_playwright

from linda_pipeline.simulator.plan import Plan

sys.path.insert(0, str(ROOT))

from linda_pipeline_tests.postgres_server import running_server

WINDOWS = ("2026-08-31", "2026-09-14", "2026-09-28", "2026-10-12")
NEWEST = "2026-10-26"
HANGS = "NL-CCC"


def main() -> None:
    """The whole day."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--postgres", action="store_true", help="the history on a PostgreSQL server")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    plans: dict[str, Plan] = {"NL-AAA": plan("NL-AAA", 1), "NL-BBB": plan("NL-BBB", 2, defects=0.2)}
    hanging = Hanging()
    with ExitStack() as stack:
        house = stack.enter_context(House(options.out / "house", plans, {HANGS: hanging.versions_url}))
        if options.postgres:
            house.settings["LINDA_POSTGRES_URL"] = stack.enter_context(running_server()).url
            stack.callback(house.stop)
        driver = stack.enter_context(sync_playwright())
        house.tokens["NL-AAA"] = "an-old-token"
        print(f"dagster dev ready in {house.start():.1f} s", flush=True)
        browser = driver.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1500, "height": 950})
        day = Day(house, page, options.out)
        day.wait_for_partitions()
        failed = day.wrong_token()
        day.mended(failed)
        day.backfill()
        day.catch_up()
        day.terminate()
        day.schedules()
        day.look_around()
        browser.close()
        if options.postgres:
            assert not list(options.out.rglob("*.db")), "history in SQLite files"


class Day:
    """What the operator does, in order."""

    def __init__(self, house: House, page: Page, out: Path) -> None:
        self.house, self.page, self.out = house, page, out
        page.set_default_timeout(30_000)

    def go(self, path: str) -> None:
        """Open a page of the interface."""
        self.page.goto(f"{self.house.address}/{path}")

    def shot(self, name: str, text: str | None = None) -> None:
        """Keep a picture of the page, once it shows a text."""
        if text is not None:
            self.page.get_by_text(text).first.wait_for(timeout=90_000)
        self.page.wait_for_timeout(2500)
        self.page.screenshot(path=str(self.out / f"{name}.png"))
        print(f"seen: {name}", flush=True)

    def wait_for_partitions(self) -> None:
        """The sensor fills a fresh interface."""
        took = self.house.wait(lambda: NEWEST in self.keys("window"), 120)
        print(f"CPOs and windows can be picked after {took:.0f} s", flush=True)

    def pick(self, *keys: str) -> None:
        """Choose partitions in the next empty box of the dialog."""
        self.page.get_by_text("Select a partition or create one").first.click()
        for key in keys:
            self.page.wait_for_timeout(600)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(key)
            self.page.wait_for_timeout(800)
            self.page.get_by_role("menuitem").filter(has_text=key).last.click()
        self.page.wait_for_timeout(400)
        self.page.get_by_text("Launch runs to materialize").click()
        self.page.wait_for_timeout(400)

    def keys(self, name: str) -> list[str]:
        """The keys of a dimension."""
        told = self.house.ask(
            '{assetNodeOrError(assetKey:{path:["raw_cdrs"]}){...on AssetNode{partitionKeysByDimension{name partitionKeys}}}}'
        )
        found = {one["name"]: one["partitionKeys"] for one in told["assetNodeOrError"]["partitionKeysByDimension"]}
        return list(found.get(name, []))

    def run_of(self, run_id: str) -> dict[str, Any]:
        """A run."""
        return next(one for one in self.house.runs() if one["runId"] == run_id)

    def wrong_token(self) -> str:
        """Launch one CPO and window in the interface with a wrong token, and read why it failed."""
        self.go("locations/linda_pipeline.definitions/jobs/cdrs_delivery")
        self.page.get_by_role("button", name="Materialize").first.click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        for key in ("NL-AAA", NEWEST):
            self.pick(key)
        self.shot("01-launch-dialog")
        dialog.get_by_role("button", name="Launch").last.click()
        self.house.wait(lambda: bool(self.house.runs()), 60)
        run_id = str(self.house.runs()[0]["runId"])
        self.house.wait(lambda: self.run_of(run_id)["status"] in ENDED, 120)
        assert self.run_of(run_id)["status"] == "FAILURE"
        self.go(f"runs/{run_id}")
        self.shot("02-failed-run", "LINDA_TOKEN_NL_AAA")
        expect(self.page.get_by_text("LINDA_TOKEN_NL_AAA").first).to_be_visible()
        return run_id

    def mended(self, run_id: str) -> None:
        """Mend the setting, start again, rerun from the failure, and see it green."""
        self.house.stop()
        self.house.tokens["NL-AAA"] = "token-of-NL-AAA"
        self.house.start()
        self.go(f"runs/{run_id}")
        self.page.get_by_text("LINDA_TOKEN_NL_AAA").first.wait_for()
        before = len(self.house.runs())
        self.page.get_by_role("button", name="Re-execute").locator("xpath=following::button[1]").first.click()
        self.page.wait_for_timeout(800)
        self.shot("03-re-execute")
        self.page.get_by_role("menuitem").filter(has_text="From failure").first.click()
        self.house.wait(lambda: len(self.house.runs()) > before, 60)
        again = str(self.house.runs()[0]["runId"])
        self.house.wait(lambda: self.run_of(again)["status"] in ENDED, 120)
        self.go(f"runs/{again}")
        self.shot("04-green-run", "RUN_SUCCESS")
        assert self.run_of(again)["status"] == "SUCCESS", self.run_of(again)

    def backfill(self) -> None:
        """Four windows of one CPO, then what all share is published once."""
        published = sum(one["jobName"] == "publish" for one in self.house.runs())
        self.go("locations/linda_pipeline.definitions/jobs/cdrs_delivery")
        self.page.get_by_role("button", name="Materialize").first.click()
        self.page.wait_for_timeout(1500)
        self.pick("NL-BBB")
        self.pick(*WINDOWS)
        self.shot("05-backfill-dialog")
        self.page.get_by_role("dialog").get_by_role("button", name="Launch").last.click()
        took = self.house.wait(lambda: self.ended_of_backfill() == len(WINDOWS), 300)
        print(f"four windows in {took:.0f} s", flush=True)
        self.house.wait(
            lambda: (
                sum(one["jobName"] == "publish" and one["status"] in ENDED for one in self.house.runs()) > published
            ),
            180,
        )
        self.go("runs?view=backfills")
        self.shot("06-backfills", "Success")

    def catch_up(self) -> None:
        """The schedule was off for two months: "only failed and missing" over all windows takes what is not there, once."""
        before = {one["runId"] for one in self.house.runs()}
        self.go("locations/linda_pipeline.definitions/jobs/cdrs_delivery")
        self.page.get_by_role("button", name="Materialize").first.click()
        self.page.wait_for_timeout(1500)
        self.pick("NL-AAA")
        self.pick(*WINDOWS, NEWEST)
        self.page.get_by_text("Backfill only failed and missing").click()
        self.shot("06b-catch-up-dialog")
        self.page.get_by_role("dialog").get_by_role("button", name="Launch").last.click()
        self.house.wait(
            lambda: self.open_after(before) == 0 and len(self.deliveries_after(before)) >= len(WINDOWS), 300
        )
        caught_up = sorted(one["tags"]["dagster/partition"] for one in self.deliveries_after(before))
        assert caught_up == [f"NL-AAA|{window}" for window in WINDOWS], caught_up
        print(f"caught up: {caught_up}; {NEWEST} was in and stays as it is", flush=True)

    def terminate(self) -> None:
        """A run that hangs on a CPO that never answers is ended from its page."""
        before = {one["runId"] for one in self.house.runs()}
        self.house.backfill([f"{HANGS}|{NEWEST}"])
        self.house.wait(lambda: any(one["status"] == "STARTED" for one in self.deliveries_after(before)), 90)
        run_id = self.deliveries_after(before)[0]["runId"]
        self.go(f"runs/{run_id}")
        self.page.get_by_role("button", name="Terminate").first.click()
        self.page.wait_for_timeout(800)
        self.shot("06c-terminate")
        self.page.get_by_role("dialog").get_by_role("button", name="Terminate").last.click()
        took = self.house.wait(lambda: self.run_of(run_id)["status"] == "CANCELED", 150)
        print(f"a hanging run: canceled {took:.0f} s after Terminate", flush=True)

    def deliveries_after(self, before: set[str]) -> list[dict[str, Any]]:
        """The runs of deliveries that were not there before."""
        return [one for one in self.house.runs() if one["runId"] not in before and one["jobName"] != "publish"]

    def open_after(self, before: set[str]) -> int:
        """How many of them have not ended."""
        return sum(one["status"] not in ENDED for one in self.deliveries_after(before))

    def ended_of_backfill(self) -> int:
        """How many runs of backfills went well."""
        return sum("dagster/backfill" in one["tags"] and one["status"] == "SUCCESS" for one in self.house.runs())

    def schedules(self) -> None:
        """Switch both schedules on."""
        self.go("automation")
        for name in ("locations_every_night", "cdrs_every_two_weeks"):
            link = self.page.get_by_text(name, exact=True).first
            link.wait_for()
            self.page.wait_for_timeout(4000)
            link.locator("xpath=following::input[@type='checkbox'][1]").evaluate("box => box.click()")
            self.page.wait_for_timeout(1500)
        self.shot("07-automation")
        where = '{repositoryName:"__repository__",repositoryLocationName:"linda_pipeline.definitions"}'
        told = self.house.ask(
            f"{{schedulesOrError(repositorySelector:{where}){{...on Schedules{{results{{name scheduleState{{status}}}}}}}}}}"
        )
        states = {one["name"]: one["scheduleState"]["status"] for one in told["schedulesOrError"]["results"]}
        print(json.dumps(states), flush=True)

    def look_around(self) -> None:
        """Every page that an operator opens; each must show what it is for."""
        key = f"NL-BBB%7C{WINDOWS[-1]}"
        self.page.set_viewport_size({"width": 1500, "height": 1400})
        for name, path, text in (
            ("09-partition", f"assets/validated_cdrs?view=partitions&partition={key}", "last_deliveries"),
            ("10-asset", "assets/validated_cdrs?view=overview", "user_pseudonym"),
            ("11-checks", "assets/validated_cdrs?view=checks", "conservation"),
            ("12-freshness", "assets/linda_duckdb?view=checks", "freshness"),
            ("13-runs", "runs", "publish"),
            ("14-failed-partitions", "assets/raw_cdrs?view=partitions", "NL-AAA"),
        ):
            began = time.monotonic()
            self.go(path)
            self.page.get_by_text(text).first.wait_for()
            print(f"{path}: {time.monotonic() - began:.1f} s", flush=True)
            self.shot(name)
        self.page.set_viewport_size({"width": 2000, "height": 1240})
        stages = (f"global@global:{one}" for one in ("deliver", "judge", "report", "curate", "publish"))
        self.go(f"asset-groups?expanded={','.join(stages)}")
        self.page.get_by_text("quality_report").first.wait_for()
        self.shot("15-graph")
        print((self.house.folder / "alerts.jsonl").read_text(), flush=True)


if __name__ == "__main__":
    main()
