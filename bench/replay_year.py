"""`linda replay` over a year: a tolerance changed and a rule mended, told first, and applied afterwards.

    python bench/replay_year.py [--windows 26] [--locations 20] [--folder DIR]

Four CPOs of the simulator, one delivery of CDRs per window and a night of Locations per two windows, judged while
`address_format` refused every street with Hoek in its name. Then, as a user types it: `linda replay --profile trial.toml`,
where the trial allows the total time to be 3 minutes off and the rule is mended. What it tells is held against the same raw
deliveries really judged, reported, curated and published anew in a lake beside it; every file of the lake must be what it
was. With --apply the same difference, and then every file of the lake is held against the other lake's. Exits with 1 where
anything differs.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc

from linda_pipeline import stations
from linda_pipeline.areas.area_set import read_areas
from linda_pipeline.calendar import window_bounds
from linda_pipeline.pulling.raw import PageFile, Pull, folder_of
from linda_pipeline.quality.profile import FIRST_DAY, ProfileChange, Profiles
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import read_register
from linda_pipeline.simulator.demo_cpos import CPOS, WINDOWS
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Delivery, Lake

ROOT = Path(__file__).parents[1]
AREAS = ROOT / "data" / "reference" / "areas"
KEY = "11" * 32
TRIAL = 'version = "trial"\n[parameters]\ntotal_time_tolerance_s = 180\n'
PAGE = 1000


def plans(locations: int, since: datetime) -> dict[str, Plan]:
    """The demo's three CPOs with a permission, and a fourth."""
    permitted = [one.plan for one in CPOS if one.document is not None]
    fourth = replace(permitted[-1], party="NL-VIE", operator="Vierde Lader B.V.", seed=15, defects=0.05)
    return {
        one.party: replace(one, locations=locations, start=since - timedelta(days=10)) for one in (*permitted, fourth)
    }


def write_raw(lake: Lake, windows: int, locations: int) -> list[Delivery]:
    """The raw deliveries, as a pull leaves them; and the register beside the lake. Returns them in order."""
    days = [WINDOWS[-1] - timedelta(days=14 * back) for back in range(windows)][::-1]
    deliveries, blocks = [], []
    for key, plan in plans(locations, window_bounds(days[0])[0]).items():
        feeds = feeds_of(plan)
        blocks.append(
            f'[cpo.{key}]\nname = "{plan.operator}"\nversions_url = "http://127.0.0.1/"\nocpi = "{plan.ocpi}"\n'
            f'[[cpo.{key}.permission]]\ndocument = "TRIAL"\nowner = "Trial"\nowner_kind = "cpo"\nfrom = 2020-01-01\n'
        )
        for number, day in enumerate(days):
            start, end = window_bounds(day)
            pulled_at = end + timedelta(hours=3)
            places = feeds["cdrs"].between(int(start.timestamp()), int(end.timestamp()), last_included=False)
            sent = [feeds["cdrs"].records[place].body for place in places]
            deliveries.append(_write(lake, Delivery("cdrs", key, day), sent, pulled_at, plan.ocpi))
            if number % 2 == 0:
                bodies = [one.body for one in feeds["locations"].records]
                night = Delivery("locations", key, start.date())
                deliveries.append(_write(lake, night, bodies, start + timedelta(hours=3), plan.ocpi))
    (lake.root.parent / "cpos.toml").write_text("\n".join(blocks), encoding="utf-8")
    return sorted(deliveries, key=lambda one: (one.module != "locations", one.window, one.cpo))


def _write(lake: Lake, delivery: Delivery, sent: list[bytes], pulled_at: datetime, version: str) -> Delivery:
    folder = folder_of(lake, delivery, pulled_at)
    folder.mkdir(parents=True)
    files = []
    for number, first in enumerate(range(0, max(1, len(sent)), PAGE), start=1):
        page = sent[first : first + PAGE]
        body = b'{"status_code":1000,"timestamp":"2026-11-23T03:00:00Z","data":[' + b",".join(page) + b"]}"
        stored, name = gzip.compress(body, 6, mtime=0), f"page-{number:05d}.json.gz"
        (folder / name).write_bytes(stored)
        sha256 = hashlib.sha256(body).hexdigest()
        files.append(PageFile(number, name, "trial:", len(page), len(body), sha256, len(stored), 0.0))
    start, end = window_bounds(delivery.window) if delivery.module == "cdrs" else (None, None)
    pull = Pull(
        folder, delivery, start, end, pulled_at, version, "trial:", "trial:", "plain", True, len(sent), len(sent),
        tuple(files), 0.0,
    )  # fmt: skip
    (folder / "delivery.json").write_text(json.dumps(pull.as_json()), encoding="utf-8")
    return delivery


def fill(lake: Lake, deliveries: list[Delivery], profiles: Profiles) -> None:
    """Everything that follows the pull."""
    register, areas = read_register(lake.root.parent / "cpos.toml"), read_areas(AREAS)
    for delivery in deliveries:
        cpo = register[delivery.cpo]
        stations.judge(lake, cpo, delivery, areas=areas, key=bytes.fromhex(KEY), profiles=profiles)
        stations.conserve(lake, delivery)
    for delivery in deliveries:
        stations.report(lake, delivery, cpo_name=register[delivery.cpo].name)
    stations.curate_locations(lake, areas)
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, register)
    stations.publish(lake, register, areas)


