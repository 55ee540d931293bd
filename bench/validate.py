"""`linda validate` on large files: time, memory that must stay flat, every planted defect found, and the page in a browser.

    python bench/validate.py [--records 200000 1000000] [--bad 0.02 0.5] [--folder DIR] [--chromium /usr/bin/chromium]

Generates one file of simulated CDRs per size and share (kept in DIR, and used again), runs the command in a process of its
own as a CPO would, and then holds findings.csv against what the generator says that it planted: a planted rule must be found
at its record, and whatever else is an error must be what the planted example brings with it. Exits with 1 where a bound is
broken: peak memory of the largest file within 10 % of the smallest's, nothing missing, the page under 1 MB and loaded in 2 s,
and the whole command, with start and report, at most 1.4 times the CPU of the road (bench/road.py: raw pages to accepted
Parquet) on the same records in the same run, from 200,000 records on.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from road import DELIVERY, lay_down, measure

from linda_pipeline.calendar import window_bounds
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Lake

PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HELD = {"reservation_only", "home_charging", "scope_unreadable"}
"""Kinds of records that are held back; what is found in them is not told."""
NOT_A_RULE = {*HELD, "credit"}
"""Kinds of records that are planted and are no rule."""
MOVES_THE_PLACE = {"coordinates_metre_precise", "latitude_too_long", "longitude_too_long"}
"""Their examples bring one coordinate, which beside the record's other one may lie outside the country."""
SAME_ID = {"cdr_id_too_long", "cdr_id_not_ascii", "cdr_id_not_hashed"}
"""Their examples bring an id, which is the same each time: all but the first clash."""
FLAT, MOST_BYTES, MOST_SECONDS = 1.10, 1_000_000, 2.0
MOST_OF_THE_ROAD, FROM_RECORDS, AT_MOST_BAD = 1.4, 200_000, 0.1
"""How many times the road's CPU, from how many records on (start and report weigh on fewer), and to what share of bad ones (the
report of half a million rejected records is work that the road does not do)."""


def generate(path: Path, records: int, bad: float) -> None:
    """Write a file of so many simulated CDRs, and beside it what was planted at which place."""
    start, end = window_bounds(date(2026, 11, 9))
    locations = int(records / (14 * 1.2 * 2.0) * 1.4) + 1
    plan = Plan("NL-ABC", "2.2.1", "Bench B.V.", 7, locations, 1.2, start, end - timedelta(hours=1), PULLED_AT, bad)
    sent = feeds_of(plan)["cdrs"].records[:records]
    with path.open("wb") as file:
        file.write(b"[")
        for number, one in enumerate(sent):
            file.write((b",\n" if number else b"") + one.body)
        file.write(b"]")
    truth = pa.table({"position": range(len(sent)), "made_for": [one.made_for.removeprefix("cdr.") for one in sent]})
    pq.write_table(truth, path.with_suffix(".truth.parquet"))


def validate(path: Path, to: Path) -> dict[str, Any]:
    """Run the command; its CPU and wall seconds, and peak megabytes."""
    command = [sys.executable, "-m", "linda_pipeline.cli", "validate", str(path), "--party", "NL-ABC"]
    began = time.monotonic()
    done = subprocess.run([*command, "--pulled-at", PULLED_AT.isoformat(), "--out", str(to)], capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.monotonic() - began,
        "peak_mb": used.ru_maxrss / 1e3,
    }


def road(path: Path, _: Path) -> dict[str, Any]:
    """The CPU seconds of the portal's road on the same records."""
    lake = Lake(path.with_suffix(".lake"))
    if newest_pull(lake, DELIVERY) is None:
        lay_down(lake, [line.rstrip(b",") for line in path.read_bytes()[1:-1].split(b"\n")])
    return {"road_cpu_s": measure(lake, "road")["cpu_s"]}


def check(path: Path, to: Path) -> dict[str, Any]:
    """Hold the findings of a report against what was planted."""
    made = pq.read_table(path.with_suffix(".truth.parquet"))["made_for"].to_pylist()
    planted = {(place, rule) for place, rule in enumerate(made) if rule and rule not in NOT_A_RULE}
    summary = json.loads((to / "summary.json").read_text())
    told = sum(sum(summary[kind].values()) for kind in ("errors", "warnings", "infos"))
    lines, met, beside = 0, set(), Counter[str]()
    wanted = {"include_columns": ["rule", "severity", "position"]}
    with pyarrow.csv.open_csv(
        to / "findings.csv",
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(**wanted),
    ) as reader:
        for batch in reader:
            lines += batch.num_rows
            for rule, severity, place in zip(*(batch[name].to_pylist() for name in batch.schema.names), strict=True):
                if place is None:
                    continue
                if (place, rule) in planted:
                    met.add((place, rule))
                elif severity == "error" and rule not in _implied(made[place]):
                    beside[f"{rule} at {made[place] or 'a clean record'}"] += 1
    missing = Counter(rule for _, rule in planted - met)
    counts = summary["counts"]["cdrs"]
    held = sum(1 for one in made if one in HELD)
    return {
        "findings": lines,
        "told": told,
        "planted": len(planted),
        "rules": len({rule for _, rule in planted}),
        "missing": dict(missing),
        "beside": dict(beside),
        "counts": counts,
        "held_planted": held,
        "html_bytes": (to / "report.html").stat().st_size,
        "xlsx_bytes": (to / "findings.xlsx").stat().st_size,
    }


