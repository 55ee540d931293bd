"""How far a month's figures can be relied on: coverage, as known on, provisional or final.

Here: which deliveries of CDRs a month expects, and which are in. Not here: the figures. A month expects every window that
overlaps it, of every CPO that may be pulled on the day on which that window is pulled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from linda_pipeline.calendar import WINDOW_DAYS, local_date, month_bounds, windows_between
from linda_pipeline.ledger.entry import judgements
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

FINAL_AFTER_DAYS = 28
"""A month is final when all of it is in and four weeks have passed."""
ALL = "ALL"
RELIANCE = pa.schema(
    [
        ("month", pa.string()),
        ("cpo", pa.string()),
        ("coverage", pa.float64()),
        ("status", pa.string()),
        ("as_known_on", pa.date32()),
    ]
)


@dataclass(frozen=True)
class Judged:
    """A delivery that was judged: whether it is complete, and when it was pulled."""

    delivery: Delivery
    complete: bool
    pulled_at: datetime


def judged_deliveries(lake: Lake) -> list[Judged]:
    """Every judged delivery of both modules, in order."""
    return [Judged(one.delivery, one.complete, one.pulled_at) for module in MODULES for one in judgements(lake, module)]


def expected_deliveries(register: Mapping[str, Cpo], judged: Iterable[Delivery]) -> list[Delivery]:
    """The CDR windows that the register makes one expect: from the first window judged, of whichever CPO, to the end of the
    month in which the newest one ends; of each CPO, those at whose pull it is active and has a permission."""
    windows = [delivery.window for delivery in judged if delivery.module == "cdrs"]
    if not windows:
        return []
    newest_end = max(windows) + timedelta(days=WINDOW_DAYS - 1)
    last = month_bounds(f"{newest_end:%Y-%m}")[1] - timedelta(microseconds=1)
    return [
        Delivery("cdrs", cpo.key, window)
        for cpo in register.values()
        for window in windows_between(min(windows), last.date())
        if cpo.may_be_pulled_on(window + timedelta(days=WINDOW_DAYS))
    ]


def reliance(months: Sequence[str], judged: Sequence[Judged], expected: Iterable[Delivery]) -> pa.Table:
    """Coverage, status and as_known_on per month and CPO, and for ALL. Coverage is null where nothing is expected."""
    arrived = {
        (one.delivery.cpo, one.delivery.window) for one in judged if one.delivery.module == "cdrs" and one.complete
    }
    due = {(one.cpo, one.window) for one in expected if one.module == "cdrs"}
    due |= {(one.delivery.cpo, one.delivery.window) for one in judged if one.delivery.module == "cdrs"}
    cpos = sorted({cpo for cpo, _ in due} | {one.delivery.cpo for one in judged})
    known_on: dict[str, date] = {}
    for one in judged:
        for scope in (ALL, one.delivery.cpo):
            known_on[scope] = max(known_on.get(scope, date.min), local_date(one.pulled_at))
    rows = []
    for month in months:
        start, end = month_bounds(month)
        windows = windows_between(start.date(), (end - timedelta(microseconds=1)).date())
        final_from = local_date(end) + timedelta(days=FINAL_AFTER_DAYS)
        for scope in (ALL, *cpos):
            wanted = {(cpo, window) for cpo in (cpos if scope == ALL else [scope]) for window in windows} & due
            coverage = len(wanted & arrived) / len(wanted) if wanted else None
            day = known_on.get(scope)
            final = coverage == 1 and day is not None and day >= final_from
            rows.append(
                {
                    "month": month,
                    "cpo": scope,
                    "coverage": coverage,
                    "status": "final" if final else "provisional",
                    "as_known_on": day,
                }
            )
    return pa.Table.from_pylist(rows, schema=RELIANCE)
