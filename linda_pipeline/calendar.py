"""Windows, nights and months: the portal's reckoning of time.

Here: the 14-day windows of CDRs counted from the anchor Monday, the nights of Locations, local months in
Europe/Amsterdam, due dates and working days. Not here: the clock. Nothing in this module asks what time it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ANCHOR = date(2025, 1, 6)
"""The Monday from which all windows are counted, forwards and backwards (the parity of ISO weeks breaks in a year of 53)."""
WINDOW_DAYS = 14
REDELIVERY_DAYS = 28
"""A CPO delivers corrected CDRs again within four weeks (art. 13)."""


def window_of(day: date) -> date:
    """The Monday that opens the window in which a day (of last_updated, UTC) falls."""
    return ANCHOR + timedelta(days=(day - ANCHOR).days // WINDOW_DAYS * WINDOW_DAYS)


def is_window(day: date) -> bool:
    """Whether a day opens a window."""
    return window_of(day) == day


def window_bounds(window: date) -> tuple[datetime, datetime]:
    """A window's bounds in UTC: the first moment in it, and the first moment after it."""
    start = datetime(window.year, window.month, window.day, tzinfo=UTC)
    return start, start + timedelta(days=WINDOW_DAYS)


def newest_ended_window(now: datetime) -> date:
    """The newest window that has ended at a moment with a time zone."""
    return window_of(now.astimezone(UTC).date()) - timedelta(days=WINDOW_DAYS)


def windows_between(first: date, last: date) -> list[date]:
    """The windows that hold any day from first to last, both included."""
    found, window = [], window_of(first)
    while window <= last:
        found.append(window)
        window += timedelta(days=WINDOW_DAYS)
    return found


def local_date(moment: datetime) -> date:
    """The Amsterdam date of a moment with a time zone."""
    return moment.astimezone(AMSTERDAM).date()


def due_date(pulled_at: datetime) -> date:
    """The last day on which corrected CDRs of a delivery may come: 28 days after the Amsterdam date of its pull."""
    return local_date(pulled_at) + timedelta(days=REDELIVERY_DAYS)


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """The bounds in UTC of a local month such as '2026-11'. March is an hour short, October an hour long."""
    year, number = int(month[:4]), int(month[5:])
    following = (year + number // 12, number % 12 + 1)
    return (
        datetime(year, number, 1, tzinfo=AMSTERDAM).astimezone(UTC),
        datetime(*following, 1, tzinfo=AMSTERDAM).astimezone(UTC),
    )


def months_between(first: str, last: str) -> Iterator[str]:
    """The months from first to last, both included, as 'YYYY-MM'."""
    year, number = int(first[:4]), int(first[5:])
    while f"{year:04d}-{number:02d}" <= last:
        yield f"{year:04d}-{number:02d}"
        year, number = (year + 1, 1) if number == 12 else (year, number + 1)


@lru_cache(maxsize=64)
def _days_off(year: int) -> frozenset[date]:
    """The days on which no term ends (Algemene termijnenwet, art. 3). Liberation Day is one in every year; the package counts
    it among the public holidays in lustrum years only, and else as optional."""
    import holidays  # a moment's work, and few commands ask for a holiday

    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


def is_working_day(day: date) -> bool:
    """Whether people work on a day: no weekend, no Dutch public holiday, nor 5 May."""
    return day.weekday() < 5 and day not in _days_off(day.year)


def add_working_days(day: date, count: int) -> date:
    """The day that lies a number of working days after a day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def stamp(moment: datetime) -> str:
    """A moment as it stands in folder names: 20261123T030211Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def moment_of(stamp_text: str) -> datetime:
    """The moment that a stamp names."""
    return datetime.strptime(stamp_text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