def _implied(rule: str) -> set[str]:
    """What a record breaks by the way, when an example of a rule is planted in it."""
    found = RULES.get(f"cdr.{rule}")
    more = (
        {"coordinates_in_netherlands"} if rule in MOVES_THE_PLACE else {"cdr_id_unique"} if rule in SAME_ID else set()
    )
    return more | set(found.implies if found is not None else ())


def opened(page: Path, chromium: str) -> dict[str, float]:
    """Seconds from the start of a visit until the first paint and until the page is loaded, in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto(page.resolve().as_uri(), wait_until="load")
        while not tab.evaluate("performance.getEntriesByName('first-contentful-paint').length"):
            tab.wait_for_timeout(50)
        told: dict[str, float] = tab.evaluate(
            """() => ({
                load_s: performance.getEntriesByType('navigation')[0].loadEventEnd / 1000,
                paint_s: performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000,
            })"""
        )
        browser.close()
    return told


def one_trial(folder: Path, records: int, bad: float, chromium: str | None) -> dict[str, Any]:
    """Generate where need be, run, check and open; each in a process of its own, since memory is measured."""
    path = folder / f"{records}-{bad:g}.json"
    to = folder / f"report-{records}-{bad:g}"
    if not path.with_suffix(".truth.parquet").exists():
        _step("generate", path, to, records, bad)
    run = _step("validate", path, to, records, bad) | _step("road", path, to, records, bad)
    found = _step("check", path, to, records, bad)
    page = opened(to / "report.html", chromium) if chromium else {}
    result: dict[str, Any] = {"records": records, "bad": bad, **run, **found, **page}
    print(
        f"{records:,} CDRs, {bad:.0%} bad, {path.stat().st_size / 1e6:,.0f} MB: CPU {run['cpu_s']:.0f} s, wall "
        f"{run['wall_s']:.0f} s, peak {run['peak_mb']:.0f} MB, {run['cpu_s'] / records * 1e6:.0f} µs a CDR, "
        f"{run['cpu_s'] / run['road_cpu_s']:.2f} times the road; {found['findings']:,} findings in findings.csv, "
        f"{found['told']:,} in summary.json; of {found['planted']:,} planted ({found['rules']} rules) missing "
        f"{sum(found['missing'].values())}, errors nobody planted {sum(found['beside'].values())}; held back "
        f"{found['counts']['held_back']:,} (planted {found['held_planted']:,}); report.html {found['html_bytes']:,} bytes"
        + (f", painted after {page['paint_s']:.2f} s, loaded after {page['load_s']:.2f} s" if page else ""),
        flush=True,
    )
    for name in ("missing", "beside"):
        if found[name]:
            print(f"  {name}: {found[name]}", flush=True)
    return result


def _step(step: str, path: Path, to: Path, records: int, bad: float) -> Any:
    command = [sys.executable, __file__, f"--one={step}", f"--records={records}", f"--bad={bad}", f"--path={path}"]
    done = subprocess.run([*command, f"--to={to}"], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def broken_bounds(trials: list[dict[str, Any]]) -> list[str]:
    """What does not hold."""
    told = []
    for bad in {one["bad"] for one in trials}:
        peaks = {one["records"]: one["peak_mb"] for one in trials if one["bad"] == bad}
        ratio = peaks[max(peaks)] / peaks[min(peaks)]
        print(f"{bad:.0%} bad: peak memory of the largest file is {ratio:.3f} times that of the smallest")
        if not 1 / FLAT <= ratio <= FLAT:
            told.append(f"memory is not flat at {bad:.0%} bad")
    for one in trials:
        name = f"{one['records']:,} at {one['bad']:.0%}"
        if one["missing"] or one["beside"] or one["findings"] != one["told"]:
            told.append(f"{name}: the findings are not those that were planted")
        is_measured = one["records"] >= FROM_RECORDS and one["bad"] <= AT_MOST_BAD
        if is_measured and one["cpu_s"] > MOST_OF_THE_ROAD * one["road_cpu_s"]:
            told.append(f"{name}: more than {MOST_OF_THE_ROAD} times the CPU of the road")
        if one["html_bytes"] > MOST_BYTES or one.get("load_s", 0) > MOST_SECONDS:
            told.append(f"{name}: the page is too large or too slow")
    return told


STEPS = {"validate": validate, "road": road, "check": check}


def main() -> int:
    """Every size at every share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument("--bad", type=float, nargs="+", default=[0.02, 0.5])
    parser.add_argument("--folder", type=Path, help="keep the files here, and use them again")
    parser.add_argument("--chromium", help="also open the page in this browser")
    parser.add_argument("--one", choices=["generate", *STEPS], help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "generate":
        generate(options.path, options.records[0], options.bad[0])
        print("{}")
        return 0
    if options.one:
        print(json.dumps(STEPS[options.one](options.path, options.to)))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        trials = [
            one_trial(folder, records, bad, options.chromium) for bad in options.bad for records in options.records
        ]
        told = broken_bounds(trials)
    for one in told:
        print(f"BROKEN: {one}")
    return int(bool(told))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())
