"""Every KPI over real sessions of Dundee and Boulder equals a slow Python loop that shares nothing with the SQL; and the
charge-time ratio of the Dutch sessions of 2018 is what was published of 1.8 million of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from linda_pipeline.calendar import AMSTERDAM, window_of
from linda_pipeline.warehouse.kpi import KPIS
from linda_pipeline_tests.warehouse.slow_kpis import Row, figures
from linda_pipeline_tests.warehouse.test_kpi_laws import assert_same, reckoned

pytestmark = pytest.mark.slow

PLACES: list[Row] = [
    {"gemeente_code": "GM9901", "nal_region": "G4", "cbs_cell_500m": "E1365N4555"},
    {"gemeente_code": "GM9902", "nal_region": "Zuid", "cbs_cell_500m": "E1610N3835"},
    {"gemeente_code": "GM9903", "nal_region": "Zuid", "cbs_cell_500m": None},
    {"gemeente_code": None, "nal_region": None, "cbs_cell_500m": None},
]
"""Where charge points are put: the sets name no Dutch place."""
PUBLISHED_RATIO = 0.386
"""JRC, over 1.8 million Dutch sessions."""


def hours(text: str) -> float:
    """A duration such as 1:28:23 in hours."""
    first, minutes, seconds = (int(part) for part in text.split(":"))
    return first + minutes / 60 + seconds / 3600


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def dundee(path: Path) -> Iterator[Row]:
    """Local times, to the minute; no charging time. One CPO, named by nobody."""
    for line in read(path):
        try:
            start, end = (
                datetime.strptime(f"{line[f'{which} Date']} {line[f'{which} Time']}", "%d/%m/%Y %H:%M").replace(
                    tzinfo=ZoneInfo("Europe/London")
                )
                for which in ("Start", "End")
            )
            energy = float(line["Total kWh"])
        except ValueError:
            continue
        yield {
            "cpo": "NL-DUN",
            "cdr_id": line["Charging event"],
            "evse_key": f"NLDUNE{line['CP ID']}{line['Connector']}",
            "user_pseudonym": line["User ID"] or None,
            "start_date_time": start.astimezone(UTC),
            "end_date_time": end.astimezone(UTC),
            "total_time_h": (end - start) / timedelta(hours=1),
            "total_parking_time_h": None,
            "total_energy_kwh": energy,
        }


def boulder(path: Path) -> Iterator[Row]:
    """Moments in UTC, with charging time; no user. The stations of two sites are delivered by a second CPO as well."""
    for line in read(path):
        start, end = (
            datetime.strptime(line[f"{which}_Date___Time"], "%Y/%m/%d %H:%M:%S+00").replace(tzinfo=UTC)
            for which in ("Start", "End")
        )
        total, charging = hours(line["Total_Duration__hh_mm_ss_"]), hours(line["Charging_Time__hh_mm_ss_"])
        row = {
            "cpo": "NL-BOU",
            "cdr_id": line["ObjectId"],
            "evse_key": "NLBOUE" + "".join(sign for sign in line["Station_Name"] if sign.isalnum()),
            "user_pseudonym": None,
            "start_date_time": start,
            "end_date_time": end,
            "total_time_h": total,
            "total_parking_time_h": total - charging,
            "total_energy_kwh": float(line["Energy__kWh_"]),
        }
        yield row
        if "JUNCTION" in line["Station_Name"]:
            yield {**row, "cpo": "NL-TWO", "cdr_id": f"2-{line['ObjectId']}"}


def accepted(rows: Iterator[Row]) -> list[Row]:
    """Rows that could be accepted, each with the place of its charge point, its delivery, and what would be warned of."""
    kept: list[Row] = []
    for row in rows:
        if not row["start_date_time"] <= row["end_date_time"] or row["total_energy_kwh"] < 0:
            continue
        is_long = row["end_date_time"] - row["start_date_time"] > timedelta(days=7)
        warned = [
            rule
            for rule, does in (("duration_plausible", is_long), ("energy_plausible", row["total_energy_kwh"] > 100))
            if does
        ]
        delivered = {"window": window_of(row["end_date_time"].date()), "page": 1, "position": len(kept)}
        place = PLACES[sum(row["evse_key"].encode()) % len(PLACES)]
        kept.append({**row, **place, **delivered, "plausibility_warnings": warned, "token_type": None})
    return kept


def histories(rows: list[Row]) -> list[Row]:
    """Locations beside the sessions: every charge point from some days after its first session until its last, REMOVED before
    that for every fifth, with another power halfway for every third."""
    found: list[Row] = []
    ends: dict[tuple[str, str], list[date]] = {}
    places = {}
    for row in rows:
        ends.setdefault((row["cpo"], row["evse_key"]), []).append(row["start_date_time"].astimezone(AMSTERDAM).date())
        places[row["evse_key"]] = {name: row[name] for name in PLACES[0]}
    for number, ((cpo, key), days) in enumerate(sorted(ends.items())):
        first, last = min(days) + timedelta(days=number % 4), max(days) - timedelta(days=0 if number % 5 else 20)
        middle = first + (last - first) // 2
        if last <= first:
            continue
        gone: Row = (
            {"valid_to": None, "end_reason": None} if number % 5 else {"valid_to": last, "end_reason": "removed"}
        )
        about: Row = {"cpo": cpo, "evse_key": key, "power_class": "regular", "first_seen": first, **places[key]}
        if number % 3 or middle <= first or middle >= last:
            found.append({**about, "valid_from": first, "last_seen": last - timedelta(days=1), **gone})
            continue
        half = {
            "valid_from": first,
            "valid_to": middle,
            "end_reason": "changed",
            "last_seen": middle - timedelta(days=1),
        }
        found.append({**about, **half})
        found.append(
            {**about, "power_class": "fast", "valid_from": middle, "last_seen": last - timedelta(days=1), **gone}
        )
    return found


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest) -> tuple[list[Row], list[Row]]:
    sessions: Path = request.getfixturevalue("real_sessions")
    rows = accepted(dundee(sessions / "dundee_20180606_20180906.csv"))
    rows += accepted(boulder(sessions / "boulder_2018_2021.csv"))
    return rows, histories(rows)


@pytest.mark.parametrize("kpi_id", list(KPIS))
def test_a_kpi_over_real_sessions_is_what_a_slow_loop_says(kpi_id: str, real: tuple[list[Row], list[Row]]) -> None:
    rows, versions = real
    assert len(rows) > 40_000
    expected = figures(kpi_id, rows, versions)
    assert len(expected) > 500
    assert_same(reckoned(kpi_id, rows, versions), expected)


def test_the_charge_time_ratio_of_the_dutch_sessions_of_2018_is_as_published(real_sessions: Path) -> None:
    rows: list[Row] = []
    for number, line in enumerate(read(real_sessions / "nl_laadpaaldata_hva.csv")):
        connected, charging = float(line["ConnectedTime"]), float(line["ChargeTime"])
        try:
            start, end = (datetime.fromisoformat(line[name]).replace(tzinfo=UTC) for name in ("Started", "Ended"))
        except ValueError:
            continue  # 29 February 2018
        if not 0 <= charging <= connected or abs((end - start) / timedelta(hours=1) - connected) > 1 / 60:
            continue  # a record that the rules refuse
        about: dict[str, Any] = {"cpo": "NL-HVA", "cdr_id": str(number), "evse_key": f"NLHVAE{number}"}
        times = {"start_date_time": start, "end_date_time": end, "total_time_h": connected}
        rows.append({**about, **times, "total_parking_time_h": connected - charging, "total_energy_kwh": 1.0})
    assert len(rows) > 9_000
    of_months = {
        cut[0]: one
        for cut, one in reckoned("charge_time_ratio", rows, []).items()
        if cut[1:4] == ("nation", "NL", "ALL")
    }
    longest = {row["cdr_id"]: (row["end_date_time"] - row["start_date_time"]) / timedelta(hours=1) for row in rows}
    weight = dict.fromkeys(of_months, 0.0)
    for row in rows:
        weight[f"{row['start_date_time'].astimezone(AMSTERDAM):%Y-%m}"] += longest[row["cdr_id"]]
    ratio = sum((of_months[month].value or 0) * hours for month, hours in weight.items()) / sum(weight.values())
    assert ratio == pytest.approx(PUBLISHED_RATIO, abs=0.01)
