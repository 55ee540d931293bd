"""CPU per CDR of the road, from raw pages to accepted Parquet, beside a bare orjson.loads of the same bytes in the same run.

    python bench/road.py --records 200000 --bad 0.02

Prints µs of CPU per CDR, their ratio, and the peak memory of the process that judges. Only ratios of one run mean anything:
machines differ, and the same machine differs from hour to hour.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import orjson

from linda_pipeline.calendar import window_bounds
from linda_pipeline.judging.conservation import conserve
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.pulling.raw import PageFile, Pull, folder_of, newest_pull
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Delivery, Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
PAGE = 1000
EVSES_PER_LOCATION = 2.0
PER_EVSE_DAY = 1.2


def generate(lake: Lake, records: int, bad: float) -> None:
    """Write a raw delivery of about so many simulated CDRs, all inside the window."""
    start, end = window_bounds(WINDOW)
    days = (end - start) / timedelta(days=1)
    locations = int(records / (days * PER_EVSE_DAY * EVSES_PER_LOCATION) * 1.4) + 1
    plan = Plan(
        "NL-ABC", "2.2.1", "Bench B.V.", 7, locations, PER_EVSE_DAY, start, end - timedelta(hours=1), PULLED_AT, bad
    )
    lay_down(lake, [one.body for one in feeds_of(plan)["cdrs"].records if is_read_by_orjson(one.body)][:records])


def is_read_by_orjson(body: bytes) -> bool:
    """Whether orjson reads a record too: half a surrogate pair, which the road judges, it refuses with its whole page."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def lay_down(lake: Lake, sent: list[bytes]) -> None:
    """Write records as a raw delivery, as a pull would have left it."""
    start, end = window_bounds(WINDOW)
    folder = folder_of(lake, DELIVERY, PULLED_AT)
    folder.mkdir(parents=True)
    files = []
    for number, first in enumerate(range(0, len(sent), PAGE), start=1):
        body = (
            b'{"status_code":1000,"timestamp":"2026-11-23T03:00:00Z","data":['
            + b",".join(sent[first : first + PAGE])
            + b"]}"
        )
        name = f"page-{number:05d}.json.gz"
        stored = gzip.compress(body, 6, mtime=0)
        (folder / name).write_bytes(stored)
        count = len(sent[first : first + PAGE])
        files.append(
            PageFile(number, name, "bench:", count, len(body), hashlib.sha256(body).hexdigest(), len(stored), 0.0)
        )
    pull = Pull(
        folder,
        DELIVERY,
        start,
        end,
        PULLED_AT,
        "2.2.1",
        "bench:",
        "bench:",
        "plain",
        True,
        len(sent),
        len(sent),
        tuple(files),
        0.0,
    )
    (folder / "delivery.json").write_text(json.dumps(pull.as_json()))


def measure(lake: Lake, what: str) -> dict[str, float]:
    """CPU of one thing over the whole delivery, in this process; and its peak memory."""
    pull = newest_pull(lake, DELIVERY)
    assert pull is not None
    if what == "orjson":
        cpu = 0.0
        for page in pull.files:
            body = gzip.decompress((pull.folder / page.file).read_bytes())
            before = time.process_time()
            orjson.loads(body)
            cpu += time.process_time() - before
    else:
        cpo = Cpo("NL-ABC", "Bench", "http://127.0.0.1", "2.2.1", None, ("NL-ABC",), "nl", (), None, True,
                  (Permission("bench", "bench", "cpo", date(2020, 1, 1)),))  # fmt: skip
        import_module("linda_pipeline.quality.contract")  # what a process loads once is no cost of a CDR
        before = time.process_time()
        judge_cdrs(lake, cpo, pull, areas=None, key=bytes(32))
        cpu = time.process_time() - before
        conserve(lake, DELIVERY, pull)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"records": pull.records, "cpu_s": cpu, "peak_gb": peak_gb, "bytes": pull.body_bytes}


def main() -> None:
    """Generate, then measure each thing in a process of its own, in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--bad", type=float, default=0.02)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=["generate", "orjson", "road"], help=argparse.SUPPRESS)
    parser.add_argument("--lake", type=Path, help="keep the generated delivery here, and use it again")
    options = parser.parse_args()
    if options.one:
        lake = Lake(options.lake)
        if options.one == "generate":
            generate(lake, options.records, options.bad)
        else:
            print(json.dumps(measure(lake, options.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        lake = options.lake or Path(folder) / "lake"
        run = [sys.executable, __file__, f"--lake={lake}", f"--records={options.records}", f"--bad={options.bad}"]
        if newest_pull(Lake(lake), DELIVERY) is None:
            subprocess.run([*run, "--one=generate"], check=True)
        if not options.rounds:
            return
        ratios = []
        for _ in range(options.rounds):
            found = {
                what: json.loads(subprocess.run([*run, f"--one={what}"], check=True, capture_output=True).stdout)
                for what in ("orjson", "road")
            }
            count = found["road"]["records"]
            micro = {what: one["cpu_s"] / count * 1e6 for what, one in found.items()}
            ratios.append(micro["road"] / micro["orjson"])
            print(
                f"{count:,} CDRs of {found['road']['bytes'] / count:,.0f} bytes, {options.bad:.0%} bad: "
                f"orjson.loads {micro['orjson']:.1f} µs, road {micro['road']:.1f} µs, ratio {ratios[-1]:.2f}, "
                f"peak memory {found['road']['peak_gb']:.2f} GB",
                flush=True,
            )
        print(f"ratio, median of {len(ratios)}: {sorted(ratios)[len(ratios) // 2]:.2f}")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
