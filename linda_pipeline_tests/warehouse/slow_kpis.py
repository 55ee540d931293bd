"""The KPIs in plain Python loops, as their definitions read: slow, and with nothing of the SQL reused.

Here: every figure of a KPI from rows of `cdrs` and `evses`. Not here: any test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from linda_pipeline.calendar import AMSTERDAM, local_date, month_bounds, months_between

Row = dict[str, Any]
Cut = tuple[str, str, str, str, str, str | None]
"""(month, area_level, area_code, cpo, statistic, dimension)."""
ALL = "ALL"
SECOND = timedelta(seconds=1)


class Figure(NamedTuple):
    """What a row of a KPI says."""

    value: float | None
    sessions: int | None
    users: int | None
    evses: int | None
    share_known: float | None
    share_warned: float | None


def scopes(row: Row, cpo: str) -> Iterator[tuple[str, str, str]]:
    """Where a row counts for a CPO, or for all CPOs together."""
    yield ("nation", "NL", cpo)
    if row["nal_region"]:
        yield ("nal_region", row["nal_region"], cpo)
    if row["gemeente_code"]:
        yield ("gemeente", row["gemeente_code"], cpo)
    if row["cbs_cell_500m"] and cpo == ALL:
        yield ("cell_500m", row["cbs_cell_500m"], cpo)


def sessions_of(cdrs: Iterable[Row]) -> dict[str, list[Row]]:
    """CPO (or ALL) -> its sessions; the same session (EVSE, start and end to the second, energy to the Wh) once, as it was
    first delivered."""
    found: dict[str, list[Row]] = defaultdict(list)
    seen = set()
    ordered = sorted(cdrs, key=lambda row: (row["window"], row["cpo"], row["page"], row["position"]))
    for row in ordered:
        at = row["evse_key"] or f"{row['cpo']}/{row['cdr_id']}"
        moments = (int(row[name].timestamp() // 1) for name in ("start_date_time", "end_date_time"))
        what = (at, *moments, round(row["total_energy_kwh"], 3))
        for cpo in (row["cpo"], ALL):
            if (cpo, *what) not in seen:
                seen.add((cpo, *what))
                found[cpo].append(row)
    return found


def connection_h(row: Row) -> float:
    return float((row["end_date_time"] - row["start_date_time"]) / timedelta(hours=1))


def charging_h(row: Row) -> float | None:
    if row["total_parking_time_h"] is None or row["total_time_h"] is None:
        return None
    return float(min(max(row["total_time_h"] - row["total_parking_time_h"], 0.0), connection_h(row)))


def is_warned(row: Row) -> bool:
    return bool(row.get("plausibility_warnings"))


def users(rows: Iterable[Row]) -> set[str]:
    return {row["user_pseudonym"] for row in rows} - {None}


def evses(rows: Iterable[Row]) -> set[str]:
    return {row["evse_key"] for row in rows} - {None}


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


Statistic = tuple[str, str | None, float | None, float | None]
"""(statistic, dimension, value, share_warned)."""


def _sums(rows: list[Row], of: Callable[[Row], float]) -> tuple[float, float]:
    """The sum over rows, and over those that are warned."""
    return sum(map(of, rows)), sum(of(row) for row in rows if is_warned(row))


def _of_rows(rows: list[Row]) -> float | None:
    return share(sum(map(is_warned, rows)), len(rows))


def _energy(rows: list[Row]) -> list[Statistic]:
    whole, warned = _sums(rows, lambda row: row["total_energy_kwh"])
    return [("value", None, whole if rows else None, share(warned, whole))]


def _energy_per_session(rows: list[Row]) -> list[Statistic]:
    energies = [row["total_energy_kwh"] for row in rows]
    whole, warned = _sums(rows, lambda row: row["total_energy_kwh"])
    found: list[Statistic] = [("mean", None, share(whole, len(rows)), share(warned, whole))]
    for name, part in (("median", 0.5), ("p10", 0.1), ("p90", 0.9)):
        found.append((name, None, float(np.quantile(energies, part)) if rows else None, _of_rows(rows)))
    return found


def _lengths(rows: list[Row], of: Callable[[Row], float]) -> list[Statistic]:
    whole, warned = _sums(rows, of)
    return [
        ("mean", None, share(whole, len(rows)), share(warned, whole)),
        ("median", None, median(map(of, rows)) if rows else None, _of_rows(rows)),
    ]


def _known_charging(row: Row) -> float:
    told = charging_h(row)
    assert told is not None
    return told


def _idle(rows: list[Row]) -> list[Statistic]:
    return _lengths(rows, lambda row: connection_h(row) - _known_charging(row))[:1]


def _ratio(rows: list[Row]) -> list[Statistic]:
    whole, warned = _sums(rows, connection_h)
    return [("value", None, share(sum(map(_known_charging, rows)), whole), share(warned, whole))]


def _charges(row: Row) -> bool:
    return charging_h(row) is not None


def _has_energy(row: Row) -> bool:
    return bool(abs(row["total_energy_kwh"]) < 1e12)


_OF_SESSIONS: dict[str, tuple[Callable[[list[Row]], list[Statistic]], Callable[[Row], bool] | None]] = {
    "sessions": (lambda rows: [("value", None, len(rows), _of_rows(rows))], None),
    "energy": (_energy, _has_energy),
    "energy_per_session": (_energy_per_session, _has_energy),
    "connection_time": (lambda rows: _lengths(rows, connection_h), None),
    "charging_time": (lambda rows: _lengths(rows, _known_charging), _charges),
    "idle_time": (_idle, _charges),
    "charge_time_ratio": (_ratio, _charges),
}


def figures(kpi_id: str, cdrs: list[Row], versions: list[Row]) -> dict[Cut, Figure]:
    """Every figure of a KPI."""
    if kpi_id == "occupancy":
        return occupancy(cdrs, versions)
    if kpi_id == "charge_points":
        return charge_points(cdrs, versions)
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for cpo, rows in sessions_of(cdrs).items():
        for row in rows:
            month = f"{row['start_date_time'].astimezone(AMSTERDAM):%Y-%m}"
            for scope in scopes(row, cpo):
                groups[(month, *scope)].append(row)
    if kpi_id == "unique_users":
        return unique_users(groups)
    reckon, is_known = _OF_SESSIONS[kpi_id]
    found = {}
    for cut, rows in groups.items():
        counted = [row for row in rows if is_known is None or is_known(row)]
        known = None if is_known is None else len(counted) / len(rows)
        for statistic, dimension, value, warned in reckon(counted):
            what = Figure(value, len(counted), len(users(counted)), len(evses(counted)), known, warned)
            found[(*cut, statistic, dimension)] = what
    return found


def unique_users(groups: dict[tuple[str, str, str, str], list[Row]]) -> dict[Cut, Figure]:
    found: dict[Cut, Figure] = {}
    for cut, rows in groups.items():
        for dimension in (None, "token_type=AD_HOC_USER"):
            mine = [row for row in rows if (row.get("token_type") == "AD_HOC_USER") == (dimension is not None)]
            if mine:
                people, sure = users(mine), users(row for row in mine if not is_warned(row))
                warned = share(len(people) - len(sure), len(people))
                found[(*cut, "value", dimension)] = Figure(
                    len(people), len(mine), len(people), len(evses(mine)), None, warned
                )
    return found


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)


def service(cdrs: list[Row], versions: list[Row]) -> list[tuple[Row, datetime, datetime]]:
    """Each version of an EVSE with the moments from and until which it was in service."""
    own: dict[tuple[str, str], datetime] = {}
    for row in cdrs:
        key = (row["cpo"], row["evse_key"])
        own[key] = min(own.get(key, row["start_date_time"]), row["start_date_time"])
    first: dict[tuple[str, str], date] = {}
    for row in versions:
        key = (row["cpo"], row["evse_key"])
        first[key] = min(first.get(key, row["valid_from"]), row["valid_from"])
    found = []
    for row in versions:
        key = (row["cpo"], row["evse_key"])
        start = midnight(row["valid_from"])
        if row["valid_from"] == first[key] and key in own:
            start = min(start, own[key])
        ended = row["end_reason"] in ("changed", "removed")
        found.append((row, start, midnight(row["valid_to"] if ended else row["last_seen"] + timedelta(days=1))))
    return found


def merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans of time as few that do not overlap."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def cut_off(
    spans: Iterable[tuple[datetime, datetime]], others: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """The parts of spans that lie in others."""
    others = list(others)
    parts = [(max(start, first), min(end, last)) for start, end in spans for first, last in others]
    return [part for part in parts if part[0] < part[1]]


def length(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())


def occupancy(cdrs: list[Row], versions: list[Row]) -> dict[Cut, Figure]:
    in_service: dict[Any, timedelta] = defaultdict(timedelta)
    occupied: dict[Any, timedelta] = defaultdict(timedelta)
    sure: dict[Any, timedelta] = defaultdict(timedelta)
    there: dict[Any, set[str]] = defaultdict(set)
    counted: dict[Any, list[Row]] = defaultdict(list)
    of_cpo = sessions_of(cdrs)
    spans_of: dict[tuple[str, str], list[tuple[Row, datetime, datetime]]] = defaultdict(list)
    for piece in service(cdrs, versions):
        spans_of[(piece[0]["cpo"], piece[0]["evse_key"])].append(piece)
        spans_of[(ALL, piece[0]["evse_key"])].append(piece)
    of_evse: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for cpo, rows in of_cpo.items():
        for row in rows:
            of_evse[(cpo, row["evse_key"])].append(row)
    for (cpo, key), pieces in spans_of.items():
        spans = merged((start, end) for _, start, end in pieces)
        first, last = min(start for _, start, _ in pieces), max(end for _, _, end in pieces)
        for month in months_between(f"{first.astimezone(AMSTERDAM):%Y-%m}", f"{last.astimezone(AMSTERDAM):%Y-%m}"):
            bounds = [month_bounds(month)]
            hours = cut_off(spans, bounds)
            if not hours:
                continue
            mine = [piece for piece in pieces if cut_off([piece[1:]], bounds)]
            place = max(mine, key=lambda piece: (piece[1], piece[0]["cpo"]))[0]
            rows, parts, sure_parts = [], [], []
            for row in of_evse[(cpo, key)]:
                own = cut_off([(row["start_date_time"], row["end_date_time"])], hours)
                if own:
                    rows.append(row)
                    parts += own
                    sure_parts += [] if is_warned(row) else own
            for scope in scopes(place, cpo):
                cut = (month, *scope)
                in_service[cut] += length(hours)
                occupied[cut] += length(merged(parts))
                sure[cut] += length(merged(sure_parts))
                there[cut].add(key)
                counted[cut] += rows
    return {
        (*cut, "value", None): Figure(
            occupied[cut] / whole,
            len(counted[cut]),
            len(users(counted[cut])),
            len(there[cut]),
            None,
            1 - sure[cut] / occupied[cut] if occupied[cut] else None,
        )
        for cut, whole in in_service.items()
    }


def charge_points(cdrs: list[Row], versions: list[Row]) -> dict[Cut, Figure]:
    newest: dict[str, date] = {}
    for row in versions:
        newest[row["cpo"]] = max(newest.get(row["cpo"], date.min), row["last_seen"])
    pieces = service(cdrs, versions)
    of_cpo = sessions_of(cdrs)
    counted: dict[Any, dict[str, str]] = defaultdict(dict)
    used: dict[Any, list[Row]] = defaultdict(list)
    months = months_between(f"{min((p[1] for p in pieces), default=datetime(2026, 1, 1, tzinfo=UTC)):%Y-%m}", "2027-03")
    for month in months:
        start, end = month_bounds(month)
        there: dict[str, dict[str, tuple[datetime, str, Row]]] = defaultdict(dict)
        for row, begin, until in pieces:
            day = min(local_date(end - timedelta(hours=1)), newest[row["cpo"]])
            is_there = begin < midnight(day + timedelta(days=1)) and (until > midnight(day) or row["valid_to"] is None)
            if midnight(day) < start or not is_there:
                continue
            for cpo in (row["cpo"], ALL):
                before = there[cpo].get(row["evse_key"])
                # The version that began last; of two CPOs that began at once the first by name.
                if before is None or (begin, before[1]) > (before[0], row["cpo"]):
                    there[cpo][row["evse_key"]] = (begin, row["cpo"], row)
        for cpo, points in there.items():
            begun = defaultdict(list)
            for session in of_cpo.get(cpo, []):
                if start <= session["start_date_time"] < end:
                    begun[session["evse_key"]].append(session)
            for key, (_, _, row) in points.items():
                for scope in scopes(row, cpo):
                    counted[(month, *scope)][key] = row["power_class"] or "unknown"
                    used[(month, *scope)] += begun[key]
    found: dict[Cut, Figure] = {}
    for cut, classes in counted.items():
        found[(*cut, "value", None)] = Figure(len(classes), None, None, len(classes), None, None)
        for name in set(classes.values()):
            number = sum(one == name for one in classes.values())
            found[(*cut, "value", f"power={name}")] = Figure(number, None, None, number, None, None)
        rows = used[cut]
        keys, sure = evses(rows), evses(row for row in rows if not is_warned(row))
        warned = share(len(keys) - len(sure), len(keys))
        found[(*cut, "value", "used=yes")] = Figure(len(keys), len(rows), len(users(rows)), len(keys), None, warned)
    return found
