"""Twenty CPOs and one window, three of which fail in different ways: who is harmed, and what is published?

    python bench/twenty_cpos.py --out FOLDER

One CPO refuses the token, one answers with a web page, one takes the connection and never answers: its run ends by itself,
after about half an hour of trying. Three are asked for their Locations at the same time, which must wait for their turn. One
simulator answers for the seventeen that do well. Looks twice a second whether the limits hold, and prints what each run did
and the coverage that is published.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from house import ENDED, Careless, Hanging, House, plan

from linda_pipeline.calendar import local_date

WINDOW = "2026-10-26"
REFUSED, HANGS, CARELESS = "NL-T17", "NL-T18", "NL-T19"


def main() -> None:
    """The trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    keys = [f"NL-T{number:02d}" for number in range(20)]
    first = keys[0]
    more = dict.fromkeys(keys[1:], first) | {HANGS: Hanging().versions_url, CARELESS: Careless().versions_url}
    with House(options.out, {first: plan(first, locations=8)}, more) as house:
        house.tokens |= dict.fromkeys(keys, f"token-of-{first}") | {REFUSED: "a-wrong-token"}
        print(f"dagster dev ready in {house.start():.1f} s", flush=True)
        house.wait(lambda: _knows(house), 120)
        began = time.monotonic()
        house.backfill([f"{key}|{WINDOW}" for key in keys])
        tonight = local_date(datetime.now(UTC))
        house.backfill([f"{key}|{tonight}" for key in keys[:3]], ("raw_locations", "locations", "locations_report"))
        most, ended_at, most_of_one = 0, {}, 0
        while len(ended_at) < len(keys) + 3 and time.monotonic() - began < 3600:
            runs = [one for one in house.runs() if "dagster/partition/cpo" in one["tags"]]
            under_way = [
                one["tags"]["dagster/partition/cpo"] for one in runs if one["status"] in ("STARTING", "STARTED")
            ]
            most = max(most, len(under_way))
            most_of_one = max([most_of_one, *Counter(under_way).values()])
            for one in runs:
                if one["status"] in ENDED:
                    ended_at.setdefault(one["tags"]["dagster/partition"], (time.monotonic() - began, one["status"]))
            time.sleep(0.5)
        assert len(ended_at) == len(keys) + 3, f"these ended, others did not: {sorted(ended_at)}"
        for key, (after_s, status) in sorted(ended_at.items()):
            print(f"{key}: {status} after {after_s:.0f} s")
        print(f"at most {most} at once, at most {most_of_one} of one CPO", flush=True)
        house.wait(lambda: _published(house), 300)
        with duckdb.connect(str(house.folder / "lake" / "linda.duckdb"), read_only=True) as connection:
            print(connection.sql(
                "SELECT month, min(coverage) AS coverage FROM kpi WHERE cpo = 'ALL' GROUP BY 1 ORDER BY 1"
            ))  # fmt: skip
            print(connection.sql("SELECT count(*) AS deliveries FROM deliveries"))
        print(f"runs of publish: {sum(one['jobName'] == 'publish' for one in house.runs())}")
        alerts = house.folder / "alerts.jsonl"
        print(alerts.read_text() if alerts.exists() else "no alerts")


def _knows(house: House) -> bool:
    told = house.ask(
        '{assetNodeOrError(assetKey:{path:["raw_cdrs"]}){...on AssetNode{partitionKeysByDimension{name partitionKeys}}}}'
    )
    return all(one["partitionKeys"] for one in told["assetNodeOrError"]["partitionKeysByDimension"])


def _published(house: House) -> bool:
    return any(one["jobName"] == "publish" and one["status"] == "SUCCESS" for one in house.runs())


if __name__ == "__main__":
    main()
