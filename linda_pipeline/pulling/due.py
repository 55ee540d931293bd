"""Which deliveries should be in by now, and are not: the one reckoning for alerts, checks and `linda deliveries`.

Here: when a delivery is due, which ones are expected, and why one is missing. In is what was judged from a complete pull; what
was pulled and never judged stands in no figure. Not here: coverage of figures (warehouse), and who is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from linda_pipeline.calendar import AMSTERDAM, WINDOW_DAYS, local_date, newest_ended_window, windows_between
from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome
from linda_pipeline.ledger.entry import JudgementUnreadable, find_judgement
from linda_pipeline.pulling.books import all_attempts, all_deliveries
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

CDRS_DUE_AT, LOCATIONS_DUE_AT = time(17, 0), time(12, 0)
"""In Amsterdam: the CDRs on the Monday after their window, the Locations on the day of their night."""
NIGHTS_LOOKED_BACK = 14
"""A night of Locations cannot be pulled afterwards; older ones are history."""
WINDOWS_BACK = 26
"""A year: so many windows back a backfill can be picked; older ones are named."""


@dataclass(frozen=True)
class Missed:
    """A delivery that is due and not in."""

    delivery: Delivery
    due: datetime
    """From this moment on it is missed."""
    why: str
    """How its last attempt ended, or that there was none."""
    is_newest: bool
    """Whether it is the newest that is due of its CPO and module."""


def due_at(delivery: Delivery) -> datetime:
    """The moment from which a delivery that is not in is missed."""
    if delivery.module == "locations":
        return datetime.combine(delivery.window, LOCATIONS_DUE_AT, AMSTERDAM)
    return datetime.combine(pull_day(delivery), CDRS_DUE_AT, AMSTERDAM)


def pull_day(delivery: Delivery) -> date:
    """The Amsterdam day on which a delivery is asked for: the Monday after a window, or the night itself."""
    return delivery.window if delivery.module == "locations" else delivery.window + timedelta(days=WINDOW_DAYS)


def missed(lake: Lake, register: Mapping[str, Cpo], now: datetime) -> list[Missed]:
    """Every delivery that is due and not in, in order; only of a CPO that may be pulled on the day it is asked for.

    Windows and nights since the first that was ever attempted of the CPO (of a CPO that never was: the newest alone), nights no
    further back than fourteen days. A portal that attempted nothing of a module has not begun with it: nothing of it is missed.
    """
    missing = []
    begun = {module for module in MODULES if all_deliveries(lake, module=module)}
    for cpo in register.values():
        for module in sorted(begun):
            due = _due(lake, cpo, module, now)
            missing += [
                Missed(delivery, due_at(delivery), why, delivery == due[-1])
                for delivery in due
                if cpo.may_be_pulled_on(pull_day(delivery)) and (why := _why_not_in(lake, delivery))
            ]
    return sorted(missing, key=lambda late: late.delivery)


def windows_to_pick(cpo: Cpo, now: datetime) -> list[date]:
    """The windows of a CPO that a backfill can pick: the newest that ended, and those of the year before it in which the CPO
    had a permission."""
    newest = newest_ended_window(now)
    first = min((permission.start for permission in cpo.permissions), default=newest)
    return windows_between(max(first, newest - timedelta(days=WINDOW_DAYS * (WINDOWS_BACK - 1))), newest) or [newest]


def _due(lake: Lake, cpo: Cpo, module: str, now: datetime) -> list[Delivery]:
    """The deliveries of a CPO that are due by now, in order."""
    known = [delivery.window for delivery in all_deliveries(lake, module=module, cpo=cpo.key)]
    if module == "cdrs":
        newest = newest_ended_window(now)
        opened = windows_between(min([*known, newest - timedelta(days=WINDOW_DAYS)]), newest)
    else:
        today = local_date(now)
        opened = [today - timedelta(days=back) for back in range(NIGHTS_LOOKED_BACK, -1, -1)]
    due = [delivery for delivery in (Delivery(module, cpo.key, day) for day in opened) if due_at(delivery) <= now]
    return [delivery for delivery in due if delivery.window >= min(known)] if known else due[-1:]


def _why_not_in(lake: Lake, delivery: Delivery) -> str | None:
    try:
        judgement = find_judgement(lake, delivery)
    except JudgementUnreadable as failure:
        return str(failure)
    if judgement is not None and judgement.complete:
        return None
    tried = all_attempts(lake, delivery)
    return _told(tried[-1]) if tried else "it was never pulled"


def _told(last: Attempt) -> str:
    if last.failure:
        return last.failure["message"] or f"the last attempt failed ({last.failure['kind']})"
    if last.outcome == AttemptOutcome.COMPLETE:
        return "it was pulled whole, but not judged"
    return last.doubt or f"the last attempt ended as {last.outcome.value}"
