"""What one window more, and one night more, cost when ever more history lies in the lake: a table by station.

    python bench/growth.py [--windows 6 26 104] [--locations 40] [--folder DIR]

Two CPOs of the simulator with so many windows of CDRs, and a night of Locations per two windows, judged, reported, curated,
reckoned and published. Then the next window of both, and then a night, each station in a process of its own: CPU seconds and
the peak of its memory. The last column is the largest lake beside the smallest.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from replay_year import AREAS, KEY, write_raw

from linda_pipeline import stations
from linda_pipeline.areas.area_set import read_areas
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.register.cpos import read_register
from linda_pipeline.storage.lake import Delivery, Lake

STATIONS = ("judge", "report", "curate_locations", "curate_cdrs", "compute_kpis", "publish")
Cost = tuple[float, float]
"""CPU seconds and MB."""


def run_station(station: str, root: str, deliveries: list[Delivery]) -> None:
    """One station over what was delivered; of those that all CPOs share, once."""
    lake, areas = Lake(Path(root)), read_areas(AREAS)
    register = read_register(lake.root.parent / "cpos.toml")
    for delivery in deliveries if station in ("judge", "report") else ():
        if station == "judge":
            stations.judge(lake, register[delivery.cpo], delivery, areas=areas, key=bytes.fromhex(KEY))
            stations.conserve(lake, delivery)
        else:
            stations.report(lake, delivery, cpo_name=register[delivery.cpo].name)
    shared: dict[str, Callable[[], Any]] = {
        "curate_locations": lambda: stations.curate_locations(lake, areas),
        "curate_cdrs": lambda: stations.curate_cdrs(lake, areas),
        "compute_kpis": lambda: stations.compute_kpis(lake, register),
        "publish": lambda: stations.publish(lake, register, areas),
    }
    if station in shared:
        shared[station]()


def measured(station: str, root: Path, deliveries: list[Delivery]) -> Cost:
    """A station in a process of its own, without what it costs to begin."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(run_station, ("nothing", str(root), []))
        before = pool.apply(_used)
        pool.apply(run_station, (station, str(root), deliveries))
        after = pool.apply(_used)
    return after[0] - before[0], after[1]


def _used() -> Cost:
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Not ru_maxrss: a process that is begun takes over that of the one that began it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kb,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return used.ru_utime + used.ru_stime, int(peak_kb) / 1024


def grown(root: Path, windows: int, locations: int) -> dict[str, Cost]:
    """A lake of so many windows; what the next window and the next night cost, by station."""
    root.mkdir(parents=True)
    lake = Lake(root / "lake")
    raw = write_raw(lake, windows + 1, locations)
    chosen = sorted({one.cpo for one in raw})[:2]
    raw = [one for one in raw if one.cpo in chosen]
    last = max(one.window for one in raw if one.module == "cdrs")
    last_night = max(one.window for one in raw if one.module == "locations")
    before = [one for one in raw if one.window not in (last, last_night)]
    for station in STATIONS:
        run_station(station, str(lake.root), before)
    window = [one for one in raw if one.module == "cdrs" and one.window == last]
    night = [_night_after(lake, one) for one in raw if one.module == "locations" and one.window == last_night]
    costs = {f"window: {station}": measured(station, lake.root, window) for station in STATIONS}
    return {**costs, **{f"night: {station}": measured(station, lake.root, night) for station in STATIONS}}


def _night_after(lake: Lake, night: Delivery) -> Delivery:
    """The same night once more, as that of the day after the last window."""
    pull = newest_pull(lake, night)
    assert pull is not None
    moved = Delivery(night.module, night.cpo, pull.pulled_at.date() + timedelta(days=16))
    pulled_at = pull.pulled_at + timedelta(days=16)
    folder = lake.raw(moved) / pulled_at.strftime("pull=%Y%m%dT%H%M%SZ")
    folder.parent.mkdir(parents=True)
    pull.folder.rename(folder)
    told = json.loads((folder / "delivery.json").read_bytes())
    told |= {"window": str(moved.window), "pulled_at": pulled_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    (folder / "delivery.json").write_text(json.dumps(told), encoding="utf-8")
    return moved


def main() -> None:
    """Grow a lake for each number of windows, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, nargs="+", default=[6, 26, 104])
    parser.add_argument("--locations", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="growth-"))
    found = {number: grown(folder / str(number), number, options.locations) for number in options.windows}
    print(f"| one more | {' | '.join(f'{number} windows' for number in found)} | largest / smallest |")
    print(f"|---|{'---|' * (len(found) + 1)}")
    for station in next(iter(found.values())):
        costs = [costs[station] for costs in found.values()]
        told = " | ".join(f"{cpu_s:.2f} s, {peak_mb:,.0f} MB" for cpu_s, peak_mb in costs)
        print(f"| {station} | {told} | {costs[-1][0] / max(costs[0][0], 0.01):.2f} |")


if __name__ == "__main__":
    main()