def spoil_a_rule() -> None:
    """Make `address_format` the careless rule that the trial mends: no street with Hoek in it is an address."""
    rule = RULES["cdr.address_format"]
    sound = rule.body
    assert sound is not None

    def careless(view: Any) -> Any:
        return pc.and_not(sound(view), pc.match_substring(view["address"], "Hoek"))

    RULES["cdr.address_format"] = replace(rule, body=careless)


def state(root: Path) -> dict[str, str]:
    """The hash of every file."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def typed(lake: Lake, *more: str) -> str:
    """What `linda replay` prints."""
    environment = {
        **os.environ, "COLUMNS": "250", "LINDA_LAKE": str(lake.root), "LINDA_AREAS": str(AREAS), "LINDA_PSEUDONYM_KEY": KEY,
        "LINDA_CPOS": str(lake.root.parent / "cpos.toml"), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "linda_pipeline.cli", "replay", *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"linda replay ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def told_rules(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """The table of rules on the screen: (CPO, object, severity, rule) -> findings now and then."""
    told = {}
    for line in text.splitlines():
        cells = line.split()
        if len(cells) == 7 and cells[1] in ("cdr", "location", "evse", "delivery"):
            now, then, difference = (int(cell.replace(",", "")) for cell in cells[4:])
            assert difference == then - now
            told[tuple(cells[:4])] = (now, then)
    return told


def counted(lake: Lake) -> Counter[tuple[str, ...]]:
    """Findings by (CPO, object, severity, rule) as the ledger has them."""
    found: Counter[tuple[str, ...]] = Counter()
    for path in (lake.root / "ledger").rglob("judgement.json"):
        entry = json.loads(path.read_text(encoding="utf-8"))
        for one in entry["by_rule"]:
            found[entry["cpo"], one["object"], one["severity"], one["rule"]] += one["count"]
    return found


def unlike(lake: Lake, fresh: Lake) -> list[str]:
    """The files of two lakes that differ, the name of the profile and the bytes of the database aside."""
    one, other = state(lake.root), state(fresh.root)
    differing = []
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) == other.get(name) or name == "linda.duckdb":
            continue
        paths = [root / name for root in (lake.root, fresh.root)]
        if not all(path.exists() for path in paths) or len({_without_profile(path) for path in paths}) > 1:
            differing.append(name)
    return differing


def _without_profile(path: Path) -> bytes:
    return path.read_bytes().replace(b"2025-04", b"trial")


def content(lake: Lake) -> dict[str, Any]:
    """The rows of every table of linda.duckdb but the list of attempts, as hashes."""
    here = Path.cwd()
    os.chdir(lake.root)
    try:
        with duckdb.connect("linda.duckdb", read_only=True) as base:
            rows = "count(*), bit_xor(hash(replace(t::VARCHAR, '2025-04', 'trial')))"
            tables = [name for (name,) in base.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
            return {
                name: base.sql(f"SELECT {rows} FROM {name} t").fetchall()
                for name in sorted(tables)
                if name != "attempts"
            }
    finally:
        os.chdir(here)


def main() -> int:
    """Build both lakes, replay, apply, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=26)
    parser.add_argument("--locations", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the lakes here")
    parser.add_argument("--one", choices=["careless", "fresh"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        lake, fresh = Lake(folder / "careless" / "lake"), Lake(folder / "fresh" / "lake")
        trial = folder / "trial.toml"
        if options.one:
            mine = lake if options.one == "careless" else fresh
            if options.one == "careless":
                spoil_a_rule()
            draft = ProfileChange("trial", FIRST_DAY, {"total_time_tolerance_s": 180})
            profiles = Profiles() if options.one == "careless" else Profiles().trying(draft)
            fill(mine, write_raw(mine, options.windows, options.locations), profiles)
            return 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        trial.write_text(TRIAL, encoding="utf-8")
        size = [f"--windows={options.windows}", f"--locations={options.locations}", f"--folder={folder}"]
        for one in ("careless", "fresh"):
            subprocess.run([sys.executable, __file__, *size, f"--one={one}"], check=True)
        before, after = counted(lake), counted(fresh)
        expected = {key: (before[key], after[key]) for key in before | after if before[key] != after[key]}
        stood = state(lake.root)
        first = typed(lake, "--profile", str(trial))
        is_unchanged = state(lake.root) == stood
        second = typed(lake, "--profile", str(trial), "--apply")
        print(first)
        print(f"{len(stood):,} files; unchanged by a replay without --apply: {is_unchanged}")
        is_right = told_rules(first) == expected and bool(expected)
        is_same = told_rules(second) == expected
        print(f"told as really judged ({len(expected)} lines): {is_right}; with --apply: {is_same}")
        differing = unlike(lake, fresh)
        is_content = content(lake) == content(fresh)
        print(
            f"files that differ from the lake judged anew: {len(differing)} {differing[:5]}; linda.duckdb: {is_content}"
        )
        print(second.splitlines()[-1])
        return int(not (is_unchanged and is_right and is_same and is_content) or bool(differing))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
