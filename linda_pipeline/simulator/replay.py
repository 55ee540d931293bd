"""Real charging sessions from public files, sent as a Dutch CPO would send them. Every row becomes one CDR.

Here: the Dundee set (2018), the Dutch set of the HvA's course (2018) and the Boulder set (2018-2021), placed on made-up
Dutch Locations. What a file lacks is filled with the constants below; what a row says wrongly (29 February 2018) or leaves
out (an end, a user) goes out just so, for the judge to find. Not here: how a CDR is written (records.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from linda_pipeline.simulator import fleet as stock
from linda_pipeline.simulator.clock import seconds, text
from linda_pipeline.simulator.fleet import Charger, Fleet, make_fleet
from linda_pipeline.simulator.records import SHORTEST_PARKING_H, Period, Place, Record, cdr_record, places

FILES = ("dundee", "nl", "boulder")
SINCE = datetime(2017, 12, 1, 8, 0, tzinfo=UTC)
"""When the made-up Locations and tariffs last changed: before the first session."""
SENT_AFTER_S = 3600
"""last_updated is so long after the end of a session (its start, where the end is missing or before it). Filled."""
COST_EUR = 0.0
"""No file holds prices (Dundee's are all 0 or empty). Filled."""
DUNDEE_PARKING_TIME_H = 0.0
"""Dundee has no charging time; no claim is made about its charging KPIs. Filled."""
TOKEN_TYPE = "RFID"
"""Filled."""
NL_LOCATIONS = 200
"""The Dutch file has no stations: its rows go round 400 EVSEs of 22 kW, so far apart that sessions do not meet."""


@dataclass(frozen=True)
class SentMoment:
    """A moment out of a file: as it is sent, and in seconds since 1970 (an impossible day runs on past the month)."""

    sent: str
    at: int
    is_possible: bool


@dataclass(frozen=True)
class _Row:
    cdr_id: str
    charge_point: int
    start: SentMoment
    end: SentMoment | None
    contract_id: str | None
    token_uid: str | None
    energy_kwh: float | None
    total_time_h: float | None
    parking_time_h: float


def replay(
    name: str, path: Path, party: str, operator: str, version: str, *, fill_parking_time: bool = True
) -> tuple[Fleet, Iterator[tuple[int, Record]]]:
    """A file (one of FILES) as a fleet and its CDRs, each with the moment of its last_updated.

    Without `fill_parking_time` no CDR has a total_parking_time.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    chargers, read = _READERS[name](rows)
    placed = make_fleet(party, operator, seed=2018, locations=chargers, since=SINCE)
    known = places(placed, version)
    return placed, (_sent(row, known[row.charge_point], fill_parking_time) for row in read)


def _sent(row: _Row, place: Place, fill_parking_time: bool) -> tuple[int, Record]:
    changed = max(row.start.at, (row.end or row.start).at) + SENT_AFTER_S
    return changed, cdr_record(
        place,
        cdr_id=row.cdr_id,
        start=row.start.sent,
        end=row.end.sent if row.end else None,
        contract_id=row.contract_id,
        token_uid=row.token_uid,
        token_type=TOKEN_TYPE,
        periods=_periods(row),
        energy_kwh=row.energy_kwh,
        total_time_h=row.total_time_h,
        parking_time_h=row.parking_time_h if fill_parking_time else None,
        energy_cost_eur=COST_EUR,
        fixed_cost_eur=COST_EUR,
        last_updated=text(changed),
    )


def _periods(row: _Row) -> list[Period]:
    """One period of charging with all the energy, then one of parking; neither file has more."""
    total_h = row.total_time_h or 0.0
    charging_h = round(total_h - row.parking_time_h, 4)
    if not row.start.is_possible or not SHORTEST_PARKING_H <= row.parking_time_h <= total_h:
        return [Period(row.start.sent, row.energy_kwh, charging_h)]
    parking_from = text(row.start.at + round(charging_h * 3600))
    return [
        Period(row.start.sent, row.energy_kwh, charging_h),
        Period(parking_from, 0.0, row.parking_time_h, is_parking=True),
    ]


def moment(year: int, month: int, day: int, time: str, zone: ZoneInfo) -> SentMoment:
    """A local date and time (HH:MM or HH:MM:SS) as it is sent: in UTC; or, where there is no such day, as it stands."""
    hour, minute, second = ([int(part) for part in time.split(":")] + [0])[:3]
    local = datetime(year, month, 1, hour, minute, second, tzinfo=zone) + timedelta(days=day - 1)
    at = seconds(local)
    if (local.month, local.day) == (month, day):
        return SentMoment(text(at), at, True)
    return SentMoment(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z", at, False)


_LONDON = ZoneInfo("Europe/London")
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def _dundee(rows: list[dict[str, str]]) -> tuple[list[list[Charger]], list[_Row]]:
    stations = sorted({row["CP ID"] for row in rows})
    points: dict[tuple[str, str], int] = {}
    chargers: list[list[Charger]] = []
    for station in stations:
        own = [row for row in rows if row["CP ID"] == station]
        connectors = sorted({row["Connector"] for row in own})
        points |= {(station, connector): len(points) + place for place, connector in enumerate(connectors)}
        chargers.append([_dundee_charger(own[0]["Model"])] * len(connectors))
    return chargers, [_dundee_row(row, points[row["CP ID"], row["Connector"]]) for row in rows]


def _dundee_charger(model: str) -> Charger:
    if "7kW" in model:
        return stock.AC_7
    return stock.AC_22 if "22kW" in model else stock.DC_50


def _dundee_row(row: dict[str, str], charge_point: int) -> _Row:
    start = _dundee_moment(row["Start Date"], row["Start Time"])
    end = _dundee_moment(row["End Date"], row["End Time"]) if row["End Date"] and row["End Time"] else None
    user = row["User ID"].strip()
    return _Row(
        cdr_id=f"DUNDEE-{row['Charging event']}",
        charge_point=charge_point,
        start=start,
        end=end,
        contract_id=f"GB-CPS-C{user:0>8}-X" if user else None,
        token_uid=f"CPS{user}" if user else None,
        energy_kwh=float(row["Total kWh"]) if row["Total kWh"] else None,
        total_time_h=round((end.at - start.at) / 3600, 4) if end else None,
        parking_time_h=DUNDEE_PARKING_TIME_H,
    )


def _dundee_moment(date: str, time: str) -> SentMoment:
    day, month, year = (int(part) for part in date.split("/"))
    return moment(year, month, day, time, _LONDON)


def _nl(rows: list[dict[str, str]]) -> tuple[list[list[Charger]], list[_Row]]:
    chargers = [[stock.AC_22, stock.AC_22]] * NL_LOCATIONS
    return chargers, [_nl_row(row, number) for number, row in enumerate(rows, start=1)]


def _nl_row(row: dict[str, str], number: int) -> _Row:
    connected_h, charging_h = float(row["ConnectedTime"]), float(row["ChargeTime"])
    return _Row(
        cdr_id=f"HVA-{number:06d}",
        charge_point=number % (2 * NL_LOCATIONS),
        start=_nl_moment(row["Started"]),
        end=_nl_moment(row["Ended"]),
        contract_id=f"NL-HVA-C{number:08d}-X",
        token_uid=f"HVA{number:08d}",
        energy_kwh=round(float(row["TotalEnergy"]) / 1000, 4),
        total_time_h=connected_h,
        parking_time_h=round(connected_h - charging_h, 4),
    )


def _nl_moment(stamp: str) -> SentMoment:
    year, month, day, time = re.split(r"[- ]", stamp)
    return moment(int(year), int(month), int(day), time, _AMSTERDAM)


def _boulder(rows: list[dict[str, str]]) -> tuple[list[list[Charger]], list[_Row]]:
    """Each station has two sockets and the file does not say which: a session is on the one that was free first."""
    stations = {name: number for number, name in enumerate(sorted({row["Station_Name"] for row in rows}))}
    free_at = [0] * (2 * len(stations))
    sessions = []
    for row in sorted(rows, key=lambda row: (row["Start_Date___Time"], int(row["ObjectId"]))):
        sockets = [2 * stations[row["Station_Name"]], 2 * stations[row["Station_Name"]] + 1]
        socket = min(sockets, key=lambda one: (free_at[one], one))
        session = _boulder_row(row, socket)
        free_at[socket] = session.end.at if session.end else free_at[socket]
        sessions.append(session)
    return [[stock.AC_7, stock.AC_7]] * len(stations), sessions


def _boulder_row(row: dict[str, str], charge_point: int) -> _Row:
    number = int(row["ObjectId"])
    total_h, charging_h = _hours(row["Total_Duration__hh_mm_ss_"]), _hours(row["Charging_Time__hh_mm_ss_"])
    return _Row(
        cdr_id=f"BOULDER-{number:06d}",
        charge_point=charge_point,
        start=_boulder_moment(row["Start_Date___Time"]),
        end=_boulder_moment(row["End_Date___Time"]),
        contract_id=f"NL-BLD-C{number:08d}-X",
        token_uid=f"BLD{number:08d}",
        energy_kwh=float(row["Energy__kWh_"]),
        total_time_h=total_h,
        parking_time_h=round(total_h - charging_h, 4),
    )


def _hours(duration: str) -> float:
    hours, minutes, second = (int(part) for part in duration.split(":"))
    return round(hours + minutes / 60 + second / 3600, 4)


def _boulder_moment(stamp: str) -> SentMoment:
    year, month, day, time = re.split(r"[/ ]", stamp.removesuffix("+00"))
    return moment(int(year), int(month), int(day), time, ZoneInfo("UTC"))


_READERS: dict[str, Callable[[list[dict[str, str]]], tuple[Sequence[Sequence[Charger]], list[_Row]]]] = {
    "dundee": _dundee,
    "nl": _nl,
    "boulder": _boulder,
}
