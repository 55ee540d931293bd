"""The KPIs against plain Python over random sessions: borders of months, days of 23 and 25 hours, missing parking time."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.calendar import AMSTERDAM, local_date, month_bounds, months_between
from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE
from linda_pipeline.warehouse.kpi import KPIS, RESULT, create_views

Row = dict[str, Any]
Cut = tuple[str, str, str, str, str, str | None]
AREAS = {"GM0001": ("Noord", "E1000N5000"), "GM0002": ("Noord", "E1005N5000"), None: (None, None)}
BORDERS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 10, 31, 20, tzinfo=UTC),
]
"""Before the day of 23 hours, before the day of 25, and before the end of that month."""


@st.composite
def sessions(draw: st.DrawFn) -> list[Row]:
    """Sessions around the borders, of two CPOs, at five EVSEs, by four users, some without parking time."""
    rows = []
    for number in range(draw(st.integers(1, 12))):
        start = draw(st.sampled_from(BORDERS)) + timedelta(seconds=draw(st.integers(0, 40 * 3600)))
        length = timedelta(seconds=draw(st.sampled_from([0, 1, 59, 3600, 36_000, 40 * 86_400])))
        hours = length.total_seconds() / 3600
        gemeente = draw(st.sampled_from(list(AREAS)))
        rows.append(
            {
                "cpo": draw(st.sampled_from(["NL-AAA", "NL-BBB"])),
                "cdr_id": str(number),
                "evse_id": f"NL*X*{draw(st.integers(1, 5))}",
                "user_pseudonym": draw(st.sampled_from(["a", "b", "c", None])),
                "token_type": draw(st.sampled_from(["RFID", "AD_HOC_USER", None])),
                "start_date_time": start,
                "end_date_time": start + length,
                "total_time_h": hours,
                "total_parking_time_h": draw(st.sampled_from([None, 0.0, hours / 4])),
                "total_energy_kwh": draw(st.sampled_from([0.0, 0.1, 7.123456, 60.0])),
                "gemeente_code": gemeente,
                "nal_region": AREAS[gemeente][0],
                "cbs_cell_500m": AREAS[gemeente][1],
            }
        )
    return rows


@st.composite
def evses(draw: st.DrawFn) -> list[Row]:
    """Histories of EVSEs 1 to 4 (5 is in no Locations): one version, or two in a row with another place and power."""
    rows = []
    for number in range(1, 5):
        for cpo in draw(st.sampled_from([["NL-AAA"], ["NL-AAA", "NL-BBB"], []])):
            first = date(2026, 3, 1) + timedelta(days=draw(st.integers(0, 230)))
            middle = first + timedelta(days=draw(st.integers(1, 40)))
            reason = draw(st.sampled_from([None, "vanished", "removed"]))
            last_seen = middle + timedelta(days=draw(st.integers(0, 40)))
            gone = last_seen + timedelta(days=draw(st.integers(1, 5)))
            first_of_two = {
                "valid_from": first,
                "valid_to": middle,
                "end_reason": "changed",
                "last_seen": middle - timedelta(1),
            }
            second = {
                "valid_from": middle,
                "valid_to": gone if reason else None,
                "end_reason": reason,
                "last_seen": last_seen,
            }
            for version in (first_of_two, second):
                gemeente = draw(st.sampled_from(list(AREAS)))
                rows.append(
                    {
                        "cpo": cpo,
                        "evse_id": f"NL-x-{number}",
                        "power_class": draw(st.sampled_from(["fast", "regular", None])),
                        "gemeente_code": gemeente,
                        "nal_region": AREAS[gemeente][0],
                        "cbs_cell_500m": AREAS[gemeente][1],
                        "first_seen": first,
                        **version,
                    }
                )
    return rows


def reckoned(kpi_id: str, cdrs: list[Row], versions: list[Row]) -> dict[Cut, tuple[float | None, Any, Any, Any]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("cdrs", pa.Table.from_pylist(cdrs, schema=CURATED_CDR))
        connection.register("evses", pa.Table.from_pylist(versions, schema=CURATED_EVSE))
        create_views(connection)
        rows = [dict(zip(RESULT, row, strict=True)) for row in connection.sql(KPIS[kpi_id].sql).fetchall()]
    found = {
        tuple(row[name] for name in RESULT[:6]): (row["value"], row["sessions"], row["users"], row["share_known"])
        for row in rows
    }
    assert len(found) == len(rows), "no two rows say the same"
    return found


def scopes(row: Row) -> Iterator[tuple[str, str, str]]:
    yield from (("nation", "NL", "ALL"), ("nation", "NL", row["cpo"]))
    if row["gemeente_code"]:
        yield from (("gemeente", row["gemeente_code"], "ALL"), ("gemeente", row["gemeente_code"], row["cpo"]))
        yield from (("nal_region", row["nal_region"], "ALL"), ("nal_region", row["nal_region"], row["cpo"]))
        yield ("cell_500m", row["cbs_cell_500m"], "ALL")


def by_start(cdrs: list[Row]) -> dict[tuple[str, str, str, str], list[Row]]:
    groups = defaultdict(list)
    for row in cdrs:
        month = f"{row['start_date_time'].astimezone(AMSTERDAM):%Y-%m}"
        for scope in scopes(row):
            groups[(month, *scope)].append(row)
    return groups


def hours(row: Row) -> float:
    return float((row["end_date_time"] - row["start_date_time"]).total_seconds() / 3600)


def charging(row: Row) -> float:
    return float(row["total_time_h"] - row["total_parking_time_h"])


def by_hand(kpi_id: str, rows: list[Row]) -> dict[tuple[str, str | None], float | None]:
    """A KPI over sessions that began in one month, as the definition reads."""
    known = [row for row in rows if row["total_parking_time_h"] is not None]
    energies = [row["total_energy_kwh"] for row in rows]
    if kpi_id == "sessions":
        return {("value", None): len(rows)}
    if kpi_id == "energy":
        return {("value", None): sum(energies)}
    if kpi_id == "energy_per_session":
        found = {
            name: float(np.quantile(energies, share)) for name, share in (("p10", 0.1), ("median", 0.5), ("p90", 0.9))
        }
        return {(name, None): value for name, value in {**found, "mean": statistics.mean(energies)}.items()}
    if kpi_id == "connection_time":
        lengths = [hours(row) for row in rows]
        return {("mean", None): statistics.mean(lengths), ("median", None): statistics.median(lengths)}
    if kpi_id == "charging_time":
        lengths = [charging(row) for row in known]
        return {
            ("mean", None): statistics.mean(lengths) if lengths else None,
            ("median", None): statistics.median(lengths) if lengths else None,
        }
    if kpi_id == "idle_time":
        return {("mean", None): statistics.mean(hours(row) - charging(row) for row in known) if known else None}
    if kpi_id == "charge_time_ratio":
        whole = sum(hours(row) for row in known)
        return {("value", None): sum(charging(row) for row in known) / whole if whole else None}
    assert kpi_id == "unique_users"
    apart: dict[str | None, list[Row]] = {
        "token_type=AD_HOC_USER": [r for r in rows if r["token_type"] == "AD_HOC_USER"]
    }
    parts = {None: [r for r in rows if r["token_type"] != "AD_HOC_USER"], **apart}
    return {("value", name): len({r["user_pseudonym"] for r in part} - {None}) for name, part in parts.items() if part}


@pytest.mark.parametrize("kpi_id", [kpi.id for kpi in KPIS.values() if kpi.one_month])
@settings(max_examples=8, deadline=None)
@given(cdrs=sessions())
def test_a_kpi_over_sessions_is_what_its_definition_says(kpi_id: str, cdrs: list[Row]) -> None:
    expected = {
        (*cut, *which): value for cut, rows in by_start(cdrs).items() for which, value in by_hand(kpi_id, rows).items()
    }
    found = reckoned(kpi_id, cdrs, [])
    assert {cut: value for cut, (value, *_) in found.items()} == pytest.approx(expected, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(cdrs=sessions())
def test_what_a_figure_rests_on_stands_beside_it(cdrs: list[Row]) -> None:
    found = reckoned("charge_time_ratio", cdrs, [])
    for cut, rows in by_start(cdrs).items():
        known = [row for row in rows if row["total_parking_time_h"] is not None]
        users = {row["user_pseudonym"] for row in known} - {None}
        _, counted, people, share = found[(*cut, "value", None)]
        assert (counted, people) == (len(known), len(users))
        assert share == pytest.approx(len(known) / len(rows))


def service(versions: list[Row], cdrs: list[Row]) -> list[tuple[Row, datetime, datetime]]:
    """Each version with the moments from and until which it was in service."""
    found = []
    for row in versions:
        number = row["evse_id"][-1]
        start = midnight(row["valid_from"])
        if row["valid_from"] == row["first_seen"]:
            own = [c["start_date_time"] for c in cdrs if c["cpo"] == row["cpo"] and c["evse_id"][-1] == number]
            start = min([start, *own])
        ended = row["end_reason"] in ("changed", "removed")
        found.append((row, start, midnight(row["valid_to"] if ended else row["last_seen"] + timedelta(days=1))))
    return found


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)


def overlap_h(first: datetime, last: datetime, month: str) -> float:
    start, end = month_bounds(month)
    return max(0.0, (min(last, end) - max(first, start)).total_seconds() / 3600)


@settings(max_examples=15, deadline=None)
@given(cdrs=sessions(), versions=evses())
def test_occupancy_is_overlap_over_time_in_service(cdrs: list[Row], versions: list[Row]) -> None:
    in_service: dict[Any, float] = defaultdict(float)
    occupied: dict[Any, float] = defaultdict(float)
    spans = service(versions, cdrs)
    for month in months_between("2026-01", "2027-02"):
        keys = {(row["cpo"], row["evse_id"][-1]) for row in versions}
        for cpo, number in keys:
            pieces = [
                (start, overlap_h(start, end, month), row)
                for row, start, end in spans
                if (row["cpo"], row["evse_id"][-1]) == (cpo, number)
            ]
            pieces = [piece for piece in pieces if piece[1] > 0]
            if not pieces:
                continue
            place = max(pieces, key=lambda piece: piece[0])[2]
            own = [c for c in cdrs if (c["cpo"], c["evse_id"][-1]) == (cpo, number)]
            for scope in scopes(place):
                in_service[(month, *scope)] += sum(piece[1] for piece in pieces)
                occupied[(month, *scope)] += sum(
                    overlap_h(c["start_date_time"], c["end_date_time"], month) for c in own
                )
    expected = {(*cut, "value", None): occupied[cut] / whole for cut, whole in in_service.items()}
    found = reckoned("occupancy", cdrs, versions)
    assert {cut: value for cut, (value, *_) in found.items()} == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(cdrs=sessions(), versions=evses())
def test_charge_points_are_those_in_service_on_the_last_day(cdrs: list[Row], versions: list[Row]) -> None:
    counted: dict[Any, set[str]] = defaultdict(set)
    used: dict[Any, set[str]] = defaultdict(set)
    newest = {row["cpo"]: max(v["last_seen"] for v in versions if v["cpo"] == row["cpo"]) for row in versions}
    for month in months_between("2026-01", "2027-02"):
        start, end = month_bounds(month)
        there: dict[Any, tuple[datetime, Row]] = {}
        for row, begin, until in service(versions, cdrs):
            day = min(local_date(end - timedelta(hours=1)), newest[row["cpo"]])
            is_there = begin < midnight(day + timedelta(days=1)) and (until > midnight(day) or row["valid_to"] is None)
            key = (row["cpo"], row["evse_id"][-1])
            if midnight(day) >= start and is_there and (key not in there or there[key][0] < begin):
                there[key] = (begin, row)
        for (cpo, number), (_, row) in there.items():
            begun = [
                c for c in cdrs if (c["cpo"], c["evse_id"][-1]) == (cpo, number) and start <= c["start_date_time"] < end
            ]
            for scope in scopes(row):
                cut = (month, *scope)
                counted[(*cut, "value", None)].add(number)
                counted[(*cut, "value", f"power={row['power_class'] or 'unknown'}")].add(number)
                used[(*cut, "value", "used=yes")] |= {number} if begun else set()
    expected = {cut: len(numbers) for cut, numbers in {**counted, **used}.items()}
    found = reckoned("charge_points", cdrs, versions)
    assert {cut: value for cut, (value, *_) in found.items()} == expected


def test_a_month_with_a_changed_clock_is_an_hour_longer_or_shorter() -> None:
    version = {"cpo": "NL-AAA", "evse_id": "NL*X*1", "gemeente_code": None, "end_reason": None, "valid_to": None}
    whole_year = {
        **version,
        "valid_from": date(2026, 1, 1),
        "first_seen": date(2026, 1, 1),
        "last_seen": date(2026, 12, 31),
    }
    with duckdb.connect() as connection:
        connection.register("cdrs", CURATED_CDR.empty_table())
        connection.register("evses", pa.Table.from_pylist([whole_year], schema=CURATED_EVSE))
        create_views(connection)
        rows = connection.sql("SELECT month, in_service_us / 3.6e9 FROM evse_month ORDER BY month").fetchall()
    length_h = dict(rows)
    assert (length_h["2026-03"], length_h["2026-10"], length_h["2026-11"]) == (743, 745, 720)
