"""How far a month's figures can be relied on: coverage, as known on, provisional or final.

Here: which days of a month each CPO is asked for, and which of them complete deliveries of CDRs cover. Not here: the figures.
A day is asked for when a permission holds on it; it is covered when the window of last_updated that holds it is in, complete.
The days of a CPO count in every area in which it had an EVSE or a session that month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import pyarrow as pa

from linda_pipeline.calendar import local_date, month_bounds, window_of
from linda_pipeline.ledger.entry import judgements
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

FINAL_AFTER_DAYS = 28
"""A month is final when all of it is in and four weeks have passed since its end."""
ALL = "ALL"
Permitted = tuple[date, date | None]
"""The first and the last day (None: no end) of a permission."""
PRESENCES = pa.schema([(name, pa.string()) for name in ("month", "area_level", "area_code", "cpo")])
"""Where each CPO had an EVSE or a session in a month."""
DAYS = pa.schema(
    [
        ("month", pa.string()),
        ("cpo", pa.string()),
        ("asked_days", pa.int64()),
        ("covered_days", pa.int64()),
        ("as_known_on", pa.date32()),
        ("final_from", pa.date32()),
        ("is_expected", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class JudgedDelivery:
    """A delivery that was judged: whether it is complete, when it was pulled, and the permissions that it rested on."""

    delivery: Delivery
    complete: bool
    pulled_at: datetime
    permitted: tuple[Permitted, ...] = ()


def judged_deliveries(lake: Lake) -> list[JudgedDelivery]:
    """Every judged delivery of both modules, in order."""
    return [
        JudgedDelivery(
            one.delivery,
            one.complete,
            one.pulled_at,
            tuple(
                (date.fromisoformat(held["from"]), _day(held["until"])) for held in one.permissions.get("bearing", [])
            ),
        )
        for module in MODULES
        for one in judgements(lake, module)
    ]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def days(months: Sequence[str], judged: Sequence[JudgedDelivery], register: Mapping[str, Cpo]) -> pa.Table:
    """DAYS: per month and CPO how many days are asked for and covered, and the Amsterdam date of its newest delivery.

    Permissions are those of the register; of a CPO that is no longer in it, those that its deliveries were judged by, and
    where none are noted every day is asked for. `is_expected`: it may be pulled and has a permission in the month, so that
    the nation is not whole without it, whatever it delivered.
    """
    covering = {
        (one.delivery.cpo, one.delivery.window) for one in judged if one.delivery.module == "cdrs" and one.complete
    }
    newest: dict[str, date] = {}
    noted: dict[str, set[Permitted]] = {}
    for one in judged:
        cpo = one.delivery.cpo
        newest[cpo] = max(newest.get(cpo, date.min), local_date(one.pulled_at))
        noted.setdefault(cpo, set()).update(one.permitted)
    rows = []
    for month in months:
        in_month, final_from = _days_of(month)
        for cpo in sorted({*register, *newest}):
            known = register.get(cpo)
            permitted = noted[cpo] if known is None else {(one.start, one.until) for one in known.permissions}
            if known is None and not permitted:
                permitted = {(date.min, None)}
            asked = [day for day in in_month if any(_holds(one, day) for one in permitted)]
            rows.append(
                {
                    "month": month,
                    "cpo": cpo,
                    "asked_days": len(asked),
                    "covered_days": sum((cpo, window_of(day)) in covering for day in asked),
                    "as_known_on": newest.get(cpo),
                    "final_from": final_from,
                    "is_expected": known is not None and known.active and bool(asked),
                }
            )
    return pa.Table.from_pylist(rows, schema=DAYS)


def _days_of(month: str) -> tuple[list[date], date]:
    """The days of a month, and the first day on which its figures can be final."""
    start, end = month_bounds(month)
    first, after = local_date(start), local_date(end)
    return [first + timedelta(days=number) for number in range((after - first).days)], after + timedelta(
        days=FINAL_AFTER_DAYS
    )


def _holds(permitted: Permitted, day: date) -> bool:
    start, until = permitted
    return start <= day and (until is None or day <= until)


RELIANCE = f"""
WITH counted AS (
    SELECT month, area_level, area_code, cpo, asked_days, covered_days, as_known_on, final_from
    FROM (SELECT DISTINCT * FROM presence) JOIN days USING (month, cpo)
    UNION
    SELECT month, 'nation', 'NL', cpo, asked_days, covered_days, as_known_on, final_from FROM days WHERE is_expected
),
scoped AS (
    FROM counted
    UNION ALL
    SELECT month, area_level, area_code, '{ALL}', sum(asked_days), sum(covered_days), max(as_known_on), max(final_from)
    FROM counted GROUP BY month, area_level, area_code
)
SELECT month, area_level, area_code, cpo,
    covered_days / nullif(asked_days, 0) AS coverage,
    CASE WHEN covered_days = asked_days AND asked_days > 0 AND as_known_on >= final_from THEN 'final' ELSE 'provisional' END
        AS status,
    as_known_on
FROM scoped
"""
"""Coverage, status and as_known_on per month, area and CPO, from `days` and from `presence` (month, area_level, area_code,
cpo: where each CPO had an EVSE or a session)."""


def create_reliance(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[JudgedDelivery], register: Mapping[str, Cpo]
) -> None:
    """Make the table `reliance` (RELIANCE) for every month of the relation `presence`."""
    months = [row[0] for row in connection.execute("SELECT DISTINCT month FROM presence ORDER BY month").fetchall()]
    connection.register("days", days(months, judged, register))
    connection.execute(
        f"CREATE TABLE reliance AS SELECT * FROM ({RELIANCE}) ORDER BY month, area_level, area_code, cpo"
    )
    connection.unregister("days")
