"""Real charging sessions of 2018 over the whole road: is every row accounted for, and do the KPIs say what the file says?

    python bench/real_sessions.py ../shared/data [--as-of 2026-11-26]

Replays Dundee by a 2.2.1 and by a 2.1.1 simulator, the Dutch file and Boulder by a 2.2.1 simulator, and Dundee once more
without total_parking_time; real municipalities, permissions and windows of 2018. Prints what was counted and compared, and ten
findings of each beside their rows, to be checked by eye. With --as-of all is judged by the rules of that day, which came long
after these sessions. Dundee's charging KPIs mean nothing: the file has no charging time.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from linda_pipeline import stations
from linda_pipeline.areas.area_set import Areas, read_areas
from linda_pipeline.calendar import local_date, windows_between
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.quality.profile import BUILT_IN_PROFILES
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.simulator.plan import Plan
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline.storage.lake import Delivery, Lake

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Trial:
    """One file through one version of OCPI."""

    name: str
    file: str
    ocpi: str
    party: str
    fill: bool = True
    until: date = date(2019, 1, 20)
    """The day after the last window that is pulled."""


TRIALS = (
    Trial("dundee", "dundee_20180606_20180906.csv", "2.2.1", "NL-DUN"),
    Trial("dundee", "dundee_20180606_20180906.csv", "2.1.1", "NL-DUE"),
    Trial("nl", "nl_laadpaaldata_hva.csv", "2.2.1", "NL-HVA"),
    Trial("boulder", "boulder_2018_2021.csv", "2.2.1", "NL-BLD", until=date(2021, 4, 20)),
    Trial("dundee", "dundee_20180606_20180906.csv", "2.2.1", "NL-DUZ", fill=False),
)


def run(trial: Trial, data: Path, areas: Areas, folder: Path, as_of: date | None) -> None:
    """One trial from the pull to the KPIs, with everything compared that can be."""
    path = data / "sessions" / trial.file
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    lake = Lake(folder)
    profiles = BUILT_IN_PROFILES if as_of is None else BUILT_IN_PROFILES.as_of(as_of)
    pulled_at = datetime.combine(trial.until + timedelta(days=15), time(3), tzinfo=UTC)
    until = pulled_at - timedelta(days=4)
    plan = Plan(trial.party, trial.ocpi, until=until, replay=trial.name, replay_file=path, fill_parking_time=trial.fill)
    with SimulatedCpo(plan, "trial-token") as simulated:
        permission = Permission("TRIAL-2018", "Gemeente", "concession", date(2018, 1, 1))
        cpo = Cpo(
            trial.party,
            "Trial",
            simulated.versions_url,
            trial.ocpi,
            None,
            (trial.party,),
            "nl",
            (),
            None,
            True,
            (permission,),
        )
        deliveries = [Delivery("locations", cpo.key, local_date(pulled_at))]
        deliveries += [Delivery("cdrs", cpo.key, window) for window in windows_between(date(2017, 12, 18), trial.until)]
        for delivery in deliveries:
            stations.pull(lake, cpo, delivery, token="trial-token", pulled_at=pulled_at)
            stations.judge(lake, cpo, delivery, areas=areas, key=bytes(32), profiles=profiles)
            stations.conserve(lake, delivery)
            stations.report(lake, delivery, cpo_name=cpo.name)
    stations.curate_locations(lake, areas)
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, {cpo.key: cpo})
    stations.publish(lake, {cpo.key: cpo}, areas)
    cdrs = [delivery for delivery in deliveries if delivery.module == "cdrs"]
    counts: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for delivery in cdrs:
        entry = read_judgement(lake, delivery)
        counts.update(entry.main.as_dict())
        errors.update(entry.of_severity("error"))
        warnings.update(entry.of_severity("warning"))
    print(f"\n{trial.file} over OCPI {trial.ocpi}{'' if trial.fill else ', total_parking_time left out'}")
    print(f"  {len(rows):,} rows in the file; {dict(counts)}")
    print(f"  errors: {dict(errors.most_common())}")
    print(f"  warnings: {dict(warnings.most_common())}")
    check("every row was received", counts["received"] == len(rows))
    if not trial.fill:
        check("every row is flagged total_parking_time_required", errors["total_parking_time_required"] == len(rows))
        return
    compare(trial, lake, cdrs, rows)
    show_findings(trial, lake, cdrs, rows)


def compare(trial: Trial, lake: Lake, cdrs: list[Delivery], rows: list[dict[str, str]]) -> None:
    """Sessions and kWh per month beside sums over the rows that were accepted, straight from the file."""
    column = {"dundee": "Charging event", "boulder": "ObjectId"}.get(trial.name)
    by_id = {number if column is None else int(row[column]): row for number, row in enumerate(rows, start=1)}
    sessions: Counter[str] = Counter()
    energy_kwh: defaultdict[str, Decimal] = defaultdict(Decimal)
    connected_h = charged_h = Decimal(0)
    for delivery in cdrs:
        for cdr_id in pq.read_table(lake.table("accepted", delivery), columns=["cdr_id"])["cdr_id"].to_pylist():
            row = by_id[int("".join(filter(str.isdigit, cdr_id)))]
            if trial.name == "nl":
                month = row["Started"][:7]
                kwh = round(Decimal(row["TotalEnergy"]) / 1000, 4)
                connected_h += Decimal(row["ConnectedTime"])
                charged_h += Decimal(row["ChargeTime"])
            elif trial.name == "boulder":
                start = datetime.strptime(row["Start_Date___Time"], "%Y/%m/%d %H:%M:%S+00").replace(tzinfo=UTC)
                month = start.astimezone(AMSTERDAM).strftime("%Y-%m")
                kwh = round(Decimal(row["Energy__kWh_"]), 4)
            else:
                start = datetime.strptime(f"{row['Start Date']} {row['Start Time']}", "%d/%m/%Y %H:%M").replace(
                    tzinfo=LONDON
                )
                month = start.astimezone(AMSTERDAM).strftime("%Y-%m")
                kwh = Decimal(row["Total kWh"])
            sessions[month] += 1
            energy_kwh[month] += kwh
    for kpi, expected in (("sessions", sessions), ("energy", energy_kwh)):
        figures = [row for row in pq.read_table(lake.kpi).to_pylist() if row["kpi_id"] == kpi]
        found = {
            one["month"]: one["value"]
            for one in figures
            if one["area_level"] == "nation" and one["cpo"] == "ALL" and one["dimension"] is None and one["value"]
        }
        same = found.keys() == expected.keys() and all(
            abs(found[month] - float(expected[month])) < 1e-6 for month in found
        )
        check(f"{kpi} per month are those of the file ({len(found)} months, {sum(found.values()):,.4f} in all)", same)
    if trial.name == "nl":
        ratios = [row for row in pq.read_table(lake.kpi).to_pylist() if row["kpi_id"] == "charge_time_ratio"]
        monthly = {
            one["month"]: one["value"] for one in ratios if one["area_level"] == "nation" and one["cpo"] == "ALL"
        }
        ratio = float(charged_h / connected_h)
        print(
            f"  charge_time_ratio per month: {', '.join(f'{month} {value:.3f}' for month, value in sorted(monthly.items()))}"
        )
        check(f"charge_time_ratio over the accepted rows, from the file: {ratio:.4f}", 0.38 <= ratio <= 0.40)


def show_findings(trial: Trial, lake: Lake, cdrs: list[Delivery], rows: list[dict[str, str]]) -> None:
    """Ten findings, one of each rule first, beside the rows they speak of."""
    shown: Counter[str] = Counter()
    lines = []
    for delivery in cdrs:
        for one in pq.read_table(lake.table("findings", delivery)).to_pylist():
            shown[one["rule"]] += 1
            lines.append((shown[one["rule"]], one))
    for _, one in sorted(lines, key=lambda line: line[0])[:10]:
        digits = "".join(filter(str.isdigit, one["id"] or ""))
        row = next(
            (row for number, row in enumerate(rows, start=1) if digits in _numbers(number, row)),
            {},
        )
        told = [value for value in row.values() if isinstance(value, str)][:9]
        print(f"    {one['rule']} at {one['path']}: {one['value']}  <- {told}")


def _numbers(number: int, row: dict[str, str]) -> set[str | None]:
    """What the id of a row's CDR ends in."""
    own = row.get("ObjectId")
    return {row.get("Charging event"), f"{int(own):06d}"} if own else {row.get("Charging event"), f"{number:06d}"}


def check(what: str, holds: bool) -> None:
    """Say whether something holds; what does not ends the trial with exit code 1."""
    print(f"  {'yes' if holds else 'NO '}: {what}", flush=True)
    if not holds:
        _FAILED.append(what)


_FAILED: list[str] = []


def main() -> None:
    """All trials, each in a lake of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with sessions/ and geo/")
    parser.add_argument("--file", choices=sorted({trial.name for trial in TRIALS}), help="this file alone")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day whose rules judge; default: that of the pull")
    options = parser.parse_args()
    data = options.data
    areas = read_areas(data / "geo")
    with tempfile.TemporaryDirectory() as folder:
        for trial in TRIALS:
            if options.file not in (None, trial.name):
                continue
            run(trial, data, areas, Path(folder) / trial.party, options.as_of)
    sys.exit(bool(_FAILED))


if __name__ == "__main__":
    main()
